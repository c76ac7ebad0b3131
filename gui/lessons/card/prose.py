"""The text of a card: Markdown with formulas and with pictures of the lesson's own folder."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QUrl, Slot
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFontMetricsF,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.lessons.card.type import card_font, card_scale
from gui.lessons.formulas import OBJECT, draw_formulas_of, formula_format
from gui.lessons.pictures import PictureError, load_picture
from gui.lessons.tex import FORMULA, TexError
from gui.theme import appearance

LEADING, TERSE_LEADING = 0.30, 0.16
"""Between lines, of the height of one; easier to read. Before a room the lines are short, and the
card's room as well."""
PARAGRAPH, TERSE_PARAGRAPH = 0.65, 0.5
"""Between paragraphs, likewise."""
ABOVE_ALONE = 0.25
"""Above a formula on a line of its own, likewise."""
INDENT = 1.4
"""Of a list, likewise of the text's size."""
LEAST_WIDTH = 60
"""Pixels; a text that has no place yet is laid out as for these, not as for a single one."""
FIRST_PLACE = 0xE000
"""First of the signs that stand for formulas while the Markdown is read; Unicode leaves them to
whoever wants them."""
PLACES = 0x100


class ClosedDocument(QTextDocument):
    """A document that has pictures of one folder at most: no other file, no network."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.room, self.ratio = 200.0, 1.0
        self._nothing = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
        """In place of what is refused: Qt itself opens the file that a null image is asked for."""
        self._nothing.fill(Qt.GlobalColor.transparent)
        self.refused: dict[str, str] = {}
        """What was asked for and not given, with the reason."""

    def loadResource(self, _kind: int, name: QUrl | str) -> Any:
        """Qt's hook: a picture that lies beside the lesson; else one of nothing."""
        text = name if isinstance(name, str) else name.toString()
        try:
            return load_picture(self.folder, text, self.room, self.ratio)
        except PictureError as error:
            self.refused[text] = str(error)
            return self._nothing


