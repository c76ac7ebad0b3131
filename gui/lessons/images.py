"""Images in a lesson's text: formulas, and pictures that are loaded from its own folder only."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QImage,
    QImageReader,
    QPainter,
    QTextCharFormat,
    QTextImageFormat,
)
from PySide6.QtSvg import QSvgRenderer

from gui.lessons.tex import Formula, set_formula

FORMULA_SCALE = 1.14
"""Size of a formula relative to the text: its letters are smaller than Inter's at one size."""
DISPLAY_SCALE = 1.3
"""Further factor for a formula on a line of its own."""
SUFFIXES = (".png", ".jpg", ".jpeg")
"""No SVG: one can name other files in many ways, and a short one can take minutes to draw."""
MAX_FILE_BYTES = 4_000_000
MAX_SIDE_PIXELS = 4096
"""Largest width or height."""


class PictureError(ValueError):
    """A picture that cannot be shown; the message is the reason."""


def load_picture(folder: Path | None, name: str, width: float, pixel_ratio: float) -> QImage:
    """Load a picture from a lesson's folder, scaled down to the available width.

    Args: folder: None: there is none.  name: as in the lesson's text.  width: in logical pixels.
    pixel_ratio: device pixels for each logical pixel.
    Raises: PictureError: it is not a picture in that folder, or is too large.
    """
    image = _decode(name, picture_file(folder, name))
    if image.width() > width * pixel_ratio:
        image = image.scaledToWidth(
            int(width * pixel_ratio), Qt.TransformationMode.SmoothTransformation
        )
    image.setDevicePixelRatio(pixel_ratio)
    return image


def picture_file(folder: Path | None, name: str) -> Path:
    """Return the picture's path. Raises: PictureError: not in the folder, or too large."""
    if folder is None or any(sign in name for sign in "/\\:\0") or name.startswith("."):
        raise PictureError(f"{name}: only pictures that lie beside the lesson's file are shown")
    file = folder / name
    if file.suffix.lower() not in SUFFIXES:
        raise PictureError(f"{name}: pictures are PNG or JPEG")
    try:
        if file.is_symlink() or not file.is_file():
            raise PictureError(f"{name}: there is no such picture beside the lesson's file")
        if file.stat().st_size > MAX_FILE_BYTES:
            raise PictureError(f"{name}: is larger than {MAX_FILE_BYTES // 1_000_000} MB")
    except OSError as error:
        raise PictureError(f"{name}: cannot be read ({error.strerror})") from error
    return file


def _decode(name: str, file: Path) -> QImage:
    reader = QImageReader(str(file))
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if bytes(reader.format().data()) not in (b"png", b"jpeg") or not size.isValid():
        raise PictureError(f"{name}: is no PNG or JPEG")
    if max(size.width(), size.height()) > MAX_SIDE_PIXELS:
        raise PictureError(f"{name}: has more than {MAX_SIDE_PIXELS:,} pixels on a side")
    image = reader.read()
    if image.isNull():
        raise PictureError(f"{name}: is damaged")
    return image


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
