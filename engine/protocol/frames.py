"""Frames: everything that the window shows of one step boundary."""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.protocol.derivation import CellDerivation, StepTrace
from engine.protocol.identity import Answer, Plain
from engine.protocol.matrices import Array, Matrix
from engine.protocol.settings import Settings


class Check(Plain, frozen=True):
    """Result of checking one invariant of a layer at the frame's step."""

    name: str
    """frozen: every bit is as it was when the layer was frozen; zero_start: ΔW was 0 at step 0;
    rank: rank(ΔW) ≤ r; sum: W′ = W + ΔW; merged: one matrix W′ gives the outputs of W and of the
    strategy's own modules side by side.
    """
    holds: bool
    value: float
    """frozen: the number now; zero_start: max |ΔW|; rank: the rank; sum, merged: max difference."""
    expected: float
    """frozen: the number then; else the largest `value` that is allowed."""
    step: int
    """Step since which it holds; else the step at which it was first seen to fail."""
    location: str = ""
    """Position of the numbers `value` and `expected`: weight[3, 7], norm.running_mean[0]."""
    by_settings: bool = False
    """Whether its failure follows from the settings (BatchNorm's statistics), and is not a bug."""


MAX_WHOLE_SIDE = 256
"""Rows and columns of the largest layer that is sent cell by cell."""


class PartRequest(Plain, frozen=True):
    """Part of a large layer that a window shows."""

    layer: str
    top: int
    """First row."""
    left: int
    """First column."""
    rows: int
    """Number of rows; those beyond the matrix's edge are left out."""
    columns: int
    pixels: int
    """Largest number of rows and of columns of the picture."""

    @classmethod
    def hidden(cls, layer: str) -> PartRequest:
        """Return the view of a layer that is not on the screen: one cell. Args: layer: its name."""
        return cls(layer, 0, 0, 1, 1, 1)

    @property
    def is_hidden(self) -> bool:
        """Whether the layer is not on the screen."""
        return self == self.hidden(self.layer)


class VisiblePart(Plain, frozen=True):
    """Part of a large layer that its arrays depict: each number stands for a block of cells.

    It is the number of the largest magnitude among the block's stride × stride cells, with its
    sign; NaN where one of them is NaN. At stride 1 every number is a cell's exact value.
    """

    shape: tuple[int, int]
    """(out, in) of the whole matrix."""
    top: int
    left: int
    rows: int
    """Cells depicted, not rows of the picture: of these there are ⌈rows / stride⌉."""
    columns: int
    stride: int


class LayerMeasurements(Plain, frozen=True):
    """What takes long to find out about one layer."""

    name: str = ""
    singular_values: NDArray[np.float32] = np.zeros(0, np.float32)
    """(min(out, in),) of ΔW, descending; beyond 256 on the shorter side only the leading ones."""
    k90: int | None = 0
    """Directions that hold 90 % of the energy ‖ΔW‖²; 0: ΔW is zero; None: more than are known."""
    step_norm: float | None = None
    """‖W′ after − W′ before‖ of the last step; None where it was not watched."""
    checks: tuple[Check, ...] = ()


class LayerFrame(Plain, frozen=True):
    """One layer: W, ΔW and W′, each (out, in), float32, C-contiguous.

    Those of a layer beyond `MAX_WHOLE_SIDE` are pictures of the part that a window shows; see
    `VisiblePart`.
    """

    name: str
    """layer1, layer2, layer3 …, head; adapter1.down, head.hidden …: block, dot, part."""
    weight: Array
    """W: as it stood when training began."""
    delta: Array
    """ΔW = W′ − W."""
    updated: Array
    """W′: what the network computes with."""
    trainable: bool
    """Whether anything of this layer moves at the next step."""
    trainable_parameters: int
    total_parameters: int
    """Including biases and what the strategy adds to this layer."""
    delta_norm: float
    """‖ΔW‖, Frobenius."""
    weight_norm: float
    """‖W‖, Frobenius."""
    randomly_initialised: bool
    """Whether the layer is new: W is its random initialisation, not pretrained."""
    factors: tuple[Matrix[Array], ...] = ()
    """Further matrices that belong to the layer: those of its update, of its BatchNorm, and those
    that were asked for, which are as old as `measured`; each says what it is.
    """
    scaling: float | None = None
    """s of a low-rank update: ΔW = s · B A; None where there is none."""
    unfreeze_at: int = 0
    """Step after which the strategy lets the layer train; 0: from the start."""
    measured: LayerMeasurements = LayerMeasurements()
    """Of the step of the frame's `measurements`; set by `Frame.with_measurements`."""
    part: VisiblePart | None = None
    """Part that the arrays depict, and the factors along sides shared with W; None: the whole."""

    @property
    def shape(self) -> tuple[int, int]:
        """(out, in) of the layer itself."""
        return self.weight.shape if self.part is None else self.part.shape

    def factor(self, name: str) -> Matrix[Array] | None:
        """Return one of `factors`; None: there is none of that name. Args: name: of the matrix."""
        return next((factor for factor in self.factors if factor.name == name), None)

    @property
    def relative_change(self) -> float:
        """‖ΔW‖ / ‖W‖; NaN where W is zero."""
        return self.delta_norm / self.weight_norm if self.weight_norm > 0 else math.nan

    @property
    def block(self) -> str:
        """Name that freezes and unfreezes this layer: `adapter1` for `adapter1.down`."""
        return self.name.partition(".")[0]


