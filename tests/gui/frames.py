"""Frames that an engine sent, varied as a test needs them, and a session that hands them out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.protocol.frames import LayerMeasurements
from engine.protocol.messages import (
    Array,
    Check,
    Frame,
    LayerFrame,
    Merge,
    StrategyInfo,
    TruncatedLayer,
    Truncation,
)
from engine.protocol.settings import Settings
from gui.stage.stage import Stage
from tests import recordings
from tests.gui.changed import changed
from tests.gui.made_checks import checks, failing
from tests.gui.made_factors import named
from tests.gui.shell_frames import FakeSession, catalogue

BODY = {"layer1": (40, 30), "layer2": (40, 40), "layer3": (40, 40)}
EVERY = (*recordings.LESSONS, *recordings.METHODS, *recordings.AIDS, "broken")
"""All recordings of strategies, and one in which lights are red."""


def layer(
    name: str,
    shape: tuple[int, int],
    *,
    change: float = 0.0,
    trainable: bool = True,
    randomly_initialised: bool = False,
) -> LayerFrame:
    """A layer of any shape with W ~ N(0, 0.15²) and a low-rank ΔW of about `change` a cell."""
    out, inputs = shape
    generator = np.random.default_rng([*name.encode()])
    weight = generator.normal(0.0, 0.15, shape).astype(np.float32)
    b = generator.normal(0.0, 1.0, (out, 5)) * np.exp(-generator.uniform(0, 2.5, (out, 1)))
    delta = (b @ generator.normal(0.0, change / np.sqrt(5), (5, inputs))).astype(np.float32)
    values = np.linalg.svd(delta, compute_uv=False)
    return LayerFrame(
        name=name,
        weight=weight,
        delta=delta,
        updated=weight + delta,
        trainable=trainable,
        trainable_parameters=weight.size if trainable else 0,
        total_parameters=weight.size,
        delta_norm=float(np.linalg.norm(delta)),
        weight_norm=float(np.linalg.norm(weight)),
        randomly_initialised=randomly_initialised,
        measured=LayerMeasurements(name, values, k90(values), None, checks(frozen=not trainable)),
    )


def k90(values: Array) -> int:
    """Directions that hold 90 % of the energy; 0 without any."""
    energy = np.cumsum(values.astype(np.float64) ** 2)
    return int(np.searchsorted(energy, 0.9 * energy[-1])) + 1 if energy[-1] > 0 else 0


def with_proof(one: LayerFrame, check: Check) -> LayerFrame:
    """The layer with this proof in place of its own of the same claim."""
    others = tuple(each for each in one.measured.checks if each.name != check.name)
    return changed(one, checks=(*others, check))


TASKS = {5: "digits-0-4-to-5-9", 2: "digits-turned-to-parity"}
"""Classes of the target -> a task that has so many."""


@cache
def recorded(strategy: str, **changes: Any) -> Frame:
    """The frame that an engine sent, of a run with these settings.

    Args: changes: of the settings, or `classes`; `started`: False: before the first step.
    """
    started = changes.pop("started", True)
    if (classes := changes.pop("classes", 10)) != 10:
        changes["task"] = TASKS[classes]
    start, later, *variants = recordings.read("full" if strategy == "broken" else strategy)
    for one in (later, *variants) if started else (start, *variants):
        assert isinstance(one, Frame)
        if all(getattr(one.settings, key) == value for key, value in changes.items()):
            return one
    raise LookupError(f"{strategy} with {changes} is recorded nowhere: tests/record_frames.py")


def scaled(one: LayerFrame, factor: float) -> LayerFrame:
    """The layer with so many times its ΔW."""
    factors = tuple(
        replace(each, values=each.values * np.float32(factor)) if each.name == "lora_B" else each
        for each in one.factors
    )
    return changed(
        one,
        delta=one.delta * np.float32(factor),
        updated=one.weight + one.delta * np.float32(factor),
        delta_norm=one.delta_norm * factor,
        singular_values=one.measured.singular_values * np.float32(factor),
        factors=factors,
    )


def layers(strategy: str, *, change: float | None = None, **changes: Any) -> tuple[LayerFrame, ...]:
    """The layers that a strategy's frame carries, in the network's order.

    Args: change: largest |ΔW| of all cells; None: as the run had it.  changes: as in `recorded`.
    """
    found = tuple(
        changed(one, step_norm=0.02 * one.delta_norm)  # as if its last step was watched
        for one in recorded(strategy, started=change != 0.0, **changes).layers
    )
    if strategy == "broken":
        return (found[0], *(with_proof(one, failing("merged")) for one in found[1:]))
    largest = max(float(np.abs(one.delta).max()) for one in found)
    return tuple(scaled(one, change / largest) for one in found) if change and largest else found


def frame(
    strategy: str = "full",
    *,
    step: int = 0,
    run: int = 1,
    settings: Settings | None = None,
    **shape: Any,
) -> Frame:
    """One frame with round numbers beside its layers. Args: shape: as `layers` takes it."""
    change = shape.pop("change", None)
    return changed(
        recorded(strategy, **shape),
        step=step,
        run=run,
        layers=layers(strategy, change=change, **shape),
        losses=np.zeros(0, np.float32),
        train_loss=1.0,
        validation_loss=1.0,
        target_accuracy=0.5,
        source_accuracy=0.9,
        start_source_accuracy=0.95,
        sample=None,
        truncation=None,
        curves=None,
        tip=0,
        command=0,
        settings=settings or recorded(strategy, **shape).settings,
    )


def settings_of(strategy: str) -> Settings:
    """Settings under which such frames come."""
    return recorded(strategy).settings


def cut(frame: Frame, rank: int, **changes: Any) -> Frame:
    """The frame as the engine sends it while the X-ray looks at this rank."""
    parts, cuts = [], []
    for part in frame.layers:
        if part.name in BODY:
            left, values, right = np.linalg.svd(part.delta, full_matrices=False)
            truncated = np.ascontiguousarray((left[:, :rank] * values[:rank]) @ right[:rank])
            whole = float((values**2).sum())
            energy = float((values[:rank] ** 2).sum()) / whole if whole > 0 else 1.0
            cuts.append(TruncatedLayer(part.name, energy))
            factors = (*part.factors, named("truncated", truncated))
            part = replace(part, factors=factors)
        parts.append(part)
    truncation = Truncation(
        rank=rank, target_accuracy=0.46, source_accuracy=0.9, layers=tuple(cuts)
    )
    truncation = replace(truncation, **changes)
    return changed(frame, layers=tuple(parts), truncation=truncation)


MERGES = (
    Merge("float32", 32.0, 0.0, 0.0, 0.5, 0.9),
    Merge("float16", 16.0, 0.00021, 0.0009, 0.5, 0.9),
    Merge("bfloat16", 16.0, 0.0017, 0.0071, 0.5, 0.9),
    Merge("int8", 8.8, 0.0062, 0.026, 0.5, 0.898),
    Merge("nf4", 4.126953125, 0.0911, 0.38, 0.482, 0.91),
)
"""Of a frame with target accuracy 0.5 and source accuracy 0.9."""


def info(strategy: str) -> StrategyInfo:
    """The entry in the catalogue of a recording's strategy."""
    name = settings_of(strategy).strategy if strategy in EVERY else strategy
    return next(each for each in catalogue().strategies if each.name == name)


def session_of(strategy: str = "full") -> FakeSession:
    """A session with the settings of a strategy's recording."""
    return FakeSession(settings_of(strategy))


PROJECTOR, LAPTOP = (806, 476), (1120, 740)
"""What windows of 1280 × 720 and 1600 × 1000 have for the stage."""

Open = Callable[..., tuple[FakeSession, Stage]]
"""(strategy, size=LAPTOP, step=1, **shape of the frame) -> its session and the stage, opened"""
