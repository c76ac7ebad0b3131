"""Recordings: messages that a real engine sent, kept in tests/data/frames, for the window's tests.

`python -m tests.record_frames` makes them again; this module needs no torch to read them.
"""

from __future__ import annotations

import lzma
import struct
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from engine.protocol.codec import decode, encode
from engine.protocol.messages import Message

FOLDER = Path(__file__).parent / "data" / "frames"
_LENGTH = struct.Struct("<Q")


def names() -> list[str]:
    """Return the names of all recordings."""
    return sorted(file.stem for file in FOLDER.glob("*.frame"))


def write(name: str, messages: Iterable[Message]) -> None:
    """Write a recording. Args: messages: of any kind, in the order in which they came."""
    parts = [encode(message) for message in messages]
    data = b"".join(piece for part in parts for piece in (_LENGTH.pack(len(part)), part))
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.frame").write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


@cache
def read(name: str) -> tuple[Message, ...]:
    """Return the messages of a recording; their arrays are read-only."""
    data, start, messages = lzma.decompress((FOLDER / f"{name}.frame").read_bytes()), 0, []
    while start < len(data):
        (length,) = _LENGTH.unpack_from(data, start)
        start += _LENGTH.size
        messages.append(decode(data[start : start + length]))
        start += length
    return tuple(messages)