class SampleFrame(Plain, frozen=True):
    """The selected sample, with the network's outputs for it before and after fine-tuning."""

    index: int
    """Index into the target's test samples, from 0; for a drawing the index selected before."""
    count: int
    picture: Array
    """(8, 8) for digits in 0…1; (3, 10) standardised features for tumours."""
    names: tuple[str, ...]
    """Name of each cell of the picture, row-major; empty where cells are pixels."""
    label: int | None
    """Its class, an index into `classes`; None: it was drawn, and its class is not known."""
    classes: tuple[str, ...]
    before: NDArray[np.float32]
    """(classes,) probabilities with W."""
    after: NDArray[np.float32]
    """(classes,) probabilities with W′."""
    drawn: bool = False
    """Whether a user drew it; a drawing is used as it is, neither rotated nor inverted."""
    change: int | None = None
    """Amount of the task's change (see `TaskChange`); None: as in the data, or as drawn."""


class LayerActivations(Plain, frozen=True):
    """One layer's activations for the selected sample."""

    name: str
    """layer1 …: after its ReLU; layer1.prompt: its input x + p; adapter1.down: after its ReLU;
    adapter1: its output; head.hidden: after its ReLU.
    """
    before: NDArray[np.float32] | None
    """(n,) before the first step, with W; None: the module did not exist, or did nothing then."""
    after: NDArray[np.float32]
    """(n,) with W′, and with the strategy's own modules."""


class NetworkActivations(Plain, frozen=True):
    """The selected sample's activations before and after; the outputs are in `SampleFrame`."""

    x: NDArray[np.float32]
    """(30,): the network's input."""
    layers: tuple[LayerActivations, ...]
    """In the order in which they compute."""


class Curves(Plain, frozen=True):
    """Metrics at some steps, oldest first; the steps do not depend on who watches, or how fast."""

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
    source_accuracy_kept_head: NDArray[np.float32]
    """(n,) in 0…1"""
    validation_accuracy: NDArray[np.float32]
    """(n,) in 0…1"""
    relative_change: NDArray[np.float32]
    """(n, layers): ‖ΔW‖ / ‖W‖ of each layer of the frame"""


class TruncatedLayer(Plain, frozen=True):
    """A layer whose ΔW was truncated; the truncated ΔW is among the layer's `factors`."""

    name: str
    energy: float
    """‖truncated‖² / ‖ΔW‖², 0…1; 1 where ΔW is zero."""


class Truncation(Plain, frozen=True):
    """Metrics of the network with every body ΔW truncated to rank r."""

    rank: int
    target_accuracy: float | None
    """With the truncated ΔW, 0…1; None: no head for the target."""
    source_accuracy: float
    layers: tuple[TruncatedLayer, ...]
    """The body's layers."""


class Merge(Plain, frozen=True):
    """Metrics of the network with W′ of every body layer stored in one number format."""

    format: str
    """float32, float16, bfloat16, int8 or nf4."""
    bits_per_weight: float
    """Exact, scales included."""
    weight_error: float
    """‖stored − W′‖ / ‖W′‖ over the body."""
    delta_error: float
    """‖stored − W′‖ / ‖ΔW‖: its size relative to what was learned; NaN at ΔW = 0."""
    target_accuracy: float | None
    source_accuracy: float


class Difference(Plain, frozen=True):
    """Difference from another branch: W′ here − W′ there, among each layer's `factors`."""

    branch: int
    step: int
    """Step of the other branch: the same as here, or its newest where it has not come so far."""


