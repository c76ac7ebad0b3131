"""What a window shows of one step boundary."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.protocol.derivation import CellDerivation, StepTrace
from engine.protocol.settings import Settings

Matrix = NDArray[np.float32]


def _nothing() -> NDArray[np.float32]:
    return np.zeros(0, np.float32)


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must hold for a layer, checked at the frame's step."""

    name: str
    """frozen: every bit as it was when it was frozen; zero_start: ΔW was 0 at step 0;
    rank: rank(ΔW) ≤ r; sum: W′ = W + ΔW; merged: one matrix W′ gives the outputs of W and the
    strategy's branch beside it."""
    holds: bool
    found: float
    """frozen: the number now; zero_start: largest |ΔW|; rank: the rank; sum, merged: the largest
    difference."""
    wanted: float
    """frozen: the number then; else the most that `found` may be."""
    step: int
    """Where it holds: since when it has been so; else the step at which it was first seen."""
    where: str = ""
    """The number that `found` and `wanted` speak of: weight[3, 7], norm.running_mean[0]."""
    lesson: bool = False
    """Where it fails: a lesson of the settings (BatchNorm's statistics), not a bug of ours."""


MAX_WHOLE_SIDE = 256
"""A layer with no more rows and columns than this crosses the seam cell by cell."""


@dataclass(frozen=True, slots=True)
class ViewRequest:
    """What a window shows of a large layer's matrices."""

    layer: str
    top: int
    """First row."""
    left: int
    """First column."""
    rows: int
    """How many; what lies beyond the matrix's edge is left out."""
    columns: int
    pixels: int
    """At most so many rows and columns of the picture."""


@dataclass(frozen=True, slots=True)
class VisiblePart:
    """Which part of a large layer its arrays depict: each number stands for a block of cells.

    It is the number of the largest magnitude among the block's stride × stride cells, with its
    sign; NaN where one of them is NaN. At stride 1 every number is a cell's exact value.
    """

    shape: tuple[int, int]
    """(out, in) of the whole matrix."""
    top: int
    left: int
    rows: int
    """Cells depicted, not rows of the picture: ⌈rows / stride⌉ of these."""
    columns: int
    stride: int


@dataclass(frozen=True, slots=True)
class LayerFrame:
    """One layer as it stands: W, ΔW and W′, each (out, in), float32, C-contiguous.

    Of a layer beyond `MAX_WHOLE_SIDE` they are pictures of the part that a window shows; see `VisiblePart`.
    """

    name: str
    """layer1, layer2, layer3 …, head; adapter1.down, head.hidden …: unit, dot, part."""
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
    randomly_initialised: bool
    """Whether the layer is new: W is its random start, not pretrained."""
    factors: tuple[tuple[str, Matrix], ...] = ()
    """Named matrices that belong to the layer, ("lora_B", (out, r)) …; the names:
    lora_B (out, r), lora_A (r, in), lora_E (r, 1) of AdaLoRA, magnitude (out, 1) of DoRA;
    vera_b (out, 1), vera_B (out, r), vera_d (r, 1), vera_A (r, in); ia3_l (out, 1);
    prompt (1, in): added to the layer's input; delta_b (out, 1): Δb, how far a bias has moved;
    codes (out, in): the value of each weight's NF4 code, −1…1; rounding_error (out, in): W − the
    pretrained weight before quantisation; gradient (out, in);
    running_mean, running_var (out, 1) of a BatchNorm; truncated (out, in): see `Truncation`; difference
    (out, in): see `Difference`."""
    singular_values: NDArray[np.float32] = field(default_factory=_nothing)
    """(min(out, in),) of ΔW, falling; beyond 256 on the shorter side only the leading ones."""
    k90: int | None = 0
    """Directions that hold 90 % of ΔW's energy ‖ΔW‖²; 0 where ΔW is zero; None: more than there
    are `singular_values`."""
    step_norm: float | None = None
    """‖W′ after − W′ before‖ of the last step; None where it was not watched."""
    scaling: float | None = None
    """s of a low-rank update: ΔW = s · B A; None where there is none."""
    unfreeze_at: int = 0
    """Step after which the strategy lets the layer train; 0: it does not hold it back."""
    checks: tuple[Check, ...] = ()
    part: VisiblePart | None = None
    """What the arrays depict, factors included along the sides that they share with W;
    None: the whole layer, cell by cell."""

    @property
    def shape(self) -> tuple[int, int]:
        """(out, in) of the layer itself."""
        return self.weight.shape if self.part is None else self.part.shape

    @property
    def unit(self) -> str:
        """The name that locks and unlocks this layer: `adapter1` for `adapter1.down`."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class SampleFrame:
    """The sample being looked at, and what the network says of it before and after."""

    index: int
    """Which of the target's test samples, 0 … count − 1; of a drawn one, which was seen before."""
    count: int
    picture: Matrix
    """(8, 8) for digits in 0…1; (3, 10) standardised features for tumours."""
    names: tuple[str, ...]
    """Name of each cell of the picture, row-major; empty where cells are pixels."""
    label: int | None
    """Its class, an index into `classes`; None: it was drawn, and nobody knows."""
    classes: tuple[str, ...]
    before: NDArray[np.float32]
    """(classes,) probabilities with W."""
    after: NDArray[np.float32]
    """(classes,) probabilities with W′."""
    drawn: bool = False
    """Whether a user drew it; what was drawn is taken as it stands, neither turned nor inverted."""


