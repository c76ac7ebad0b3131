"""Frames as the engine sends them, made without it, and a session that hands them out."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from engine.protocol.host import EngineHost
from engine.protocol.messages import (
    Array,
    Arrived,
    Catalogue,
    Check,
    Frame,
    LayerFrame,
    Matrix,
    Merge,
    NumberedCommand,
    Report,
    StrategyInfo,
    TruncatedLayer,
    Truncation,
)
from engine.protocol.settings import Settings, strategy_names
from gui.session import Session
from gui.stage.stage import Stage
from tests.gui.answering import answering
from tests.gui.made_checks import STATISTICS, checks, failing
from tests.gui.made_factors import added, bias_of_prompt, named, product

BODY = {"layer1": (40, 30), "layer2": (40, 40), "layer3": (40, 40)}
STRATEGIES = (
    "full",
    "freeze",
    "linear_probe",
    "feature_head",
    "adapter",
    "lora",
    "weight_update",
)
METHODS = (
    "dora",
    "pissa",
    "qlora",
    "adalora",
    "vera",
    "ia3",
    "bitfit",
    "prompt",
    "prefix",
    "parallel_adapter",
    "gradual_unfreezing",
)
"""Strategies beyond the lessons."""
WITH_AIDS = ("xray", "batch_norm", "qlora_xray", "dora_batch_norm", "broken", "statistics")
"""Full fine-tuning under the X-ray, BatchNorm beside another strategy, lights that are red."""
EVERY = (*STRATEGIES, *METHODS, *WITH_AIDS)
EQUATIONS = {
    "lora": "= α/r · B A",
    "qlora": "= α/r · B A",
    "qlora_xray": "= α/r · B A",
    "dora": "= m · V/‖V‖ − W",
    "dora_batch_norm": "= m · V/‖V‖ − W",
    "pissa": "= α/r · (B A − B₀ A₀)",
    "adalora": "= s · B diag(E) A",
    "vera": "= b ⊙ B (d ⊙ A)",
    "ia3": "= (l − 1) ⊙ W",
    "adapter": "= 0",
    "parallel_adapter": "= 0",
    "bitfit": "= 0",
    "prompt": "= 0",
    "prefix": "= 0",
    "weight_update": "= −η · Σ G",
}
BODY_LOCKED = ("linear_probe", "feature_head", "adapter", "parallel_adapter")


def layer(
    name: str,
    shape: tuple[int, int],
    *,
    seed: int = 0,
    change: float = 0.0,
    trainable: bool = True,
    randomly_initialised: bool = False,
    rank: int = 0,
    factors: tuple[Matrix[Array], ...] = (),
) -> LayerFrame:
    """A layer with W ~ N(0, 0.15²) and a low-rank ΔW of about `change` a cell."""
    out, inputs = shape
    generator = np.random.default_rng([seed, *name.encode()])
    weight = generator.normal(0.0, 0.15, shape).astype(np.float32)
    b = generator.normal(0.0, 1.0, (out, rank or 5)).astype(np.float32)
    a = generator.normal(0.0, change / np.sqrt(rank or 5), (rank or 5, inputs)).astype(np.float32)
    b *= np.exp(-generator.uniform(0, 2.5, (out, 1))).astype(np.float32)
    delta = (b @ a).astype(np.float32)
    extra = 0
    if rank:
        factors = (named("lora_B", b), named("lora_A", a))
        extra = b.size + a.size
    values = np.linalg.svd(delta, compute_uv=False)
    total = weight.size + extra + (out if name.startswith(("head", "adapter")) else 0)
    moving = (extra or total) if trainable else 0
    return LayerFrame(
        name=name,
        weight=weight,
        delta=delta,
        updated=weight + delta,
        trainable=trainable,
        trainable_parameters=moving,
        total_parameters=total,
        delta_norm=float(np.linalg.norm(delta)),
        weight_norm=float(np.linalg.norm(weight)),
        randomly_initialised=randomly_initialised,
        factors=factors,
        singular_values=values,
        k90=k90(values),
        step_norm=0.02 * float(np.linalg.norm(delta)),
        scaling=1.0 if rank else None,
        checks=checks(lora=rank, frozen=not trainable),
    )


def k90(values: Array) -> int:
    """Directions that hold 90 % of the energy; 0 without any."""
    energy = np.cumsum(values.astype(np.float64) ** 2)
    return int(np.searchsorted(energy, 0.9 * energy[-1])) + 1 if energy[-1] > 0 else 0


def with_proof(one: LayerFrame, check: Check) -> LayerFrame:
    """The layer with this proof in place of its own of the same claim."""
    others = tuple(each for each in one.checks if each.name != check.name)
    return dataclasses.replace(one, checks=(*others, check))


def plus(one: LayerFrame, *names: str, rank: int = 4) -> LayerFrame:
    """The layer with further factors of these names."""
    factors = tuple(
        (bias_of_prompt if name == "delta_b" and "prompt" in names else named)(
            name, added(name, one, rank)
        )
        for name in names
    )
    return dataclasses.replace(one, factors=(*one.factors, *factors))


_ADDED = {
    "dora": ("magnitude",),
    "qlora": ("codes", "rounding_error"),
    "qlora_xray": ("codes", "rounding_error", "truncated"),
    "dora_batch_norm": ("magnitude", "running_mean", "running_var"),
    "pissa": ("lora_B", "lora_A"),
    "adalora": ("lora_B", "lora_E", "lora_A"),
    "vera": ("vera_b", "vera_B", "vera_d", "vera_A"),
    "ia3": ("ia3_l",),
    "bitfit": ("delta_b",),
    "prompt": ("prompt", "delta_b"),
    "prefix": ("prompt", "delta_b"),
    "xray": ("truncated",),
    "batch_norm": ("running_mean", "running_var"),
    "broken": (),
    "statistics": ("running_mean", "running_var"),
}
_STILL = ("bitfit", "prompt", "prefix")
"""Those whose ΔW stays zero."""


def _method_layers(strategy: str, rank: int, change: float, classes: int) -> list[LayerFrame]:
    """Body and head of a strategy that adds factors to the body."""
    multiplied = strategy in ("dora", "qlora", "qlora_xray", "dora_batch_norm")
    moved = 0.0 if strategy in _STILL else change
    found = []
    for name, shape in BODY.items():
        one = layer(name, shape, change=moved, rank=rank if multiplied else 0)
        if strategy != "prompt" or name == "layer1":
            one = plus(one, *_ADDED[strategy], rank=rank)
        if strategy == "pissa":
            one = dataclasses.replace(one, scaling=1.0)
        if strategy in ("adalora", "vera"):
            delta = product(one.factors)
            one = dataclasses.replace(one, delta=delta, updated=one.weight + delta)
        if strategy == "broken" and name != "layer1":
            one = with_proof(one, failing("merged"))
        if strategy == "statistics":
            one = with_proof(dataclasses.replace(one, trainable=False), STATISTICS)
        found.append(one)
    head = layer("head", (classes, 40), change=change)
    if strategy in _STILL:
        head = plus(head, "delta_b")
    return [*found, head]


def layers(
    strategy: str,
    *,
    rank: int = 4,
    change: float = 0.03,
    classes: int = 10,
    bottleneck: int = 8,
    head_width: int = 16,
) -> tuple[LayerFrame, ...]:
    """The layers that a strategy's frame carries, in the network's order."""
    head = (classes, 40)
    if strategy in _ADDED:
        return tuple(_method_layers(strategy, rank, change, classes))
    if strategy == "gradual_unfreezing":
        held = {"layer1": 225, "layer2": 150, "layer3": 75}
        body = [
            dataclasses.replace(layer(n, s, trainable=False), unfreeze_at=held[n])
            for n, s in BODY.items()
        ]
        return (*body, layer("head", head, change=change))
    if strategy in ("adapter", "parallel_adapter"):
        found: list[LayerFrame] = []
        for number, (name, shape) in enumerate(BODY.items(), start=1):
            found.append(layer(name, shape, trainable=False))
            fed = shape[1] if strategy == "parallel_adapter" else shape[0]
            parts = (("down", (bottleneck, fed)), ("up", (shape[0], bottleneck)))
            found += [
                layer(f"adapter{number}.{p}", s, change=change, randomly_initialised=True)
                for p, s in parts
            ]
        return (*found, layer("head", head, change=change))
    if strategy == "lora":
        body = [layer(n, s, change=change, rank=rank) for n, s in BODY.items()]
        return (*body, layer("head", head, change=change))
    if strategy == "freeze":
        locked = ("layer1", "layer2")
        body = [
            layer(n, s, change=0.0 if n in locked else change, trainable=n not in locked)
            for n, s in BODY.items()
        ]
        return (*body, layer("head", head, change=change))
    if strategy in BODY_LOCKED:
        body = [layer(n, s, trainable=False) for n, s in BODY.items()]
        if strategy == "linear_probe":
            return (*body, layer("head", head, change=change, randomly_initialised=True))
        hidden = layer("head.hidden", (head_width, 40), change=change, randomly_initialised=True)
        output = layer(
            "head.output", (classes, head_width), change=change, randomly_initialised=True
        )
        return (*body, hidden, output)
    if strategy == "weight_update":
        gradient = np.random.default_rng(3).normal(0, 0.01, (40, 30)).astype(np.float32)
        first = layer("layer1", (40, 30), change=change, factors=(named("gradient", gradient),))
        rest = [layer(n, s, trainable=False) for n, s in list(BODY.items())[1:]]
        return (first, *rest, layer("head", head, trainable=False))
    body = [layer(n, s, change=change * k) for k, (n, s) in enumerate(BODY.items(), start=1)]
    return (*body, layer("head", head, change=change))


def frame(
    strategy: str = "full",
    *,
    step: int = 0,
    run: int = 1,
    settings: Settings | None = None,
    **shape: Any,
) -> Frame:
    """One frame. Args: shape: as `layers` takes it."""
    parts = layers(strategy, **shape)
    return Frame(
        run=run,
        step=step,
        layers=parts,
        losses=np.zeros(0, np.float32),
        train_loss=1.0,
        validation_loss=1.0,
        target_accuracy=0.5,
        source_accuracy=0.9,
        start_source_accuracy=0.95,
        trainable_parameters=sum(part.trainable_parameters for part in parts),
        total_parameters=sum(part.total_parameters for part in parts),
        body_trainable=0,
        sample=None,
        settings=settings or settings_of(strategy),
    )


def settings_of(strategy: str) -> Settings:
    """Settings under which such frames come; full fine-tuning stands for what no strategy is."""
    return Settings(strategy=strategy if strategy in strategy_names() else "full")


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
            part = dataclasses.replace(part, factors=factors)
        parts.append(part)
    truncation = Truncation(
        rank=rank, target_accuracy=0.45, source_accuracy=0.9, layers=tuple(cuts)
    )
    truncation = dataclasses.replace(truncation, **changes)
    return dataclasses.replace(frame, layers=tuple(parts), truncation=truncation)


MERGES = (
    Merge("float32", 32.0, 0.0, 0.0, 0.5, 0.9),
    Merge("float16", 16.0, 0.00021, 0.0009, 0.5, 0.9),
    Merge("bfloat16", 16.0, 0.0017, 0.0071, 0.5, 0.9),
    Merge("int8", 8.8, 0.0062, 0.026, 0.5, 0.898),
    Merge("nf4", 4.126953125, 0.0911, 0.38, 0.482, 0.91),
)
"""Of a frame with target accuracy 0.5 and source accuracy 0.9."""


def info(strategy: str) -> StrategyInfo:
    """The strategy's entry in the catalogue."""
    body = {name: "its own layers stay as they were." for name in BODY}
    return StrategyInfo(
        name=strategy,
        label=strategy,
        summary="",
        stored_as="nf4" if strategy in ("qlora", "loftq") else "",
        scaling_rule={"rslora": "α/√r", "adalora": "α/r₀"}.get(strategy, "α/r"),
        equation=EQUATIONS.get(strategy, ""),
        lesson=1,
        lock_reasons=body if strategy in BODY_LOCKED else {},
        frozen=("layer1", "layer2") if strategy == "freeze" else (),
        focus=("layer1",) if strategy == "weight_update" else (),
    )


