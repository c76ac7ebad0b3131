"""What crosses the seam: commands in; frames, reports and the catalogue out.

Only numbers, strings, tuples, dicts of these and numpy arrays, so that every message can be
encoded without pickle (see codec.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.protocol.catalogue import (
    Catalogue as Catalogue,
    CostCatalogue as CostCatalogue,
    CostFamily as CostFamily,
    CostMethod as CostMethod,
    CostModel as CostModel,
    StrategyInfo as StrategyInfo,
    TaskInfo as TaskInfo,
)
from engine.protocol.comparison import (
    ComparedLayer as ComparedLayer,
    ComparisonFrame as ComparisonFrame,
    ComparisonRow as ComparisonRow,
    EndComparison as EndComparison,
    OpenComparedRun as OpenComparedRun,
    RunComparison as RunComparison,
    StartComparison as StartComparison,
)
from engine.protocol.derivation import (
    CellAddress as CellAddress,
    CellDerivation as CellDerivation,
    DerivationLine as DerivationLine,
    LayerTrace as LayerTrace,
    StepTrace as StepTrace,
)
from engine.protocol.frames import (
    Check as Check,
    Curves as Curves,
    Difference as Difference,
    Frame as Frame,
    LayerActivations as LayerActivations,
    LayerFrame as LayerFrame,
    Matrix as Matrix,
    Merge as Merge,
    NetworkActivations as NetworkActivations,
    SampleFrame as SampleFrame,
    StepReport as StepReport,
    TruncatedLayer as TruncatedLayer,
    Truncation as Truncation,
    ViewRequest as ViewRequest,
    VisiblePart as VisiblePart,
)
from engine.protocol.settings import Settings
from engine.protocol.timeline import (
    Arrived as Arrived,
    Branch as Branch,
    DropBranch as DropBranch,
    GoTo as GoTo,
    NameBranch as NameBranch,
    Thinned as Thinned,
    Timeline as Timeline,
)

# ---------------------------------------------------------------- reports


@dataclass(frozen=True, slots=True)
class Applied:
    """Settings took effect; the next step is the first under them."""

    run: int
    step: int
    settings: Settings
    notes: tuple[str, ...] = ()
    """What a user should know of the change, in whole sentences."""
    branch: int = 0
    """Whose next step it is."""


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
class StoppedEarly:
    """The validation loss did not fall for as long as `patience`; the run is back at its best."""

    step: int
    """At which it stopped."""
    best_step: int
    """To which it went back."""
    best_loss: float
    """Validation loss there."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Training came to the step that `Play` named, and is paused."""

    run: int
    step: int


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The answer to `EstimateCost`."""

    plan: dict[str, Any]
    """As asked."""
    values: dict[str, Any]
    """Fields as `main.py cost --json` prints them; empty where the plan was refused."""
    problem: str = ""
    """What is wrong with the plan: “must be a whole number from 1 to 768”."""
    field: str = ""
    """The field of the plan, or of its dimensions, that is wrong."""


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
class Pong:
    """The engine thread is alive: the answer to `Ping`."""


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

    until: int = 0
    """Step after which to pause, and to tell so with `Reached`; 0: go on."""


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
class DrawSample:
    """Look at a picture of the user's own in place of a sample, taken as it stands."""

    picture: Matrix
    """(8, 8) in 0…1: 1 is ink."""


@dataclass(frozen=True, slots=True)
class FrameOptions:
    """What the coming frames are to show beside the layers; what is not shown is not computed."""

    truncation_rank: int = 0
    """Cut ΔW down to this rank; 0: do not."""
    merges: bool = False
    cell: CellAddress | None = None
    """Work this cell out by hand."""
    inside: bool = False
    """Look into the coming step, while paused."""
    against: int | None = None
    """Number of the branch from which W′ is to be told apart; None: of none."""
    flow: bool = False
    """Follow the sample through the network, layer by layer."""


@dataclass(frozen=True, slots=True)
class SetViews:
    """Show these parts of large layers; of one not named, the whole at `MAX_WHOLE_SIDE` pixels."""

    views: tuple[ViewRequest, ...]


@dataclass(frozen=True, slots=True)
class EstimateCost:
    """Work out what fine-tuning a large model would cost."""

    plan: dict[str, Any]
    """Fields of `engine.cost.cost.Plan`."""


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
class Ping:
    """Answer between two steps."""


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
    | DrawSample
    | FrameOptions
    | SetViews
    | EstimateCost
    | GoBack
    | GoTo
    | NameBranch
    | DropBranch
    | StartComparison
    | RunComparison
    | EndComparison
    | OpenComparedRun
    | Resume
    | RequestFrame
    | Ping
    | Quit
)
Report = (
    Catalogue
    | Applied
    | Refused
    | Diverged
    | StoppedEarly
    | Reached
    | CostEstimate
    | Failed
    | EngineDied
    | Checkpoint
    | Pong
    | Timeline
    | Arrived
    | Thinned
    | ComparisonFrame
)
Message = Command | Report | Frame
