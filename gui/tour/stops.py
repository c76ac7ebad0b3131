"""The stops of the tour: what is ringed, what is said of it, and when the user has done it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gui.state.session_state import SessionState
from gui.theme import appearance

WATCHED_STEPS = 60
"""Steps after which ΔW is seen to grow: two seconds at the usual speed."""
Measure = Callable[[SessionState], object]


@dataclass(frozen=True, slots=True)
class TourStop:
    """One stop."""

    title: str
    text: str
    targets: tuple[str, ...]
    """Parts of the window, by the names that lessons ring them by; the card stands beside one."""
    progress: Measure = lambda _state: None
    """What changes when the user does what the stop asks for; by default nothing does."""


def _watched(state: SessionState) -> int:
    """Return how often a user has seen `WATCHED_STEPS` steps."""
    return 0 if state.frame is None else state.frame.step // WATCHED_STEPS


PRETRAINED = (
    "The pretrained weights of layer 1, one cell per weight: {negative} is negative, {positive} is "
    "positive. Fine-tuning leaves W as it is."
)
RANDOM = (
    "The weights of layer 1 at the start, one cell per weight: {negative} is negative, {positive} "
    "is positive. They are random here. Training leaves W as it is."
)
WATCH_DELTA = TourStop(
    "Press Play, and watch ΔW",
    "ΔW is what training adds. It begins at zero. W′ = W + ΔW is what the network uses.",
    ("layer1.delta", "play"),
    _watched,
)
LOCK_A_LAYER = TourStop(
    "Lock a layer",
    "Click the lock: layer 1 is frozen. Its ΔW stays as it is, while the other layers keep "
    "training.",
    ("layer1.delta", "layer1.lock"),
    SessionState.frozen_blocks,
)
DRAG_THE_RANK = TourStop(
    "Drag the rank",
    "ΔW has at most r directions. A larger rank has more parameters to train. Continue with the "
    "lessons, on the left.",
    ("rank",),
)
CHOOSE_LORA = TourStop(
    "Choose LoRA, then drag its rank",
    "LoRA writes ΔW as a product B A of rank r, with far fewer parameters. "
    "Choose it under Strategy; then its rank can be dragged.",
    ("strategy",),
)


def tour_stops(state: SessionState) -> tuple[TourStop, ...]:
    """Return the four stops; the first and the last depend on the strategy that is chosen."""
    info = state.strategy_info()
    has_rank = info is None or "rank" in info.controls
    text, colours = PRETRAINED if info is None or info.pretrained else RANDOM, appearance.colour_map
    this_is_w = TourStop(
        "This is W",
        text.format(negative=colours.negative, positive=colours.positive),
        ("layer1.weight",),
    )
    return this_is_w, WATCH_DELTA, LOCK_A_LAYER, DRAG_THE_RANK if has_rank else CHOOSE_LORA
