"""Recordings: messages that a real engine sent, kept in tests/data/frames, for the window's tests.

`python -m tests.record_frames` makes them again; this module needs no torch to read them.
"""

from __future__ import annotations

import lzma
import struct
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from engine.protocol.codec import MessageDecoder, MessageEncoder
from engine.protocol.messages import Message

FOLDER = Path(__file__).parent / "data" / "frames"
LESSONS = (
    "full", "freeze", "linear_probe", "feature_head", "adapter", "lora", "weight_update",
)  # fmt: skip
METHODS = (
    "dora", "pissa", "qlora", "adalora", "vera", "ia3", "bitfit", "prompt", "prefix",
    "parallel_adapter", "gradual_unfreezing",
)  # fmt: skip
"""Strategies beyond the lessons whose frames have parts that no other's have."""
AIDS = ("xray", "batch_norm", "qlora_xray", "dora_batch_norm", "statistics")
"""Strategies with something beside them: the X-ray, or BatchNorm."""
_LENGTH = struct.Struct("<Q")


def names() -> list[str]:
    """Return the names of all recordings."""
    return sorted(file.stem for file in FOLDER.glob("*.frame"))


def write(name: str, messages: Iterable[Message]) -> None:
    """Write a recording. Args: messages: of any kind, in the order in which they came."""
    encoder = MessageEncoder()
    parts = [encoder.encode(message) for message in messages]
    data = b"".join(piece for part in parts for piece in (_LENGTH.pack(len(part)), part))
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / f"{name}.frame").write_bytes(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))


@cache
def read(name: str) -> tuple[Message, ...]:
    """Return the messages of a recording; their arrays are read-only."""
    data = lzma.decompress((FOLDER / f"{name}.frame").read_bytes())
    decoder, start, messages = MessageDecoder(), 0, list[Message]()
    while start < len(data):
        (length,) = _LENGTH.unpack_from(data, start)
        start += _LENGTH.size
        messages.append(decoder.decode(data[start : start + length]))
        start += length
    return tuple(messages)
