"""What crosses the seam: commands in; frames, reports and the catalogue out.

Only numbers, strings, tuples, dicts of these and numpy arrays, so that every message can be
encoded without pickle (see codec.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.protocol.settings import Settings

Matrix = NDArray[np.float32]

# ---------------------------------------------------------------- catalogue


@dataclass(frozen=True, slots=True)
class StrategyInfo:
    """What the window must know of one strategy to offer it."""

    name: str
    label: str
    summary: str
    """One sentence: what moves and what does not."""
    equation: str
    """What ΔW is under this strategy, to stand beside the column's title; may be empty."""
    lesson: int
    """Number of its lesson in the series."""
    source: str
    """The paper or page that the method comes from; may be empty."""
    controls: tuple[str, ...]
    """Settings fields that this strategy uses beyond those that every strategy uses."""
    defaults: dict[str, Any]
    """Settings fields that choosing this strategy sets."""
    locked: dict[str, str]
    """Layer -> why it cannot be unlocked under this strategy."""
    frozen: tuple[str, ...]
    """Layers frozen until the user unlocks them."""
    focus: tuple[str, ...]
    """The only layers worth showing; empty: all."""


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """What the window must know of one task to offer it."""

    name: str
    label: str
    source: str
    """What the network was pretrained on."""
    target: str
    """What it is fine-tuned for."""
    classes: tuple[str, ...]
    """Names of the target's classes, in the order of the head's outputs."""
    shares_head: bool
    """Whether source and target have the same classes, so that the old head serves."""
    features: tuple[str, ...] = ()
    """Names of the network's inputs, the columns of layer 1; empty: components without names."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The first message of a new engine: it is ready, and this is what it offers."""

    strategies: tuple[StrategyInfo, ...]
    tasks: tuple[TaskInfo, ...]


# ---------------------------------------------------------------- frames


@dataclass(frozen=True, slots=True)
class LayerFrame:
    """One layer as it stands: W, ΔW and W′, each (out, in), float32, C-contiguous."""

    name: str
    """layer1, layer2, layer3, head; adapter1.down, head.hidden …: unit, dot, part."""
    weight: Matrix
    """W: as it stood when training began."""
    delta: Matrix
    """ΔW = W′ − W."""
    updated: Matrix
    """W′: what the network computes with."""
    trainable: bool
    """Whether anything of this layer moves at the next step."""
    trainable_parameters: int
    total_parameters: int
    """With biases and with what the strategy adds to this layer."""
    delta_norm: float
    """‖ΔW‖, Frobenius."""
    weight_norm: float
    """‖W‖, Frobenius."""
    fresh: bool
    """Whether the layer is new: W is its random start, not pretrained."""
    factors: tuple[tuple[str, Matrix], ...] = ()
    """Named matrices that the strategy adds to the layer, ("lora_B", (out, r)) …"""

    @property
    def unit(self) -> str:
        """The name that locks and unlocks this layer: `adapter1` for `adapter1.down`."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class SampleFrame:
    """The sample being looked at, and what the network says of it before and after."""

    index: int
    """Which of the target's test samples, 0 … count − 1."""
    count: int
    picture: Matrix
    """(8, 8) for digits in 0…1; (3, 10) standardised features for tumours."""
    names: tuple[str, ...]
    """Name of each cell of the picture, row-major; empty where cells are pixels."""
    label: int
    """Its class, an index into `classes`."""
    classes: tuple[str, ...]
    before: NDArray[np.float32]
    """(classes,) probabilities with W."""
    after: NDArray[np.float32]
    """(classes,) probabilities with W′."""


@dataclass(frozen=True, slots=True)
class Curves:
    """Measures at some steps, oldest first; the same steps whoever watches and however fast."""

    steps: NDArray[np.int64]
    """(n,)"""
    train_loss: NDArray[np.float32]
    """(n,)"""
    validation_loss: NDArray[np.float32]
    """(n,)"""
    target_accuracy: NDArray[np.float32]
    """(n,) in 0…1; NaN where there is no head for the target"""
    source_accuracy: NDArray[np.float32]
    """(n,) in 0…1"""
    relative_change: NDArray[np.float32]
    """(n, layers): ‖ΔW‖ / ‖W‖ of each layer of the frame"""


