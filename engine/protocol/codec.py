"""The one place that turns messages into bytes and back: a JSON header, then raw arrays."""

from __future__ import annotations

import dataclasses
import json
import struct
from collections.abc import Iterator, Sequence
from typing import Any, get_args

import numpy as np

from engine.protocol import messages
from engine.protocol.messages import Frame, Message
from engine.protocol.settings import Settings

_PARTS = (
    messages.Branch,
    messages.CellDerivation,
    messages.CellAddress,
    messages.CostCatalogue,
    messages.CostFamily,
    messages.CostMethod,
    messages.CostModel,
    messages.Curves,
    messages.Difference,
    messages.NetworkActivations,
    messages.LayerActivations,
    messages.LayerFrame,
    messages.LayerTrace,
    messages.DerivationLine,
    messages.Merge,
    messages.VisiblePart,
    messages.Check,
    messages.ComparedLayer,
    messages.ComparisonRow,
    messages.SampleFrame,
    messages.StepTrace,
    messages.StrategyInfo,
    messages.TaskInfo,
    messages.ViewRequest,
    messages.Truncation,
    messages.TruncatedLayer,
    Settings,
)
_TYPES: dict[str, type[Any]] = {kind.__name__: kind for kind in (*get_args(Message), *_PARTS)}
_FIELDS = {
    kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in _TYPES.values()
}
_DTYPES = {"float32", "float64", "int32", "int64", "uint8", "bool"}
_NOTHING = object()
_LENGTH = struct.Struct("<I")
_ALIGN = 8


class Sender:
    """One end's way out: of a frame only what is not the very object of the frame before."""

    def __init__(self) -> None:
        self._frame: Frame | None = None

    def encode(self, message: Message) -> bytes:
        """Bytes of the next message. Raises: TypeError: it holds something not plain."""
        before = self._frame if isinstance(message, Frame) else None
        data = encode(message, before)
        if isinstance(message, Frame):
            self._frame = message
        return data


class Receiver:
    """The other end: it has to be given every message of one `Sender`, in order."""

    def __init__(self) -> None:
        self._frame: Frame | None = None

    def decode(self, data: bytes) -> Message:
        """The next message. Raises: ValueError: not a message of this protocol."""
        message = decode(data, self._frame)
        if isinstance(message, Frame):
            self._frame = message
        return message


def encode(message: Message, before: Message | None = None) -> bytes:
    """Bytes of one message.

    Args: before: a message that whoever decodes this one has; what is in both is left out.
    Raises: TypeError: it holds something that is not plain data.
    """
    blocks: list[np.ndarray[Any, Any]] = []
    header = json.dumps(_pack(message, blocks, before)).encode()
    header += b" " * (-(len(header) + _LENGTH.size) % _ALIGN)
    parts = [_LENGTH.pack(len(header)), header]
    for block in blocks:
        raw = block.tobytes()
        parts += (raw, b"\0" * (-len(raw) % _ALIGN))
    return b"".join(parts)


def decode(data: bytes, before: Message | None = None) -> Message:
    """The message in `data`; its arrays are read-only views of it.

    Args: before: the message that `encode` was given.
    Raises: ValueError: not a message of this protocol.
    """
    try:
        (length,) = _LENGTH.unpack_from(data)
        start = _LENGTH.size + length
        header = json.loads(data[_LENGTH.size : start])
        message = _unpack(header, data, [start], before)
    except (struct.error, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"not a message: {error}") from error
    if not isinstance(message, Message):
        raise ValueError(f"not a message: {type(message).__name__}")
    return message


def _pack(value: Any, blocks: list[np.ndarray[Any, Any]], before: Any = _NOTHING) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if value is before:
        return {"same": True}
    if isinstance(value, np.ndarray):
        if value.dtype.name not in _DTYPES:
            raise TypeError(f"arrays of {value.dtype} do not cross the seam")
        blocks.append(value)
        return {"array": value.dtype.name, "shape": value.shape}
    if isinstance(value, tuple | list):
        return [_pack(item, blocks, was) for item, was in _beside(value, before)]
    if isinstance(value, dict):
        return {"dict": {key: _pack(item, blocks) for key, item in value.items()}}
    name = type(value).__name__
    if _TYPES.get(name) is not type(value):
        raise TypeError(f"{name} does not cross the seam")
    fields = {}
    for field in _FIELDS[type(value)]:
        now = getattr(value, field)
        then = getattr(before, field) if type(before) is type(value) else _NOTHING
        if now is not then:
            fields[field] = _pack(now, blocks, then)
    return {"type": name, "fields": fields}


def _beside(items: Sequence[Any], before: Any) -> Iterator[tuple[Any, Any]]:
    """Each item with the one in its place before."""
    paired = isinstance(before, tuple | list) and len(before) == len(items)
    return zip(items, before if paired else (_NOTHING,) * len(items), strict=True)


def _unpack(value: Any, data: bytes, position: list[int], before: Any = _NOTHING) -> Any:
    """`position[0]` is where the next array's bytes begin; arrays follow in header order."""
    if isinstance(value, list):
        return tuple(_unpack(item, data, position, was) for item, was in _beside(value, before))
    if not isinstance(value, dict):
        return value
    if "same" in value:
        return before
    if "array" in value:
        return _array(value, data, position)
    if "dict" in value:
        return {key: _unpack(item, data, position) for key, item in value["dict"].items()}
    kind, found = _TYPES[value["type"]], {}
    for field in _FIELDS[kind]:
        was = getattr(before, field, _NOTHING)
        if field in value["fields"]:
            found[field] = _unpack(value["fields"][field], data, position, was)
        elif was is _NOTHING:
            raise KeyError(f"{kind.__name__}.{field}")
        else:
            found[field] = was
    return kind(**found)


def _array(value: dict[str, Any], data: bytes, position: list[int]) -> np.ndarray[Any, Any]:
    if value["array"] not in _DTYPES:
        raise ValueError(f"not a message: arrays of {value['array']}")
    dtype = np.dtype(value["array"])
    count = int(np.prod(value["shape"], dtype=np.int64))
    array = np.frombuffer(data, dtype, count, position[0]).reshape(value["shape"])
    position[0] += count * dtype.itemsize
    position[0] += -position[0] % _ALIGN
    return array
