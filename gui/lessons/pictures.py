"""Pictures of a lesson, loaded from its own folder only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage, QImageReader

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
    file = picture_file(folder, name)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise PictureError(f"{name}: cannot be read ({error.strerror})") from error
    image = _decode(name, content)
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


def _decode(name: str, content: bytes) -> QImage:
    buffer = QBuffer()
    buffer.setData(content)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
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
