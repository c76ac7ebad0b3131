"""Formulas drawn into a text: on its baseline, in its colour and size, sharp on any screen."""

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
OBJECT = "\ufffc"
"""The sign of a text that stands for what is drawn into it."""
FITTED = 1.14
"""The letters of formulas are so much smaller than Inter's at the same size."""
DISPLAY_SCALE = 1.3
"""Of a formula on a line of its own."""


def formula_format(tex: str, font: QFont, pixels: float, colour: str, *, display: bool,
                   widest: float) -> QTextCharFormat:  # fmt: skip
    """The format of the sign that stands for a formula.

    Args: font: of the text around it.  pixels: its size.  widest: pixels that there are; what is
    wider is set smaller.
    Raises: FormulaError: it cannot be set.
    """
    size = pixels * FITTED * (DISPLAY_SCALE if display else 1.0)
    formula = set_formula(tex, size, colour, display=display)
    if formula.width > widest:
        size *= widest / formula.width
        formula = set_formula(tex, size, colour, display=display)
    form = QTextCharFormat()
    form.setFont(font)
    form.setObjectType(OBJECT_TYPE)
    form.setProperty(TEX, tex)
    form.setProperty(SIZE, size)
    form.setProperty(COLOUR, colour)
    form.setProperty(DISPLAY, display)
    # A sign aligned with the baseline reaches as far below it as the font does; what reaches
    # further, as a fraction, is centred on the font's middle instead.
    fits = formula.descent <= QFontMetricsF(font).descent()
    alignment = QTextCharFormat.VerticalAlignment
    form.setVerticalAlignment(alignment.AlignBaseline if fits else alignment.AlignMiddle)
    return form


class Formulas(QPyTextObject):
    """Draws the formulas of a document, which has to be told of it; see `draw_formulas_of`."""

    def intrinsicSize(self, document: QTextDocument, place: int, form: QTextFormat) -> QSizeF:
        """Qt's hook: room for the formula, as it lies about the baseline."""
        formula = _formula(form)
        above, below = _extent(form, formula)
        return QSizeF(formula.width, above + below)

    def drawObject(
        self, painter: QPainter, rect: QRectF | QRect, document: QTextDocument, place: int,
        form: QTextFormat,
    ) -> None:  # fmt: skip
        """Qt's hook: draw it."""
        formula = _formula(form)
        above, _ = _extent(form, formula)
        corner = QPointF(rect.left(), rect.top() + above - formula.ascent)
        size = QSizeF(formula.width, formula.ascent + formula.descent)
        _renderer(formula).render(painter, QRectF(corner, size))


def draw_formulas_of(document: QTextDocument, parent: QObject) -> None:
    """Have the formulas of this document drawn as long as `parent` lives."""
    document.documentLayout().registerHandler(OBJECT_TYPE, Formulas(parent))


def _formula(form: QTextFormat) -> Formula:
    display = bool(form.property(DISPLAY))
    return set_formula(form.property(TEX), form.property(SIZE), form.property(COLOUR),
                       display=display)  # fmt: skip


def _extent(form: QTextFormat, formula: Formula) -> tuple[float, float]:
    """Pixels above and below the baseline that Qt gives a sign so aligned and so high."""
    metrics = QFontMetricsF(form.toCharFormat().font())
    if form.toCharFormat().verticalAlignment() == QTextCharFormat.VerticalAlignment.AlignBaseline:
        return formula.ascent, metrics.descent()
    middle = metrics.xHeight() / 2
    half = max(formula.ascent - middle / 2, formula.descent + middle / 2)
    return half + middle / 2, half - middle / 2


@lru_cache(maxsize=256)
def _renderer(formula: Formula) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(formula.svg))