class Prose(QWidget):
    """Reads a text out, as high as it needs to be at its width."""

    def __init__(self, *, scale: float = 1.0, colour: str = "text") -> None:
        """Args: scale: of a lesson's text.  colour: a colour of the theme, by name."""
        super().__init__()
        self._markdown = ""
        self._folder: Path | None = None
        self._scale, self._colour = scale, colour
        self._problems: tuple[str, ...] = ()
        self._laid_out_for: tuple[object, ...] = ()
        self._heights: dict[int, int] = {}
        self._document = ClosedDocument(self)
        self._document.setUndoRedoEnabled(False)
        self._document.setDocumentMargin(0)
        draw_formulas_of(self._document, self)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        appearance.changed.connect(self._on_appearance_changed)

    def show_markdown(self, text: str, folder: Path | None = None) -> None:
        """Show a text. Args: folder: where its pictures are; None: it has none."""
        if (text, folder) != (self._markdown, self._folder):
            self._markdown, self._folder = text, folder
            self._renew()

    @property
    def problems(self) -> tuple[str, ...]:
        """Formulas that cannot be set and pictures that are not shown, each with its reason."""
        return self._problems

    def text(self) -> str:
        """What it says, its formulas as TeX."""
        return _without_marks(self._markdown)

    def heightForWidth(self, width: int) -> int:
        """Qt's hook: the height of the text at that width."""
        height = self._heights.get(width)
        if height is None:
            self._lay_out(width)
            height = self._heights[width] = math.ceil(self._document.size().height())
        return height

    def sizeHint(self) -> QSize:
        """Qt's hook: any width will do."""
        return QSize(200, self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: any width will do."""
        return QSize(LEAST_WIDTH, 0)

    def hasHeightForWidth(self) -> bool:
        """Qt's hook."""
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's hook."""
        self._lay_out(self.width())

    def event(self, event: QEvent) -> bool:
        """Qt's hook: pictures are made for the pixels of the screen."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._renew()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook: the text in the theme's colour."""
        self._lay_out(self.width())
        painter = QPainter(self)
        context = QAbstractTextDocumentLayout.PaintContext()
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Text, QColor(getattr(appearance.theme, self._colour)))
        context.palette = palette
        context.clip = QRectF(self.rect())
        self._document.documentLayout().draw(painter, context)
        painter.end()

    # ------------------------------------------------------------ laying out

    def _renew(self) -> None:
        self._laid_out_for = ()
        self._heights.clear()
        self.setAccessibleName(self.text())
        self._lay_out(self.width())
        self.updateGeometry()
        self.update()

    def _lay_out(self, width: int) -> None:
        """Formulas and pictures are no wider than the text, so another width is another text."""
        width = max(width, LEAST_WIDTH)
        wanted = (self._markdown, self._folder, width, card_scale(self._scale),
                  appearance.text_scale, appearance.theme, self.devicePixelRatioF())  # fmt: skip
        if wanted == self._laid_out_for:
            return
        self._laid_out_for = wanted
        document = self._document
        document.clear()  # what it has loaded goes as well
        document.folder, document.refused = self._folder, {}
        document.room, document.ratio = float(width), self.devicePixelRatioF()
        document.setDefaultFont(card_font(self._scale))
        document.setTextWidth(width)
        document.setIndentWidth(INDENT * self._pixels())
        found: list[str] = []
        marked = _with_places(self._markdown, found)
        document.setMarkdown(marked, QTextDocument.MarkdownFeature.MarkdownNoHTML)
        problems = self._set_formulas(found, width)
        self._space()
        document.size()  # asks for the pictures
        self._problems = (*problems, *document.refused.values())

    def _set_formulas(self, found: list[str], width: int) -> list[str]:
        """Put each formula in its place; one that cannot be set stays there as it was written."""
        problems: list[str] = []
        cursor = QTextCursor(self._document)
        for place in reversed(range(self._document.characterCount())):
            number = ord(self._document.characterAt(place)) - FIRST_PLACE
            if not 0 <= number < len(found):
                continue
            cursor.setPosition(place)
            cursor.setPosition(place + 1, QTextCursor.MoveMode.KeepAnchor)
            around, block = cursor.charFormat(), cursor.block()
            try:
                form = formula_format(
                    found[number], around.font(), self._pixels(), self._ink(),
                    display=_is_alone(block), widest=width,
                )  # fmt: skip
                cursor.insertText(OBJECT, form)
            except TexError as error:
                problems.insert(0, str(error))
                cursor.insertText(found[number], around)
        return problems

    def _pixels(self) -> float:
        """Size of the text: a point is 1/72 of an inch."""
        return card_font(self._scale).pointSizeF() * self.logicalDpiY() / 72

    def _ink(self) -> str:
        return str(getattr(appearance.theme, self._colour))

    def _space(self) -> None:
        height = QFontMetricsF(card_font(self._scale)).height()
        leading, paragraph = LEADING, PARAGRAPH
        if appearance.compact:
            leading, paragraph = TERSE_LEADING, TERSE_PARAGRAPH
        block = self._document.begin()
        cursor = QTextCursor(self._document)
        while block.isValid():
            last = not block.next().isValid()
            form = block.blockFormat()
            form.setLineHeight(
                leading * height, QTextBlockFormat.LineHeightTypes.LineDistanceHeight.value
            )
            first = not block.previous().isValid()
            form.setTopMargin(ABOVE_ALONE * height if _is_alone(block) and not first else 0)
            form.setBottomMargin(0 if last else (paragraph - leading) * height)
            cursor.setPosition(block.position())
            cursor.setBlockFormat(form)
            block = block.next()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._renew()


def _is_alone(block: QTextBlock) -> bool:
    """Whether a formula is all that there is of a paragraph."""
    text = block.text().strip()
    return len(text) == 1 and (text == OBJECT or _is_place(text)) and block.textList() is None


def _is_place(sign: str) -> bool:
    return FIRST_PLACE <= ord(sign) < FIRST_PLACE + PLACES


def _with_places(markdown: str, found: list[str]) -> str:
    """The text with one sign for each formula; `found` gets the formulas."""

    def place(match: re.Match[str]) -> str:
        if len(found) == PLACES:
            return match[0]
        found.append(match["tex"])
        return chr(FIRST_PLACE + len(found) - 1)

    own = {code: "\ufffd" for code in range(FIRST_PLACE, FIRST_PLACE + PLACES)}
    return FORMULA.sub(place, markdown.translate(own)).replace(r"\$", "$")


def _without_marks(markdown: str) -> str:
    return re.sub(r"\*\*|(?<!\\)\$|^#+ |^> ", "", markdown, flags=re.MULTILINE)
