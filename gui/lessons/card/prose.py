"""Widget for a card's text: Markdown with formulas and pictures from the lesson's folder."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QUrl, Slot
from PySide6.QtGui import (
    QFontMetricsF,
    QImage,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QWidget

from gui.lessons.card.document import MIN_WIDTH, paint, prepare
from gui.lessons.card.type import card_font, card_scale
from gui.lessons.images import PictureError, formula_image, load_picture
from gui.lessons.plain_formula import Piece, plain_formula
from gui.lessons.tex import FORMULA, TexError
from gui.theme import appearance

LEADING, TERSE_LEADING = 0.30, 0.16
"""Space between lines, in line heights; less in presenter mode, where lines and card are short."""
PARAGRAPH, TERSE_PARAGRAPH = 0.65, 0.5
"""Space between paragraphs, in line heights."""
DISPLAY_MARGIN = 0.25
"""Space above a formula on a line of its own, in line heights."""
INDENT = 1.4
"""Indent of a list, in multiples of the text's size."""
FIRST_PLACEHOLDER, LAST_PLACEHOLDER = "\ue000", "\uf8ff"
"""The characters that replace formulas while the Markdown is parsed: Unicode's private use area."""
IMAGE_RESOURCE = QTextDocument.ResourceType.ImageResource.value
IMAGE_CHARACTER = "\ufffc"
"""Qt's character in place of an image."""

_TABLE_BELOW_TEXT = re.compile(r"^([^|\n]*\S[^|\n]*)\n(?=\|)", re.MULTILINE)
"""A line of text right above a table, which Qt would take for a part of the text."""