@dataclass(frozen=True, slots=True)
class Frame:
    """The run at one step boundary: all that a window shows, and nothing half-done."""

    run: int
    """Counts runs from 1: a reset, or a setting that restarts, begins a new one; 0: a preview."""
    step: int
    layers: tuple[LayerFrame, ...]
    losses: NDArray[np.float32]
    """Batch loss of each step after the one the asker named; the last 10,000 at most."""
    train_loss: float
    """Over the whole training split: it stays put when nothing moves."""
    validation_loss: float
    target_accuracy: float | None
    """In 0…1 on the target's test split; None where no head for the target exists yet."""
    source_accuracy: float
    """In 0…1 on the source's test split: what is remembered of the source task."""
    start_source_accuracy: float
    """The same at step 0, so that forgetting is the difference."""
    trainable_parameters: int
    total_parameters: int
    body_trainable: int
    """Trainable parameters that belong to the body's layers or were added to them."""
    sample: SampleFrame | None
    settings: Settings
    playing: bool = False
    steps_per_second: float = 0.0
    curves: Curves | None = None
    """Points since the step the asker named; None: the asker keeps no curves."""

    @property
    def everything_frozen(self) -> bool:
        """Whether no step can change anything."""
        return self.run > 0 and self.trainable_parameters == 0


@dataclass(frozen=True, slots=True)
class StepReport:
    """One optimizer step."""

    step: int
    """Number of this step, the first is 1."""
    loss: float
    """Mean loss over the batch, with the weights before the step."""


# ---------------------------------------------------------------- reports


@dataclass(frozen=True, slots=True)
class Applied:
    """Settings took effect; the next step is the first under them."""

    run: int
    step: int
    settings: Settings
    notes: tuple[str, ...] = ()
    """What a user should know of the change, in whole sentences."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A command that could not be carried out; nothing changed."""

    message: str
    settings: Settings | None = None
    """Those that stay in force; None: there is no run yet."""
    playing: bool = False
    """Whether training goes on."""


@dataclass(frozen=True, slots=True)
class Diverged:
    """The loss went beyond all bounds, or is no number any more; training is paused."""

    step: int
    last_good_step: int
    learning_rate: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The engine raised; training is paused and the last good state is kept."""

    message: str
    traceback: str
    last_good_step: int


@dataclass(frozen=True, slots=True)
class EngineDied:
    """The engine process ended without being told to."""

    exit_code: int | None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The trainer's state, for going on in a new engine process."""

    run: int
    step: int
    state: dict[str, Any]


# ---------------------------------------------------------------- commands


@dataclass(frozen=True, slots=True)
class Configure:
    """Run under these settings from the next step on; a new run where they require one."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class Play:
    """Train until told to pause."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop after the step under way."""


@dataclass(frozen=True, slots=True)
class Step:
    """Take so many steps, then pause."""

    count: int = 1


@dataclass(frozen=True, slots=True)
class Reset:
    """Begin a new run from the same initial weights."""


@dataclass(frozen=True, slots=True)
class SetSpeed:
    """Take at most so many steps a second; 0: as fast as it goes."""

    steps_per_second: float


@dataclass(frozen=True, slots=True)
class ShowSample:
    """Look at this sample of the target's test split; the index wraps round."""

    index: int


@dataclass(frozen=True, slots=True)
class GoBack:
    """Return to the last step before the run was lost."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Go on from a checkpoint of an engine that is gone."""

    checkpoint: Checkpoint


@dataclass(frozen=True, slots=True)
class RequestFrame:
    """Send the next frame that differs from the last one sent, at a step boundary."""

    since: int = 0
    """Last step whose loss the asker already has."""


@dataclass(frozen=True, slots=True)
class Quit:
    """End the engine process."""


Command = (
    Configure
    | Play
    | Pause
    | Step
    | Reset
    | SetSpeed
    | ShowSample
    | GoBack
    | Resume
    | RequestFrame
    | Quit
)
Report = Catalogue | Applied | Refused | Diverged | Failed | EngineDied | Checkpoint
Message = Command | Report | Frame