class Measurements(Answer, frozen=True):
    """What takes long to find out about the run at one step boundary; sent once it is known."""

    run: int = 0
    step: int = -1
    """-1: nothing was measured yet."""
    train_loss: float = math.nan
    """Over the whole training split."""
    validation_loss: float = math.nan
    target_accuracy: float | None = None
    """In 0…1 on the target's test split; None where no head for the target exists yet."""
    source_accuracy: float = math.nan
    """In 0…1 on the source's test split, with the source's head as it is now: trained along where
    the network goes on with it, untouched where it has a new one.
    """
    source_accuracy_kept_head: float = math.nan
    """The same with the source's head as it stood before the first step: what the body forgot."""
    validation_accuracy: float = math.nan
    """In 0…1 on the validation split: what a choice may look at."""
    layers: tuple[LayerMeasurements, ...] = ()
    truncation: Truncation | None = None
    """If `FrameOptions` asks for it, for a body of at most `MAX_STUDIED_WEIGHTS`."""
    merges: tuple[Merge, ...] = ()
    """Likewise: 32, 16, 16, 8 and 4 bits."""
    difference: Difference | None = None


class SplitFacts(Plain, frozen=True):
    """What an accuracy on a split is to be read against."""

    samples: int = 0
    """0: unknown, in a preview."""
    classes: int = 0
    majority: float = math.nan
    """Accuracy of always naming the split's most frequent class, 0…1."""

    @property
    def chance(self) -> float:
        """Accuracy of guessing, 0…1."""
        return 1 / self.classes if self.classes else math.nan


class Frame(Answer, frozen=True):
    """The run at one step boundary: everything that a window shows."""

    run: int
    """Number of the command that began the run; 0: a preview."""
    step: int
    layers: tuple[LayerFrame, ...]
    losses: NDArray[np.float32]
    """Batch loss of each step after the requested one; the last 10,000 at most."""
    start_source_accuracy: float
    """Source accuracy at step 0: forgetting is the difference."""
    trainable_parameters: int
    total_parameters: int
    body_trainable: int
    """Trainable parameters of the body's layers, or added to them."""
    sample: SampleFrame | None
    settings: Settings
    playing: bool = False
    steps_per_second: float = 0.0
    curves: Curves | None = None
    """Points since the requested step; None: no curves were requested."""
    learning_rate: float | None = None
    """η of the next step, from the schedule; None in a preview."""
    branch: int = 0
    """Number of the branch that is shown."""
    tip: int = 0
    """Newest step of the branch; where `step` is less, the past is shown."""
    derivation: CellDerivation | None = None
    """Derivation of the cell that `FrameOptions` names; None: not requested, or no such cell."""
    step_trace: StepTrace | None = None
    """Trace of the coming step, if `FrameOptions` asks for it and training is paused."""
    activations: NetworkActivations | None = None
    """Activations of the sample; None: not requested, or there is no sample."""
    target_test: SplitFacts = SplitFacts()
    source_test: SplitFacts = SplitFacts()
    validation: SplitFacts = SplitFacts()
    """Of the splits that the accuracies are measured on."""
    measurements: Measurements = Measurements()
    """The newest of the run, a message of their own; in training perhaps of an earlier step."""

    def with_measurements(self, measurements: Measurements) -> Frame:
        """Return the frame with measurements. Args: measurements: of this step or an earlier."""
        measured = {layer.name: layer for layer in measurements.layers}
        layers = (replace(layer, measured=measured[layer.name]) for layer in self.layers)
        return replace(self, layers=tuple(layers), measurements=measurements)

    @property
    def is_measured(self) -> bool:
        """Whether the measurements are of this step."""
        return self.measurements.step == self.step

    @property
    def starts_random(self) -> bool:
        """Whether every W is random: nothing in the network was pretrained."""
        return bool(self.layers) and self.layers[0].randomly_initialised

    @property
    def has_new_head(self) -> bool:
        """Whether the head was not pretrained: it is new, or random as everything else."""
        return any(each.randomly_initialised for each in self.layers if each.block == "head")

    @property
    def everything_frozen(self) -> bool:
        """Whether no step can change anything."""
        return self.run > 0 and self.trainable_parameters == 0


class StepReport(Plain, frozen=True):
    """Result of one optimizer step."""

    step: int
    """Number of this step, the first is 1."""
    loss: float
    """Mean loss over the batch, with the weights before the step."""
