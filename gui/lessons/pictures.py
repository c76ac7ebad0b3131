"""The pictures of a lesson: files of its own folder, and nothing else."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, Qt
from PySide6.QtGui import QImage, QImageReader

KINDS = (".png", ".jpg", ".jpeg")
"""No SVG: one can name other files in many ways, and a short one can take minutes to draw."""
MOST_BYTES = 4_000_000
MOST_PIXELS = 4096
"""Of either side."""


class PictureError(ValueError):
    """A picture that is not shown; says why."""


def load_picture(folder: Path | None, name: str, width: float, ratio: float) -> QImage:
    """A picture of a lesson's folder, at most as wide as there is room.

    Args: name: as in the lesson's text.  width: of the room, in logical pixels.  ratio: pixels of
    the screen in each.
    Raises: PictureError: it is not a picture of that folder, or too large.
    """
    file = picture_file(folder, name)
    try:
        content = file.read_bytes()
    except OSError as error:
        raise PictureError(f"{name}: cannot be read ({error.strerror})") from error
    image = _from_pixels(name, content)
    if image.width() > width * ratio:
        image = image.scaledToWidth(int(width * ratio), Qt.TransformationMode.SmoothTransformation)
    image.setDevicePixelRatio(ratio)
    return image


def picture_file(folder: Path | None, name: str) -> Path:
    """Where the picture is. Raises: PictureError: elsewhere, or nowhere, or too large."""
    if folder is None or any(sign in name for sign in "/\\:\0") or name.startswith("."):
        raise PictureError(f"{name}: only pictures that lie beside the lesson's file are shown")
    file = folder / name
    if file.suffix.lower() not in KINDS:
        raise PictureError(f"{name}: pictures are PNG or JPEG")
    try:
        if file.is_symlink() or not file.is_file():
            raise PictureError(f"{name}: there is no such picture beside the lesson's file")
        if file.stat().st_size > MOST_BYTES:
            raise PictureError(f"{name}: is larger than {MOST_BYTES // 1_000_000} MB")
    except OSError as error:
        raise PictureError(f"{name}: cannot be read ({error.strerror})") from error
    return file


def _from_pixels(name: str, content: bytes) -> QImage:
    buffer = QBuffer()
    buffer.setData(content)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if bytes(reader.format().data()) not in (b"png", b"jpeg") or not size.isValid():
        raise PictureError(f"{name}: is no PNG or JPEG")
    if max(size.width(), size.height()) > MOST_PIXELS:
        raise PictureError(f"{name}: has more than {MOST_PIXELS:,} pixels on a side")
    image = reader.read()
    if image.isNull():
        raise PictureError(f"{name}: is damaged")
    return image
