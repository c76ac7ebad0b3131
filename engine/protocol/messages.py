"""Messages between window and engine: commands in; frames, reports and the catalogue out.

They hold numbers, strings, tuples, dicts of these and numpy arrays only, so that every message can
be encoded without pickle (see codec.py).
"""

from __future__ import annotations

from typing import Any

from engine.protocol.catalogue import (
    Catalogue as Catalogue,
    StrategyInfo as StrategyInfo,
    TaskChange as TaskChange,
    TaskInfo as TaskInfo,
)
from engine.protocol.comparison import (
    ComparedLayer as ComparedLayer,
    ComparisonFrame as ComparisonFrame,
    ComparisonRow as ComparisonRow,
    EndComparison as EndComparison,
    OpenComparedRun as OpenComparedRun,
    RunComparison as RunComparison,
    SeedResult as SeedResult,
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
    Frame as Frame,
    LayerActivations as LayerActivations,
    LayerFrame as LayerFrame,
    Measurements as Measurements,
    Merge as Merge,
    NetworkActivations as NetworkActivations,
    PartRequest as PartRequest,
    SampleFrame as SampleFrame,
    StepReport as StepReport,
    TruncatedLayer as TruncatedLayer,
    Truncation as Truncation,
    VisiblePart as VisiblePart,
)
from engine.protocol.identity import Answer as Answer, Numbered as Numbered, Plain
from engine.protocol.matrices import Array as Array, Matrix as Matrix, MatrixInfo as MatrixInfo
from engine.protocol.runs import (
    DropRun as DropRun,
    EarlierRun as EarlierRun,
    NameRun as NameRun,
    OpenRun as OpenRun,
    RestoreRun as RestoreRun,
    Return as Return,
    Runs as Runs,
)
from engine.protocol.settings import Settings
from engine.protocol.timeline import (
    Arrived as Arrived,
    Branch as Branch,
    DropBranch as DropBranch,
    GoTo as GoTo,
    NameBranch as NameBranch,
    RestoreBranch as RestoreBranch,
    Thinned as Thinned,
    Timeline as Timeline,
)

PlainValue = bool | int | float | str | tuple[str, ...] | dict[str, Any] | None
"""Value of a field of a cost plan, valid or not."""

# ---------------------------------------------------------------- reports


class Applied(Answer, frozen=True):
    """Settings took effect; the next step is the first under them."""

    run: int
    step: int
    settings: Settings
    notes: tuple[str, ...] = ()
    """Consequences that the user should know, in whole sentences."""
    branch: int = 0
    """Branch of that next step."""


class Refused(Answer, frozen=True):
    """A command could not be carried out; nothing changed."""

    message: str
    settings: Settings | None = None
    """Settings that stay in force; None: there is no run yet."""
    playing: bool = False
    """Whether training goes on."""


class Diverged(Answer, frozen=True):
    """The loss exceeded its bound, or is not a number any more; training is paused."""

    run: int
    step: int
    last_good_step: int
    learning_rate: float


class StoppedEarly(Answer, frozen=True):
    """The validation loss did not fall for `patience` steps; the run is back at its best step."""

    run: int
    step: int
    """Step at which it stopped."""
    best_step: int
    """Step to which it went back."""
    best_loss: float
    """Validation loss at the best step."""


class Reached(Answer, frozen=True):
    """Training arrived at the step that `Play` named, and is paused."""

    run: int
    step: int


class CostEstimate(Plain, frozen=True):
    """Answer to `EstimateCost`."""

    plan: dict[str, PlainValue]
    """The plan of the command."""
    values: dict[str, Any]
    """Fields as `main.py cost --json` prints them; empty where the plan was refused."""
    problem: str = ""
    """Why the plan was refused: “must be a whole number from 1 to 768”."""
    field: str = ""
    """Field of the plan, or of its dimensions, that is wrong."""


