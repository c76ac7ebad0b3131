"""Formulas as inline objects of a QTextDocument: on the baseline, scaled and coloured like text."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QPointF, QRect, QRectF, QSizeF
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QPyTextObject,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtSvg import QSvgRenderer

from gui.lessons.tex import Formula, set_formula

OBJECT_TYPE = int(QTextFormat.ObjectTypes.UserObject) + 1
TEX, SIZE, COLOUR, DISPLAY = (int(QTextFormat.Property.UserProperty) + n for n in range(1, 5))
OBJECT_CHARACTER = "\ufffc"
"""Qt's object replacement character, in place of a formula."""
FORMULA_SCALE = 1.14
"""Size of a formula relative to the text: its letters are smaller than Inter's at one size."""
DISPLAY_SCALE = 1.3
"""Further factor for a formula on a line of its own."""


def formula_format(tex: str, font: QFont, pixels: float, colour: str, *, display: bool,
                   max_width: float) -> QTextCharFormat:  # fmt: skip
    """Return the character format of a formula's placeholder.

    Args: tex: the formula.  font: of the text around it.  pixels: that font's size.  colour:
    #rrggbb.  display: whether it is on a line of its own.  max_width: in pixels; a wider formula
    is scaled down.
    Raises: TexError: it cannot be converted.
    """
    size = pixels * FORMULA_SCALE * (DISPLAY_SCALE if display else 1.0)
    formula = set_formula(tex, size, colour, display=display)
    if formula.width > max_width:
        size *= max_width / formula.width
        formula = set_formula(tex, size, colour, display=display)
    char_format = QTextCharFormat()
    char_format.setFont(font)
    char_format.setObjectType(OBJECT_TYPE)
    char_format.setProperty(TEX, tex)
    char_format.setProperty(SIZE, size)
    char_format.setProperty(COLOUR, colour)
    char_format.setProperty(DISPLAY, display)
    # A sign aligned with the baseline reaches as far below it as the font does; what reaches
    # further, as a fraction, is centred on the font's middle instead.
    fits = formula.descent <= QFontMetricsF(font).descent()
    alignment = QTextCharFormat.VerticalAlignment
    char_format.setVerticalAlignment(alignment.AlignBaseline if fits else alignment.AlignMiddle)
    return char_format


class Formulas(QPyTextObject):
    """Text object that draws formulas; `register_formulas` adds it to a document."""

    def intrinsicSize(
        self, document: QTextDocument, position: int, char_format: QTextFormat
    ) -> QSizeF:
        """Return the formula's size, split about the baseline."""
        formula = _formula(char_format)
        above, below = _extent(char_format, formula)
        return QSizeF(formula.width, above + below)

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, document: QTextDocument, position: int,
        char_format: QTextFormat,
    ) -> None:  # fmt: skip
        """Draw the formula."""
        formula = _formula(char_format)
        above, _ = _extent(char_format, formula)
        corner = QPointF(rect.left(), rect.top() + above - formula.ascent)
        size = QSizeF(formula.width, formula.ascent + formula.descent)
        _renderer(formula).render(painter, QRectF(corner, size))


def register_formulas(document: QTextDocument, parent: QObject) -> None:
    """Register the drawing of formulas with a document. Args: parent: owns the text object."""
    document.documentLayout().registerHandler(OBJECT_TYPE, Formulas(parent))


def _formula(char_format: QTextFormat) -> Formula:
    display = bool(char_format.property(DISPLAY))
    tex, size, colour = map(char_format.property, (TEX, SIZE, COLOUR))
    return set_formula(tex, size, colour, display=display)


def _extent(char_format: QTextFormat, formula: Formula) -> tuple[float, float]:
    """Return the pixels above and below the baseline that Qt reserves for the formula."""
    metrics = QFontMetricsF(char_format.toCharFormat().font())
    if (
        char_format.toCharFormat().verticalAlignment()
        == QTextCharFormat.VerticalAlignment.AlignBaseline
    ):
        return formula.ascent, metrics.descent()
    middle = metrics.xHeight() / 2
    half = max(formula.ascent - middle / 2, formula.descent + middle / 2)
    return half + middle / 2, half - middle / 2


@lru_cache(maxsize=256)
def _renderer(formula: Formula) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(formula.svg))
