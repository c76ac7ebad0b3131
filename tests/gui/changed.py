"""Frames and layers with some fields changed."""

from __future__ import annotations

from typing import Any, TypeVar

from msgspec.structs import replace

from engine.protocol.messages import Frame, LayerFrame

Shown = TypeVar("Shown", Frame, LayerFrame)


def changed(shown: Shown, **changes: Any) -> Shown:
    """Other numbers, measured ones included. Args: measured_at: their step; else the frame's."""
    field = "measurements" if isinstance(shown, Frame) else "measured"
    measured = {name: changes.pop(name) for name in [*changes] if not hasattr(shown, name)}
    if isinstance(shown, Frame):
        measured["step"] = measured.pop("measured_at", changes.get("step", shown.step))
    found = changes.get(field, getattr(shown, field))
    return replace(shown, **changes | {field: replace(found, **measured)})
