"""Formulas as inline images of a QTextDocument: on the baseline, scaled and coloured like text."""

from __future__ import annotations

import math

from PySide6.QtCore import QByteArray, QRectF, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter, QTextCharFormat, QTextImageFormat
from PySide6.QtSvg import QSvgRenderer

from gui.lessons.tex import Formula, set_formula

FORMULA_SCALE = 1.14
"""Size of a formula relative to the text: its letters are smaller than Inter's at one size."""
DISPLAY_SCALE = 1.3
"""Further factor for a formula on a line of its own."""


def formula_image(tex: str, font: QFont, pixels: float, colour: str, pixel_ratio: float, *,
                  display: bool, max_width: float) -> tuple[QImage, QTextImageFormat]:  # fmt: skip
    """Return the image of a formula, and its format without a name.

    Args: tex: the formula.  font: of the text around it.  pixels: that font's size.  colour:
    #rrggbb.  pixel_ratio: device pixels for each logical pixel.  display: whether it is on a line
    of its own.  max_width: in pixels; a wider formula is scaled down.
    Raises: TexError: it cannot be converted.
    """
    size = pixels * FORMULA_SCALE * (DISPLAY_SCALE if display else 1.0)
    formula = set_formula(tex, size, colour, display=display)
    if formula.width > max_width:
        size *= max_width / formula.width
        formula = set_formula(tex, size, colour, display=display)
    # An image aligned with the baseline reaches as far below it as the font does; what reaches
    # further, as a fraction, is centred on the font's middle instead.
    metrics, form = QFontMetricsF(font), QTextImageFormat()
    form.setFont(font)
    if formula.descent <= metrics.descent():
        form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignBaseline)
        below = metrics.descent()
        height = math.ceil(formula.ascent + below)
    else:
        form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
        middle = metrics.xHeight() / 4
        height = math.ceil(2 * max(formula.ascent - middle, formula.descent + middle))
        below = height / 2 - middle
    form.setWidth(math.ceil(formula.width))
    form.setHeight(height)
    return _drawn(formula, form, height - below - formula.ascent, pixel_ratio), form


def _drawn(formula: Formula, form: QTextImageFormat, top: float, pixel_ratio: float) -> QImage:
    """Return the image of a formula that begins `top` pixels below the image's upper edge."""
    size = QSizeF(form.width(), form.height()) * pixel_ratio
    image = QImage(size.toSize(), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(pixel_ratio)
    image.fill(Qt.GlobalColor.transparent)
    place = QRectF(0.0, top, formula.width, formula.ascent + formula.descent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(formula.svg)).render(painter, place)
    painter.end()
    return image