class ClosedDocument(QTextDocument):
    """Document that loads pictures from one folder only: no other file, no network."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.folder: Path | None = None
        self.max_width, self.pixel_ratio = 200.0, 1.0
        self._empty_image = QImage(1, 1, QImage.Format.Format_ARGB32_Premultiplied)
        """Replaces a refused picture: given a null image, Qt itself would open the file."""
        self._empty_image.fill(Qt.GlobalColor.transparent)
        self.refused: dict[str, str] = {}
        """Name of each refused picture -> the reason."""

    def loadResource(self, _kind: int, name: QUrl | str) -> Any:
        """Return a picture from the folder, or a transparent one in its place."""
        text = name if isinstance(name, str) else name.toString()
        try:
            return load_picture(self.folder, text, self.max_width, self.pixel_ratio)
        except PictureError as error:
            self.refused[text] = str(error)
            return self._empty_image


class Prose(QWidget):
    """Shows a text; its height follows from its width."""

    def __init__(self, *, scale: float = 1.0, colour: str = "text") -> None:
        """Create it. Args: scale: relative to a lesson's text.  colour: name of a theme colour."""
        super().__init__()
        self._markdown = ""
        self._folder: Path | None = None
        self._scale, self._colour = scale, colour
        self.problems: tuple[str, ...] = ()
        self._layout_key: tuple[object, ...] = ()
        self._heights: dict[int, int] = {}
        self._document = ClosedDocument(self)
        prepare(self, self._document)
        appearance.changed.connect(self._relayout)

    def show_markdown(self, text: str, folder: Path | None = None) -> None:
        """Show a text. Args: folder: of its pictures; None: it has none."""
        if (text, folder) != (self._markdown, self._folder):
            self._markdown, self._folder = text, folder
            self._relayout()

    def text(self) -> str:
        """Return the text without markup, its formulas as TeX."""
        return _without_markup(self._markdown)

    def heightForWidth(self, width: int) -> int:
        """Return the height of the text at a width."""
        height = self._heights.get(width)
        if height is None:
            self._lay_out(width)
            height = self._heights[width] = math.ceil(self._document.size().height())
        return height

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the text out for the new width."""
        self._lay_out(self.width())

    def event(self, event: QEvent) -> bool:
        """Lay the text out anew if the screen's pixel ratio changes: pictures depend on it."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._relayout()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the text in the theme's colour."""
        self._lay_out(self.width())
        paint(self, self._document, self._colour)

    # ------------------------------------------------------------ laying out

    @Slot()
    def _relayout(self) -> None:
        self._layout_key = ()
        self._heights.clear()
        self.setAccessibleName(self.text())
        self._lay_out(self.width())
        self.updateGeometry()
        self.update()

    def _lay_out(self, width: int) -> None:
        """Lay the text out; its formulas and pictures are scaled to at most its width."""
        width = max(width, MIN_WIDTH)
        key = (self._markdown, self._folder, width, card_scale(self._scale), appearance.text_scale,
                  appearance.theme, self.devicePixelRatioF())  # fmt: skip
        if key == self._layout_key:
            return
        self._layout_key = key
        document = self._document
        document.clear()  # what it has loaded goes as well
        document.folder, document.refused = self._folder, {}
        document.max_width, document.pixel_ratio = float(width), self.devicePixelRatioF()
        document.setDefaultFont(card_font(self._scale))
        document.setTextWidth(width)
        document.setIndentWidth(INDENT * self._size_pixels())
        plain = re.sub(f"[{FIRST_PLACEHOLDER}-{LAST_PLACEHOLDER}]", "\ufffd", self._markdown)
        formulas = [match["tex"] for match in FORMULA.finditer(plain)]
        placeholders = itertools.count(ord(FIRST_PLACEHOLDER))
        marked = FORMULA.sub(lambda _match: chr(next(placeholders)), plain).replace(r"\$", "$")
        marked = _TABLE_BELOW_TEXT.sub(r"\1\n\n", marked)
        features = QTextDocument.MarkdownFeature
        document.setMarkdown(marked, features.MarkdownNoHTML | features.MarkdownDialectGitHub)
        problems = self._set_formulas(formulas, width)
        self._set_spacing()
        document.size()  # asks for the pictures
        self.problems = (*problems, *document.refused.values())

    def _set_formulas(self, formulas: list[str], width: int) -> list[str]:
        """Replace the placeholders by formulas. Returns: problems; such a formula stays as TeX."""
        problems: list[str] = []
        cursor, colour = QTextCursor(self._document), getattr(appearance.theme, self._colour)
        for place in reversed(range(self._document.characterCount())):
            number = ord(self._document.characterAt(place)) - ord(FIRST_PLACEHOLDER)
            if not 0 <= number < len(formulas):
                continue
            cursor.setPosition(place)
            cursor.setPosition(place + 1, QTextCursor.MoveMode.KeepAnchor)
            char_format = cursor.charFormat()
            pieces = None if _is_display(cursor.block()) else plain_formula(formulas[number])
            if pieces is not None:
                _insert_pieces(cursor, pieces, char_format)
                continue
            try:
                image, form = formula_image(
                    formulas[number], char_format.font(), self._size_pixels(), colour,
                    self.devicePixelRatioF(), display=_is_display(cursor.block()), max_width=width,
                )  # fmt: skip
                form.setName(f"formula:{number}")
                self._document.addResource(IMAGE_RESOURCE, QUrl(form.name()), image)
                cursor.insertImage(form)
            except TexError as error:
                problems.insert(0, str(error))
                cursor.insertText(formulas[number], char_format)
        return problems

    def _size_pixels(self) -> float:
        """Return the text's size in pixels; a point is 1/72 of an inch."""
        return card_font(self._scale).pointSizeF() * self.logicalDpiY() / 72

    def _set_spacing(self) -> None:
        height = QFontMetricsF(card_font(self._scale)).height()
        leading, paragraph = LEADING, PARAGRAPH
        if appearance.sizes.compact:
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
            form.setTopMargin(DISPLAY_MARGIN * height if _is_display(block) and not first else 0)
            form.setBottomMargin(0 if last else (paragraph - leading) * height)
            cursor.setPosition(block.position())
            cursor.setBlockFormat(form)
            block = block.next()


def _insert_pieces(cursor: QTextCursor, pieces: list[Piece], char_format: QTextCharFormat) -> None:
    """Replace the selection by a formula in the text's own font."""
    cursor.removeSelectedText()
    for piece in pieces:
        form = QTextCharFormat(char_format)
        if piece.script:
            alignment = QTextCharFormat.VerticalAlignment
            below = piece.script == "_"
            form.setVerticalAlignment(
                alignment.AlignSubScript if below else alignment.AlignSuperScript
            )
        cursor.insertText(piece.text, form)


def _is_display(block: QTextBlock) -> bool:
    """Return whether a formula is all of a paragraph."""
    text = block.text().strip()
    is_sign = text == IMAGE_CHARACTER or FIRST_PLACEHOLDER <= text <= LAST_PLACEHOLDER
    return len(text) == 1 and is_sign and block.textList() is None


def _without_markup(markdown: str) -> str:
    return re.sub(r"\*\*|(?<!\\)\$|^#+ |^> ", "", markdown, flags=re.MULTILINE)
