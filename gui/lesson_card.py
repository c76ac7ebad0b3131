"""The text of one lesson or strategy, which can load nothing from outside itself."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QFrame, QTextEdit

from engine.protocol.messages import StrategyInfo
from gui.lessons import Lesson, LessonError
from gui.theme import SPACE, font, look

LINE_PERCENT = 116
SCALE = 0.95


class ClosedDocument(QTextDocument):
    """A document that asks nobody for a picture or a style sheet: no file, no network."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.refused: list[str] = []

    def loadResource(self, _kind: int, name: QUrl | str) -> Any:
        """Nothing, whatever is asked for."""
        self.refused.append(name if isinstance(name, str) else name.toString())
        return ""


class LessonCard(QTextEdit):
    """Reads a lesson out; scrolls where it is longer than its place."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: Lesson | LessonError | StrategyInfo | None = None
        self.setObjectName("lessonCard")
        self.setAccessibleName("Lesson")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setAcceptDrops(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDocument(ClosedDocument(self))
        self.viewport().setAutoFillBackground(False)
        self.setViewportMargins(SPACE, 0, SPACE // 2, 0)
        look.changed.connect(self._on_look_changed)

    def show_lesson(self, lesson: Lesson) -> None:
        """Show a lesson's text, and its source below."""
        self._shown = lesson
        self._read_out("\n\n".join(card.text for card in lesson.cards), lesson.source)

    def show_strategy(self, info: StrategyInfo | None) -> None:
        """Show what there is to know of a strategy without a lesson; None: nothing."""
        self._shown = info
        if info is None:
            self.clear()
        else:
            text = f"**{info.label}**\n\n{info.summary}\n\n{info.note}"
            self._read_out(text, info.source)

    def _read_out(self, markdown: str, source: str) -> None:
        self._dress()
        below = f"\n\n*{source}*" if source else ""
        self.document().setMarkdown(markdown + below, QTextDocument.MarkdownFeature.MarkdownNoHTML)
        self._space()

    def show_error(self, error: LessonError) -> None:
        """Say what is wrong with a file."""
        self._shown = error
        self._dress()
        self.setPlainText(f"This lesson cannot be read.\n\n{error}")
        self._space()

    def _dress(self) -> None:
        self.setStyleSheet(
            f"QTextEdit {{ color: {look.theme.text}; background: transparent; border: none; }}"
        )
        self.document().setDefaultFont(font(SCALE))
        self.document().setDocumentMargin(0)

    def _space(self) -> None:
        """Lines a little apart: easier to read, and from the back of a room."""
        document = self.document()
        block = document.begin()
        cursor = QTextCursor(document)
        while block.isValid():
            form = block.blockFormat()
            form.setLineHeight(LINE_PERCENT, 1)
            form.setTopMargin(0)
            form.setBottomMargin(7)
            cursor.setPosition(block.position())
            cursor.setBlockFormat(form)
            block = block.next()
        self.moveCursor(QTextCursor.MoveOperation.Start)  # what it shows is where it scrolls to

    @Slot()
    def _on_look_changed(self) -> None:
        match self._shown:
            case Lesson():
                self.show_lesson(self._shown)
            case LessonError():
                self.show_error(self._shown)
            case info:
                self.show_strategy(info)
