"""Codec of the messages: a msgpack header, then the raw bytes of all arrays.

The header is typed by the messages' own annotations, so that a new message needs no line here.
"""

from __future__ import annotations

import struct
from typing import Any, get_args

import msgspec
import numpy as np

from engine.protocol.messages import Frame, Message

_TYPES: dict[str, type[Message]] = {kind.__name__: kind for kind in get_args(Message)}
_DTYPES = {"float32", "float64", "int32", "int64", "uint8", "bool"}
_HEADER_LENGTH = struct.Struct("<I")
_ALIGNMENT_BYTES = 8
_NEW_ARRAY, _SAME_ARRAY = 1, 2
"""Extensions in a header: dtype and shape of an array whose bytes follow the header, in order; and
the position of an array among those of the last frame, which the decoder has."""

AnyArray = np.ndarray[Any, Any]


class MessageEncoder:
    """Encoder of one direction; arrays that the last frame also held are left out."""

    def __init__(self) -> None:
        self._encoder = msgspec.msgpack.Encoder(enc_hook=self._pack_array)
        self._arrays: list[AnyArray] = []
        """Of the message, in the header's order."""
        self._frame: list[AnyArray] = []
        """Those of the last frame; kept, so that no other object gets one's id."""
        self._positions: dict[int, int] = {}
        """id -> position in `_frame`"""
        self._parts: list[Any] = []

    def encode(self, message: Message) -> bytes:
        """Encode the next message.

        Args: message: any message of the protocol.
        Returns: a length, the header and the arrays' bytes, each from a multiple of 8 bytes on.
        Raises: TypeError: it holds something that is not plain data.
        """
        self._arrays, self._parts = [], []
        header = self._encoder.encode((type(message).__name__, message))
        start = (
            _HEADER_LENGTH.pack(len(header)),
            header,
            _padding(_HEADER_LENGTH.size + len(header)),
        )
        if isinstance(message, Frame):
            self._frame = self._arrays
            self._positions = {id(array): i for i, array in enumerate(self._frame)}
        return b"".join((*start, *self._parts))

    def _pack_array(self, value: object) -> msgspec.msgpack.Ext:
        if not isinstance(value, np.ndarray):
            raise TypeError(f"{type(value).__name__} does not cross the seam")
        if value.dtype.name not in _DTYPES:
            raise TypeError(f"arrays of {value.dtype} do not cross the seam")
        self._arrays.append(value)
        position = self._positions.get(id(value))
        if position is not None:
            return msgspec.msgpack.Ext(_SAME_ARRAY, msgspec.msgpack.encode(position))
        self._parts += (np.ascontiguousarray(value).data, _padding(value.nbytes))
        described = msgspec.msgpack.encode((value.dtype.name, value.shape))
        return msgspec.msgpack.Ext(_NEW_ARRAY, described)


class MessageDecoder:
    """Decoder of one direction; it needs every message of one `MessageEncoder`, in order."""

    def __init__(self) -> None:
        self._decoders: dict[str, msgspec.msgpack.Decoder[Message]] = {}
        self._data = b""
        self._position = 0
        """Where the next array's bytes begin in `_data`."""
        self._arrays: list[AnyArray] = []
        self._frame: list[AnyArray] = []
        """The arrays of the message, and those of the last frame."""

    def decode(self, data: bytes) -> Message:
        """Decode the next message.

        Args: data: the bytes that the encoder returned.
        Returns: the message; its arrays are read-only views of `data`.
        Raises: ValueError: not a message of this protocol.
        """
        try:
            (length,) = _HEADER_LENGTH.unpack_from(data)
            end = _HEADER_LENGTH.size + length
            name, body = _HEADER.decode(data[_HEADER_LENGTH.size : end])
            self._data, self._position, self._arrays = data, end + len(_padding(end)), []
            message = self._decoder(name).decode(body)
        except (struct.error, msgspec.MsgspecError, LookupError, TypeError, ValueError) as error:
            raise ValueError(f"not a message: {error}") from error
        if isinstance(message, Frame):
            self._frame = self._arrays
        return message

    def _decoder(self, name: str) -> msgspec.msgpack.Decoder[Message]:
        if name not in self._decoders:
            self._decoders[name] = msgspec.msgpack.Decoder(
                _TYPES[name], dec_hook=lambda kind, value: value, ext_hook=self._unpack_array
            )
        return self._decoders[name]

    def _unpack_array(self, code: int, described: memoryview) -> AnyArray:
        if code == _SAME_ARRAY:
            array = self._frame[msgspec.msgpack.decode(described, type=int)]
        else:
            name, shape = _DESCRIPTION.decode(described)
            if name not in _DTYPES:
                raise ValueError(f"arrays of {name}")
            dtype, count = np.dtype(name), int(np.prod(shape, dtype=np.int64))
            array = np.frombuffer(self._data, dtype, count, self._position).reshape(shape)
            self._position += array.nbytes + len(_padding(array.nbytes))
        self._arrays.append(array)
        return array


_HEADER = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw])
_DESCRIPTION = msgspec.msgpack.Decoder(tuple[str, tuple[int, ...]])


def _padding(length: int) -> bytes:
    return bytes(-length % _ALIGNMENT_BYTES)
