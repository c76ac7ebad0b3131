"""Codec of the messages: a JSON header, then the raw bytes of all arrays."""

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

_NESTED_TYPES = (
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
    messages.Matrix,
    messages.MatrixInfo,
    messages.Merge,
    messages.VisiblePart,
    messages.Check,
    messages.ComparedLayer,
    messages.ComparisonRow,
    messages.SampleFrame,
    messages.StepTrace,
    messages.StrategyInfo,
    messages.TaskInfo,
    messages.PartRequest,
    messages.Truncation,
    messages.TruncatedLayer,
    Settings,
)
_TYPES: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (*get_args(Message), *_NESTED_TYPES)
}
_FIELDS = {
    kind: tuple(field.name for field in dataclasses.fields(kind)) for kind in _TYPES.values()
}
_DTYPES = {"float32", "float64", "int32", "int64", "uint8", "bool"}
_MISSING = object()
_HEADER_LENGTH = struct.Struct("<I")
_ALIGNMENT_BYTES = 8


class MessageEncoder:
    """Encoder of one direction; objects that the previous frame also held are left out."""

    def __init__(self) -> None:
        self._frame: Frame | None = None

    def encode(self, message: Message) -> bytes:
        """Encode the next message.

        Args: message: any message of the protocol.
        Returns: its bytes, for the `MessageDecoder` at the other end.
        Raises: TypeError: it holds something that is not plain data.
        """
        previous = self._frame if isinstance(message, Frame) else None
        data = encode(message, previous)
        if isinstance(message, Frame):
            self._frame = message
        return data


class MessageDecoder:
    """Decoder of one direction; it needs every message of one `MessageEncoder`, in order."""

    def __init__(self) -> None:
        self._frame: Frame | None = None

    def decode(self, data: bytes) -> Message:
        """Decode the next message.

        Args: data: the bytes that the encoder returned.
        Returns: the message; its arrays are read-only views of `data`.
        Raises: ValueError: not a message of this protocol.
        """
        message = decode(data, self._frame)
        if isinstance(message, Frame):
            self._frame = message
        return message


def encode(message: Message, previous: Message | None = None) -> bytes:
    """Encode one message.

    Args: message: any message of the protocol.  previous: a message that the decoder has; objects
    that are in both are left out.
    Returns: a length, a JSON header and the arrays' bytes, each padded to 8 bytes.
    Raises: TypeError: the message holds something that is not plain data.
    """
    blocks: list[np.ndarray[Any, Any]] = []
    header = json.dumps(_pack(message, blocks, previous)).encode()
    header += b" " * (-(len(header) + _HEADER_LENGTH.size) % _ALIGNMENT_BYTES)
    parts = [_HEADER_LENGTH.pack(len(header)), header]
    for block in blocks:
        raw = block.tobytes()
        parts += (raw, b"\0" * (-len(raw) % _ALIGNMENT_BYTES))
    return b"".join(parts)


def decode(data: bytes, previous: Message | None = None) -> Message:
    """Decode one message.

    Args: data: the bytes that `encode` returned.  previous: the message that `encode` was given.
    Returns: the message; its arrays are read-only views of `data`.
    Raises: ValueError: not a message of this protocol.
    """
    try:
        (length,) = _HEADER_LENGTH.unpack_from(data)
        start = _HEADER_LENGTH.size + length
        header = json.loads(data[_HEADER_LENGTH.size : start])
        message = _unpack(header, data, [start], previous)
    except (struct.error, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"not a message: {error}") from error
    if not isinstance(message, Message):
        raise ValueError(f"not a message: {type(message).__name__}")
    return message


def _pack(value: Any, blocks: list[np.ndarray[Any, Any]], previous: Any = _MISSING) -> Any:
    """Return a JSON value for `value`, and append its arrays to `blocks`."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if value is previous:
        return {"same": True}
    if isinstance(value, np.ndarray):
        if value.dtype.name not in _DTYPES:
            raise TypeError(f"arrays of {value.dtype} do not cross the seam")
        blocks.append(value)
        return {"array": value.dtype.name, "shape": value.shape}
    if isinstance(value, tuple | list):
        pairs = _pair_with_previous(value, previous)
        return [_pack(item, blocks, previous_item) for item, previous_item in pairs]
    if isinstance(value, dict):
        return {"dict": {key: _pack(item, blocks) for key, item in value.items()}}
    name = type(value).__name__
    if _TYPES.get(name) is not type(value):
        raise TypeError(f"{name} does not cross the seam")
    fields = {}
    for field in _FIELDS[type(value)]:
        item = getattr(value, field)
        previous_item = getattr(previous, field) if type(previous) is type(value) else _MISSING
        if item is not previous_item:
            fields[field] = _pack(item, blocks, previous_item)
    return {"type": name, "fields": fields}


def _pair_with_previous(items: Sequence[Any], previous: Any) -> Iterator[tuple[Any, Any]]:
    """Pair each item with the previous one at its position, or with `_MISSING`."""
    paired = isinstance(previous, tuple | list) and len(previous) == len(items)
    return zip(items, previous if paired else (_MISSING,) * len(items), strict=True)


def _unpack(value: Any, data: bytes, position: list[int], previous: Any = _MISSING) -> Any:
    """Return the value that `_pack` packed.

    Args: position: one number, the offset in `data` of the next array's bytes; arrays follow in
    header order.
    """
    if isinstance(value, list):
        pairs = _pair_with_previous(value, previous)
        return tuple(_unpack(item, data, position, previous_item) for item, previous_item in pairs)
    if not isinstance(value, dict):
        return value
    if "same" in value:
        return previous
    if "array" in value:
        return _unpack_array(value, data, position)
    if "dict" in value:
        return {key: _unpack(item, data, position) for key, item in value["dict"].items()}
    kind, fields = _TYPES[value["type"]], {}
    for field in _FIELDS[kind]:
        previous_item = getattr(previous, field, _MISSING)
        if field in value["fields"]:
            fields[field] = _unpack(value["fields"][field], data, position, previous_item)
        elif previous_item is _MISSING:
            raise KeyError(f"{kind.__name__}.{field}")
        else:
            fields[field] = previous_item
    return kind(**fields)


def _unpack_array(value: dict[str, Any], data: bytes, position: list[int]) -> np.ndarray[Any, Any]:
    """Return the array at `position[0]`, and advance that past the array's padding."""
    if value["array"] not in _DTYPES:
        raise ValueError(f"not a message: arrays of {value['array']}")
    dtype = np.dtype(value["array"])
    count = int(np.prod(value["shape"], dtype=np.int64))
    array = np.frombuffer(data, dtype, count, position[0]).reshape(value["shape"])
    position[0] += count * dtype.itemsize
    position[0] += -position[0] % _ALIGNMENT_BYTES
    return array