class SilentHost:
    """Takes commands and never answers."""

    alive = True

    def __init__(self) -> None:
        self.sent: list[NumberedCommand] = []

    def start(self, settings: Settings, number: int = 1) -> None:
        """Nothing to start."""

    def send(self, command: NumberedCommand) -> None:
        """Remember it."""
        self.sent.append(command)

    def take_reports(self) -> list[Report]:
        """None ever come."""
        return []

    def take_frame(self) -> None:
        """None ever comes."""

    def request_frame(self, shown: Frame | None) -> None:
        """Never answered."""

    def ping(self) -> bool:
        """It is only taken to be silent where a test says so."""
        return True

    def close(self) -> None:
        """Nothing to end."""


class FedSession(Session):
    """A session whose frames come from the test."""

    def __init__(self, strategy: str = "full") -> None:
        self.silent_host = SilentHost()
        super().__init__(settings_of(strategy), cast(EngineHost, self.silent_host))
        self.give_catalogue(
            dataclasses.replace(info(strategy), name=self.state.settings.strategy),
            *map(info, STRATEGIES),
        )

    def give_catalogue(self, *infos: StrategyInfo) -> None:
        """As if the engine had become ready."""
        self.tell(Catalogue(strategies=infos, tasks=()))

    def tell(self, report: Report) -> None:
        """As if the engine had sent it."""
        self.take_report(answering(report, self.silent_host.sent))

    def tick(self) -> None:
        """As if the time of a repaint had come."""
        self.poll()

    def give(self, frame: Frame) -> None:
        """As if the engine had sent it."""
        self.take_frame(answering(frame, self.silent_host.sent))

    def arrive(self, frame: Frame) -> None:
        """As if the engine had gone there."""
        self.tell(Arrived(frame.run, frame.branch, frame.step, frame.settings))
        self.give(frame)


PROJECTOR, LAPTOP = (806, 476), (1120, 740)
"""What windows of 1280 × 720 and 1600 × 1000 have for the stage."""

Open = Callable[..., tuple[FedSession, Stage]]
"""(strategy, size=LAPTOP, step=1, **shape of the frame) -> its session and the stage, opened"""
