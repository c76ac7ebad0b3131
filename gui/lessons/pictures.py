"""The pictures of a lesson: files of its own folder, and nothing else."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter
from PySide6.QtSvg import QSvgRenderer

KINDS = (".png", ".jpg", ".jpeg", ".svg")
MOST_BYTES = 4_000_000
MOST_PIXELS = 4096
"""Of either side."""
FOREIGN = (b"<!doctype", b"<!entity", b"<?xml-stylesheet", b"<image", b"<style", b"<foreignobject",
           b"@import", b"://", b"file:", b"data:")  # fmt: skip
"""In an SVG, once the names of the standards are out of it: ways to name another file."""
STANDARDS = (b"http://www.w3.org/2000/svg", b"http://www.w3.org/1999/xlink",
             b"http://www.w3.org/XML/1998/namespace")  # fmt: skip


class PictureError(ValueError):
    """A picture that is not shown; says why."""


def load_picture(folder: Path | None, name: str, width: float, ratio: float) -> QImage:
    """A picture of a lesson's folder, at most as wide as there is room.

    Args: name: as in the lesson's text.  width: of the room, in logical pixels.  ratio: pixels of
    the screen in each.
    Raises: PictureError: it is not a picture of that folder, or too large.
    """
    file = picture_file(folder, name)
    content = file.read_bytes()
    if file.suffix.lower() == ".svg":
        image = _from_svg(name, content, width * ratio)
    else:
        image = _from_pixels(name, content)
        if image.width() > width * ratio:
            image = image.scaledToWidth(
                int(width * ratio), Qt.TransformationMode.SmoothTransformation
            )
    image.setDevicePixelRatio(ratio)
    return image


def picture_file(folder: Path | None, name: str) -> Path:
    """Where the picture is. Raises: PictureError: elsewhere, or nowhere, or too large."""
    if folder is None or any(sign in name for sign in "/\\:\0") or name.startswith("."):
        raise PictureError(f"{name}: only pictures that lie beside the lesson's file are shown")
    file = folder / name
    if file.suffix.lower() not in KINDS:
        raise PictureError(f"{name}: pictures are PNG, JPEG or SVG")
    try:
        if file.is_symlink() or not file.is_file():
            raise PictureError(f"{name}: there is no such picture beside the lesson's file")
        if file.stat().st_size > MOST_BYTES:
            raise PictureError(f"{name}: is larger than {MOST_BYTES // 1_000_000} MB")
    except OSError as error:
        raise PictureError(f"{name}: cannot be read ({error.strerror})") from error
    return file


def _from_pixels(name: str, content: bytes) -> QImage:
    data = QByteArray(content)
    buffer = QBuffer(data)
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


def _from_svg(name: str, content: bytes, width: float) -> QImage:
    plain = content.lower()
    for standard in STANDARDS:
        plain = plain.replace(standard.lower(), b"")
    if any(sign in plain for sign in FOREIGN) or not plain.isascii():
        raise PictureError(f"{name}: this SVG names other files, or may; only plain ones are shown")
    renderer = QSvgRenderer(QByteArray(content))
    size = renderer.defaultSize()
    if not renderer.isValid() or size.isEmpty():
        raise PictureError(f"{name}: is no SVG")
    size = size.scaled(int(width), MOST_PIXELS, Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(QSize(max(size.width(), 1), max(size.height(), 1)),
                   QImage.Format.Format_ARGB32_Premultiplied)  # fmt: skip
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image
