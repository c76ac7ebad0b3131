"""Made activations of a sample in a network, under the names that the engine gives them."""

from __future__ import annotations

from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.protocol.messages import Frame, LayerActivations, NetworkActivations
from tests.gui.frames import frame as stage_frame
from tests.gui.shell_frames import sample


def flow(frame: Frame, seed: int = 0, shift: float = 0.5) -> NetworkActivations:
    """Numbers for every layer of a frame. Args: shift: from before to now."""
    generator = np.random.default_rng(seed)

    def numbers(count: int) -> np.ndarray:
        return np.maximum(generator.normal(0.5, 1, count), 0).astype(np.float32)

    found: list[LayerActivations] = []
    for layer in frame.layers:
        unit, _, part = layer.name.partition(".")
        out, _ = layer.shape
        values = numbers(out)
        if unit.startswith("adapter"):
            name = layer.name if part == "down" else unit
            found.append(LayerActivations(name, None, values))
        elif part == "hidden":
            found.append(LayerActivations(layer.name, values, values + np.float32(shift)))
        elif unit != "head":
            if any(name == "prompt" for name, _ in layer.factors):
                found.append(LayerActivations(f"{unit}.prompt", None, numbers(layer.shape[1])))
            found.append(LayerActivations(unit, values, values + np.float32(shift)))
    return NetworkActivations(generator.normal(0, 1, 30).astype(np.float32), tuple(found))


def flowing(strategy: str = "lora", step: int = 1, **changes: Any) -> Frame:
    """A frame with a sample and its way. Args: changes: of the sample, or `run`, `seed`."""
    made = stage_frame(strategy, step=step, run=changes.pop("run", 1))
    found = flow(made, changes.pop("seed", 0))
    return replace(made, sample=sample(**changes), activations=found)
