"""The window's tests look at what the engine sends today: each recording is made again here."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest
from msgspec.structs import asdict, replace

from tests import recordings
from tests.record_frames import RECORDINGS

RELATIVE, ABSOLUTE = 1e-3, 1e-5
"""Processors differ in the last bits of a sum, and ten steps make more of it."""


def differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """Where two messages differ: floats by more than a processor's, all else at all."""
    if type(one) is not type(other):
        yield f"{place}: {type(one).__name__}, {type(other).__name__}"
    elif isinstance(one, msgspec.Struct):
        yield from differences(asdict(one), asdict(other), place)
    elif isinstance(one, np.ndarray):
        same = (one.dtype, one.shape) == (other.dtype, other.shape)
        if not same or not np.allclose(one, other, RELATIVE, ABSOLUTE, equal_nan=True):
            yield f"{place}: {one.dtype} {one.shape}, {other.dtype} {other.shape}"
    elif isinstance(one, tuple | list):
        if len(one) != len(other):
            yield f"{place}: {len(one)}, {len(other)} items"
        for index, (item, item2) in enumerate(zip(one, other, strict=False)):
            yield from differences(item, item2, f"{place}[{index}]")
    elif isinstance(one, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from differences(one.get(name), other.get(name), f"{place}.{name}")
    elif isinstance(one, float):
        if not math.isclose(one, other, rel_tol=RELATIVE, abs_tol=ABSOLUTE):
            yield f"{place}: {one}, {other}"
    elif one != other:
        yield f"{place}: {one!r}, {other!r}"


@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_is_what_the_engine_sends(name: str) -> None:
    kept, sent = recordings.read(name), tuple(RECORDINGS[name]())
    if name == "_catalogue":  # a further strategy needs no new recording
        known = {info.name for info in kept[0].strategies}
        strategies = tuple(info for info in sent[0].strategies if info.name in known)
        sent = (replace(sent[0], strategies=strategies),)
    found = [*differences(kept, sent)]
    assert not found, f"python -m tests.record_frames {name}\n" + "\n".join(found[:10])


def test_nothing_is_recorded_that_cannot_be_made_again() -> None:
    assert set(recordings.names()) == RECORDINGS.keys()


def test_a_difference_is_seen() -> None:
    (first, second, *_) = recordings.read("lora")
    assert [*differences(first, first)] == []
    assert any(".step" in place for place in differences(first, second))
    layer = replace(second.layers[0], delta=second.layers[0].delta * 1.01)
    other = replace(second, layers=(layer, *second.layers[1:]))
    assert [*differences(second, other)] == [".layers[0].delta: float32 (40, 30), float32 (40, 30)"]
