"""Block of code on a card: lines that are too long go on below, indented further."""

from __future__ import annotations

import math
import re

from PySide6.QtCore import QRectF, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QWidget

from gui.lessons.card.document import MIN_WIDTH, paint, prepare
from gui.lessons.card.type import card_font
from gui.theme import RADIUS, SMALL, SPACE, TINY, appearance, font
from gui.widgets.box import hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.label import Label

HANGING = 4
"""Characters by which the rest of a long line is indented further than its beginning."""
LEADING = 0.12
"""Space between lines, in line heights."""
COPY, COPIED = "Copy", "Copied"
LANGUAGES = {"python": "Python", "py": "Python"}
_PYTHON = re.compile(
    r"(?P<comment>#.*)|(?P<text>[rbf]?\"[^\"\n]*\"|[rbf]?'[^'\n]*')|(?P<keyword>\b(?:and|as|assert|"
    r"break|class|continue|def|elif|else|except|for|from|if|import|in|is|lambda|not|or|pass|raise|"
    r"return|try|while|with|yield|None|True|False)\b)"
)
COLOURS = {"comment": "muted", "text": "source", "keyword": "accent"}
"""Part of Python's grammar -> name of its colour in the theme."""


def code_font(scale: float) -> QFont:
    """Return a lesson's font for code. Args: scale: relative to a lesson's text."""
    result = card_font(scale)
    result.setFamilies(["DejaVu Sans Mono"])
    return result


class CodeText(QWidget):
    """The lines of code; its height follows from its width."""

    def __init__(self) -> None:
        super().__init__()
        self.code, self._is_python = "", False
        self._document = QTextDocument(self)
        prepare(self, self._document)
        appearance.changed.connect(self._on_appearance_changed)

    def show_code(self, code: str, *, is_python: bool) -> None:
        """Show code."""
        self.code, self._is_python = code, is_python
        self.setAccessibleName(code)
        self._on_appearance_changed()

    def heightForWidth(self, width: int) -> int:
        """Return the height of the code at a width."""
        self._document.setTextWidth(max(width, MIN_WIDTH))
        return math.ceil(self._document.size().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the code in the theme's colours."""
        self._document.setTextWidth(max(self.width(), MIN_WIDTH))
        paint(self, self._document, "text")

    @Slot()
    def _on_appearance_changed(self) -> None:
        letters = code_font(SMALL)
        self._document.setDefaultFont(letters)
        self._document.setPlainText(self.code)
        metrics, cursor = QFontMetricsF(letters), QTextCursor(self._document)
        block = self._document.begin()
        while block.isValid():
            line = block.text()
            hanging = len(line) - len(line.lstrip()) + HANGING
            form, indent = QTextBlockFormat(), hanging * metrics.horizontalAdvance("0")
            form.setLeftMargin(indent)
            form.setTextIndent(-indent)
            distance = QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value
            form.setLineHeight(LEADING * metrics.height(), distance)
            cursor.setPosition(block.position())
            cursor.setBlockFormat(form)
            block = block.next()
        if self._is_python:
            self._colour(cursor)
        self.updateGeometry()
        self.update()

    def _colour(self, cursor: QTextCursor) -> None:
        for match in _PYTHON.finditer(self.code):
            form = QTextCharFormat()
            form.setForeground(QColor(getattr(appearance.theme, COLOURS[match.lastgroup or ""])))
            cursor.setPosition(match.start())
            cursor.setPosition(match.end(), QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(form)


class CodeView(QWidget):
    """Code in a frame, with a button that copies it; before a room without the button."""

    problems: tuple[str, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self._lines = CodeText()
        self._shown = "", ""
        """Code and language."""
        self._language = Label(scale=TINY, colour="muted")
        self.copy = text_button(COPY, "copyCode", "Copy this code")
        self.copy.clicked.connect(self._on_copy_clicked)
        self._head = QWidget()
        hbox(self._language, 1, self.copy, on=self._head)
        vbox(self._head, self._lines, on=self, margins=(SPACE, SPACE // 2, SPACE // 2, SPACE))
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_code(self, code: str, language: str) -> None:
        """Show code. Args: language: as the fence names it; may be empty."""
        if (code, language) == self._shown:
            return
        self._shown = code, language
        name = LANGUAGES.get(language, language)
        self._language.show_text(name)
        self._lines.show_code(code, is_python=name == LANGUAGES["python"])
        self.copy.setText(COPY)

    def text(self) -> str:
        """Return the code."""
        return self._lines.code

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(appearance.theme.line))
        painter.setBrush(QColor(appearance.theme.page))
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(frame, RADIUS, RADIUS)
        painter.end()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._head.setHidden(appearance.sizes.compact)
        theme = appearance.theme
        self.copy.setFont(font(TINY))
        self.copy.setStyleSheet(f"""
            QPushButton {{ border: none; background: transparent; color: {theme.accent};
                padding: 0 {SPACE // 2}px; min-height: 0; }}
            QPushButton:hover, QPushButton:focus {{ text-decoration: underline; }}
        """)
        self.update()

    @Slot()
    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._lines.code)
        self.copy.setText(COPIED)
