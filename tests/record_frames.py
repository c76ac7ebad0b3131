"""Records what a real engine sends, for the window's tests: see `tests.recordings`.

    python -m tests.record_frames [NAMES…]      all of them, or these

To be run whenever a message of the protocol, a strategy or the arithmetic changes;
tests/engine/test_recordings.py says so. A further frame for a test is a line in `FRAMES`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from engine.catalogue import catalogue
from engine.protocol.messages import (
    CellAddress,
    ComparisonFrame,
    Configure,
    Failed,
    Frame,
    FrameOptions,
    GoTo,
    Message,
    PartRequest,
    Play,
    Reached,
    RequestFrame,
    RunComparison,
    SetViews,
    StartComparison,
    Timeline,
)
from engine.protocol.settings import Settings
from engine.strategies import STRATEGIES
from tests import recordings
from tests.engine.loop_driver import LoopDriver, running

STEPS = 10
"""Enough for every number to have moved, few enough for processors to agree on them."""
BODY = ("layer1", "layer2", "layer3")
RANKS = (1, 2, 7, 8, 9, 16, 30)

Changes = dict[str, Any]
VARIANTS: dict[str, tuple[Changes, ...]] = {
    "full": tuple({"task": task} for task in ("digits-0-4-to-5-9", "digits-turned-to-parity")),
    "lora": tuple({"rank": rank} for rank in RANKS),
    "vera": ({"rank": 30},),
    "qlora": tuple({"rank": rank} for rank in (1, 9, 16, 30)),
    "qlora_xray": tuple({"rank": rank} for rank in (1, 9, 16, 30)),
    "dora_batch_norm": tuple({"rank": rank} for rank in (1, 9, 16, 30)),
    "adapter": tuple({"bottleneck": width} for width in (1, 4, 20, 40)),
}
"""Recorded before the first step as well, where ΔW is zero and takes no room in the file."""
AIDS: dict[str, tuple[str, Changes, FrameOptions]] = {
    "xray": ("full", {}, FrameOptions(truncation_rank=2)),
    "qlora_xray": ("qlora", {}, FrameOptions(truncation_rank=2)),
    "batch_norm": ("full", {"batch_norm": True}, FrameOptions()),
    # With Adam, the last bits of its pretraining, made here, would decide the sign of a step.
    "dora_batch_norm": (
        "dora",
        {"batch_norm": True, "optimizer": "sgd", "learning_rate": 0.1},
        FrameOptions(),
    ),
    "statistics": ("full", {"batch_norm": True, "frozen": BODY}, FrameOptions()),
}
"""name -> strategy, settings, options"""


def record_strategy(name: str) -> list[Message]:
    """Frames before the first step and after `STEPS`, then the variants."""
    strategy, changes, options = AIDS.get(name, (name, {}, FrameOptions()))
    defaults = dict(STRATEGIES[strategy].defaults)
    settings = Settings(**{"strategy": strategy, **defaults, **changes})
    messages = record_frames(settings, (0, STEPS), options)
    for variant in VARIANTS.get(name, ()):
        messages += record_frames(settings.replace(**variant), (0,), options)
    return messages


def record_frames(
    settings: Settings, steps: Iterable[int], options: FrameOptions | None = None
) -> list[Message]:
    """One frame of a run at each of these steps."""
    with running(settings) as engine:
        engine.send(options or FrameOptions())
        return [frame_at(engine, step) for step in steps]


def frame_at(engine: LoopDriver, step: int) -> Frame:
    """The frame of a paused run at a step."""
    if step:
        engine.send(Play(step))
        engine.wait_for(Reached)
    engine.send(RequestFrame())
    return next_frame(engine)


def next_frame(engine: LoopDriver) -> Frame:
    """The frame that was asked for. Raises: RuntimeError: the engine failed."""
    answer = engine.wait_for(Frame, Failed)
    if isinstance(answer, Failed):
        raise RuntimeError(answer.traceback)
    return answer


def record_inspection() -> list[Message]:
    """A cell's derivation, a trace of the coming step, and the sample's activations."""
    options = FrameOptions(
        cell=CellAddress("layer2", 3, 5, "delta"), step_trace=True, activations=True
    )
    return record_frames(Settings(strategy="lora", optimizer="adamw"), (STEPS,), options)


def record_large() -> list[Message]:
    """A network whose layers are not sent cell by cell: the whole, and a part of it."""
    view = PartRequest("layer2", 20, 40, 60, 100, 50)
    with running(Settings(strategy="lora", width=320, depth=2)) as engine:
        views = [PartRequest(name, 0, 0, 320, 320, 40) for name in ("layer1", "layer2", "head")]
        engine.send(SetViews(tuple(views)))
        whole = frame_at(engine, STEPS)
        engine.send(SetViews((views[0], view, views[2])), RequestFrame())
        return [whole, next_frame(engine)]


def record_timeline() -> list[Message]:
    """The timeline of a run with a branch from its fifth step, compared with the first."""
    settings = Settings(strategy="lora")
    with running(settings) as engine:
        frame_at(engine, STEPS)
        engine.send(GoTo(STEPS // 2), Configure(settings.replace(learning_rate=1e-2)))
        while len((timeline := engine.wait_for(Timeline)).branches) < 2:
            pass
        engine.send(FrameOptions(compared_branch=0))
        return [timeline, frame_at(engine, STEPS)]


def record_comparison() -> list[Message]:
    """Two runs side by side, at their end; how long they took is set to nothing."""
    both = (Settings(), Settings(strategy="lora"))
    with running(Settings()) as engine:
        engine.send(StartComparison(both, STEPS), RunComparison(True))
        while (frame := engine.wait_for(ComparisonFrame)).running:
            pass
    rows = tuple(replace(row, seconds=0.0) for row in frame.rows)
    return [replace(frame, rows=rows, steps_per_second=0.0)]


RECORDINGS: dict[str, Callable[[], list[Message]]] = {
    **{
        name: partial(record_strategy, name)
        for name in (*recordings.LESSONS, *recordings.METHODS, *AIDS)
    },
    "_catalogue": lambda: [catalogue()],
    "_comparison": record_comparison,
    "_inspection": record_inspection,
    "_large": record_large,
    "_timeline": record_timeline,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Record. Returns: the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *RECORDINGS], default=[])
    chosen = parser.parse_args(arguments).names or list(RECORDINGS)
    for name in chosen:
        recordings.write(name, RECORDINGS[name]())
    for name in set(recordings.names()) - RECORDINGS.keys():
        (recordings.FOLDER / f"{name}.frame").unlink()
    size = sum(file.stat().st_size for file in recordings.FOLDER.iterdir())
    print(f"{len(chosen)} recorded; all of them take {size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