class Failed(Answer, frozen=True):
    """The engine raised an exception; training is paused and the last good state is kept."""

    message: str
    traceback: str
    run: int
    """0: there is none yet."""
    last_good_step: int


class EngineDied(Plain, frozen=True):
    """The engine process ended without a `Quit`."""

    exit_code: int | None


class Pong(Plain, frozen=True):
    """Answer to `Ping`: the engine thread is alive."""


class Checkpoint(Answer, frozen=True):
    """The trainer's state, for resuming in a new engine process."""

    run: int
    step: int
    state: dict[str, Any]


# ---------------------------------------------------------------- commands


class Configure(Numbered, frozen=True):
    """Use these settings from the next step on; begin a new run where they require one."""

    settings: Settings


class Play(Numbered, frozen=True):
    """Train until paused."""

    until: int = 0
    """Step after which to pause and to report `Reached`; 0: none."""


class Pause(Numbered, frozen=True):
    """Stop after the step under way."""


class Step(Numbered, frozen=True):
    """Take this many steps, then pause."""

    count: int = 1


class Reset(Numbered, frozen=True):
    """Begin a new run from the same initial weights."""


class SetSpeed(Numbered, frozen=True):
    """Limit the steps per second; 0: no limit."""

    steps_per_second: float


class ShowSample(Numbered, frozen=True):
    """Select this sample of the target's test split; the index wraps round."""

    index: int
    change: int | None = None
    """Amount of the task's change to show it with; None: that of the data."""


class DrawSample(Numbered, frozen=True):
    """Select a picture that the user drew in place of a sample."""

    picture: Array
    """(8, 8) in 0…1: 1 is ink."""
    change: int | None = None
    """Amount of the task's change to apply to it; None: it is used as it is."""


class FrameOptions(Numbered, frozen=True):
    """Optional parts of the coming frames; what is not requested is not computed."""

    truncation_rank: int = 0
    """Rank to truncate ΔW to; 0: none."""
    merges: bool = False
    """Whether to evaluate W′ in every number format."""
    cell: CellAddress | None = None
    """Cell to derive; None: none."""
    step_trace: bool = False
    """Whether to trace the coming step while paused."""
    compared_branch: int | None = None
    """Number of the branch whose W′ is subtracted; None: none."""
    activations: bool = False
    """Whether to include the sample's activations in every layer."""


class SetViews(Numbered, frozen=True):
    """Show these parts of large layers; others are shown whole, at `MAX_WHOLE_SIDE` pixels."""

    views: tuple[PartRequest, ...]


class EstimateCost(Numbered, frozen=True):
    """Compute what fine-tuning a large model would cost."""

    plan: dict[str, PlainValue]
    """Fields of `engine.cost.plan.CostPlan`."""


class GoBack(Numbered, frozen=True):
    """Return to the last good step before the run diverged."""


class Resume(Numbered, frozen=True):
    """Go on from a checkpoint of an engine that is gone."""

    checkpoint: Checkpoint


class RequestFrame(Plain, frozen=True):
    """Send the next frame that differs from the last one sent, at a step boundary."""

    run: int = 0
    """Number of the run that the window shows; 0: none."""
    branch: int = 0
    """Branch of it that the window shows."""
    since: int = 0
    """Last step of that branch whose batch loss the window already has."""


class Ping(Plain, frozen=True):
    """Answer between two steps."""


class Quit(Plain, frozen=True):
    """End the engine process."""


NumberedCommand = (
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
    | RestoreBranch
    | OpenRun
    | NameRun
    | DropRun
    | RestoreRun
    | Return
    | StartComparison
    | RunComparison
    | EndComparison
    | OpenComparedRun
    | Resume
)
Undoable = Configure | Reset | OpenComparedRun | OpenRun | Return
"""Commands before which the engine remembers where the run stands."""

Command = NumberedCommand | RequestFrame | Ping | Quit
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
    | Runs
    | ComparisonFrame
)
Message = Command | Report | Frame | Measurements
