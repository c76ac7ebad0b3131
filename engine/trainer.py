"""The trainer: a run, and the frames that are built from it."""

from __future__ import annotations

from typing import Any

from engine.frames.build import FrameBuilder
from engine.frames.sample_selection import SampleSelection
from engine.model.network import Network
from engine.pretraining import load_pretrained
from engine.protocol.frames import Frame, PartRequest, StepReport
from engine.protocol.messages import Applied, Configure, FrameOptions, Reset
from engine.protocol.settings import Settings
from engine.training.evaluator import Metrics
from engine.training.run import Run


class Trainer:
    """One run after another, and what is shown of them.

    Nothing changes but in `step`, `apply` and `restore`; a frame shows a step boundary.

    Args: settings: of the first run.  number: of that run.
    Raises: SettingsError: a frozen layer that the network does not have.
    Raises: ResourceError: a data file or a pretrained network is missing or damaged.
    """

    def __init__(self, settings: Settings, number: int = 1) -> None:
        self.sample_selection = SampleSelection()
        self._begin(settings, number)

    def _begin(self, settings: Settings, number: int) -> None:
        self.run = Run(settings, load_pretrained, number)
        self.frame_builder = FrameBuilder(self.run, self.sample_selection)

    @property
    def network(self) -> Network:
        """The run's network."""
        return self.run.network

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.run.settings

    @property
    def steps_taken(self) -> int:
        """The run's steps so far."""
        return self.run.steps_taken

    def step(self, *, watched: bool = False, traced: bool = False) -> StepReport:
        """Take one optimizer step on the next batch.

        Args: watched: the next frame is to say how far the step went.  traced: the next frame is
        to derive how the step moved a cell.
        Raises: DivergedError: the batch's loss is lost; nothing was changed.
        """
        trace = self.frame_builder.begin_step(watched=watched, traced=traced)
        report = self.run.step()
        self.frame_builder.end_step(trace)
        return report

    def apply(self, command: Configure | Reset) -> Applied:
        """Carry out a command, between steps.

        Args: command: settings to take effect, or a new beginning with those in force; a run that
        it begins has its number, or without one the next.
        Returns: the settings that took effect, and notes for the user.
        Raises: SettingsError, ResourceError: as the constructor; nothing was changed.
        """
        new = command.settings if isinstance(command, Configure) else self.settings
        notes: tuple[str, ...] = ()
        if isinstance(command, Reset) or self.run.restarts_with(new):
            self._begin(new, command.number or self.run.number + 1)
        else:
            notes = self.run.configure(new)
            self.frame_builder.forget_step()
        return Applied(self.run.number, self.steps_taken, new, notes)

    def measure(self) -> Metrics:
        """Return losses and accuracies with the weights as they are."""
        return self.run.evaluator.measure()

    def frame(
        self,
        since: int = 0,
        options: FrameOptions | None = None,
        views: tuple[PartRequest, ...] = (),
    ) -> Frame:
        """Build the frame of this step boundary.

        Args: since, options, views: as `FrameBuilder.build` takes them.
        Returns: the frame, with the measurements of this step.
        """
        options = options or FrameOptions()
        measurements, matrices = self.frame_builder.measure(options)
        frame = self.frame_builder.build(since, options, matrices, views)
        return frame.with_measurements(measurements)

    def state(self) -> dict[str, Any]:
        """Return everything that decides the coming steps."""
        return self.run.state()

    def restore(self, state: dict[str, Any]) -> None:
        """Go back to a state: the same steps follow, bit for bit. Args: state: from `state`."""
        settings = Settings.from_json(state["settings"])
        if state["run"] != self.run.number or self.run.restarts_with(settings):
            self._begin(settings, state["run"])
        self.run.restore(state)
        self.frame_builder.forget_run()