@dataclass(frozen=True, slots=True)
class LayerActivations:
    """What one layer makes of the sample that is looked at."""

    name: str
    """layer1 …: after its ReLU; layer1.prompt: its input x + p; adapter1.down: after its ReLU;
    adapter1: what it hands on; head.hidden: after its ReLU."""
    before: NDArray[np.float32] | None
    """(n,) before the first step, with W; None: nothing was there, or it did nothing then."""
    after: NDArray[np.float32]
    """(n,) with W′, and with what the strategy added."""


@dataclass(frozen=True, slots=True)
class NetworkActivations:
    """The sample's way through the network as it was and as it is; its end is in `SampleFrame`."""

    x: NDArray[np.float32]
    """(30,): what the network is given."""
    layers: tuple[LayerActivations, ...]
    """In the order in which they compute."""


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
class TruncatedLayer:
    """A layer whose ΔW was cut down; what is left of it is the layer's factor "truncated"."""

    name: str
    energy: float
    """‖truncated‖² / ‖ΔW‖², 0…1; 1 where ΔW is zero."""


@dataclass(frozen=True, slots=True)
class Truncation:
    """What would be left of the run if every body ΔW had rank r."""

    rank: int
    target_accuracy: float | None
    """Of the network with the truncated ΔW."""
    source_accuracy: float
    layers: tuple[TruncatedLayer, ...]
    """Those of the body."""


@dataclass(frozen=True, slots=True)
class Merge:
    """W′ of every body layer written into one matrix of so many bits."""

    format: str
    """float32, float16, bfloat16, int8 or nf4."""
    bits_per_weight: float
    """Exact, scales included."""
    weight_error: float
    """‖stored − W′‖ / ‖W′‖ over the body."""
    delta_error: float
    """The same difference / ‖ΔW‖: its size beside what was learned; NaN at ΔW = 0."""
    target_accuracy: float | None
    source_accuracy: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How far W′ is from that of another branch: W′ here − W′ there, a layer's "difference"."""

    branch: int
    step: int
    """Of the other branch: the same as here, or its newest where it has not come so far."""


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
    learning_rate: float | None = None
    """η of the next step, as the schedule has it; None in a preview."""
    truncation: Truncation | None = None
    """Where `Look` asked for it, of a body of at most `MAX_STUDIED_WEIGHTS`."""
    merges: tuple[Merge, ...] = ()
    """Likewise: 32, 16, 16, 8 and 4 bits."""
    branch: int = 0
    """Number of the branch that is shown."""
    tip: int = 0
    """Its newest step; where `step` is less, the past is shown."""
    difference: Difference | None = None
    derivation: CellDerivation | None = None
    """The cell that `Look` names, worked out; None: not asked for, or not there."""
    inside: StepTrace | None = None
    """Of the coming step, where `Look` asked for it and training is paused."""
    measured_at: int | None = None
    """Step of the measures, the sample, the X-ray and each layer's singular values, k90, step_norm
    and proofs, where it lies a few frames back, as it may while training goes on; None: this one.
    Another sample is looked at there and then: it may be newer than the rest.
    """
    flow: NetworkActivations | None = None
    """Of the sample and as old as that; None: not asked for, or there is no sample."""

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
