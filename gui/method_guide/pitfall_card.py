"""Card of a pitfall: what goes wrong, two runs that show it, and their curves."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QFrame, QWidget

from gui.lessons.active_run import ActiveRun
from gui.lessons.card.run_button import RunButton
from gui.lessons.controller import LessonController
from gui.lessons.expression import UNKNOWN, fill
from gui.lessons.run_result import CurveName, RunResult
from gui.method_guide.entries import Pitfall
from gui.plots.plot_spec import Curve
from gui.state.curve_buffer import Points
from gui.theme import SECONDARY, SMALL, SPACE
from gui.widgets.box import vbox
from gui.widgets.label import Label

RUNS = {"wrong": "Run it", "right": "Run the cure"}
"""Kind of run -> text of its button."""
NAMES = {"wrong": "pitfall", "right": "cure"}
"""Kind of run -> its name in the charts."""
RESULT_HINT = "The result and the curves appear here."
RESULT_LINES = 7
"""Lines kept free for the result, as is room for the charts: nothing moves when they come."""


class PitfallCard(QFrame):
    """Describes the pitfall; draws the curves of its runs, and says how they ended."""

    run_wanted = Signal(str, object)
    """(name of the run, its settings)."""

    def __init__(self, pitfall: Pitfall, controller: LessonController) -> None:
        super().__init__()
        from gui.lessons.card.plots import CardPlot  # it imports pyqtgraph

        self._pitfall, self._controller = pitfall, controller
        self._results: dict[str, RunResult] = {}
        self.setProperty("role", "card")
        self._description = Label(pitfall.says, scale=SECONDARY, colour="muted", wrap=True)
        self._result = Label(RESULT_HINT, scale=SECONDARY, colour="muted", wrap=True)
        self._result.setObjectName(f"pitfallResult.{pitfall.name}")
        self.plots: dict[CurveName, CardPlot] = {name: CardPlot(name) for name in pitfall.curves}
        self._buttons: dict[str, RunButton] = {}
        group = QButtonGroup(self)
        for index, (kind, label) in enumerate(RUNS.items()):
            button = RunButton(f"pitfall.{pitfall.name}.{kind}", scale=SMALL)
            button.show_state(label, primary=False)
            button.setAccessibleName(f"{label.removesuffix(' it')}: {pitfall.title}")
            self._buttons[kind] = button
            group.addButton(button, index)
        group.idClicked.connect(self._on_group_id_clicked)
        buttons = vbox(*self._buttons.values(), spacing=SPACE // 2)
        title = Label(pitfall.title, bold=True, wrap=True)
        self._charts = QWidget()
        vbox(*self.plots.values(), on=self._charts, spacing=SPACE // 2)
        policy = self._charts.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._charts.setSizePolicy(policy)
        parts = (title, self._description, buttons, self._result, self._charts, 1)
        vbox(*parts, on=self, spacing=SPACE, margins=(SPACE * 3 // 2, SPACE, SPACE, SPACE))
        self._result.setMinimumHeight(RESULT_LINES * self._result.fontMetrics().lineSpacing())
        self._charts.hide()

    def press(self, kind: str) -> None:
        """Start one of its runs. Args: kind: of `RUNS`."""
        self._buttons[kind].click()

    def run_name(self, kind: str) -> str:
        """Return the name of one of its runs. Args: kind: of `RUNS`."""
        return f"{self._pitfall.name}.{kind}"

    def draws(self, run: ActiveRun) -> bool:
        """Return whether a run under way is one of the pitfall's."""
        return bool(self._kind_of(run.run.name))

    def show_progress(self, trial: ActiveRun | None) -> None:
        """Show how far a run is, if it is one of the pitfall's. Args: trial: None: none is."""
        running = "" if trial is None else self._kind_of(trial.run.name)
        for kind, button in self._buttons.items():
            if trial is not None and kind == running:
                share = trial.step / trial.run.steps
                text = f"Step {trial.step:,} of {trial.run.steps:,}"
                button.show_state(text, enabled=False, progress=share, primary=False)
            else:
                done = "✓ " if kind in self._results else ""
                button.show_state(f"{done}{RUNS[kind]}", enabled=trial is None, primary=False)
        if trial is not None and running:
            self._draw({running: trial})

    def show_result(self, name: str, result: RunResult) -> None:
        """Show the result of one of the pitfall's runs; ignore other runs."""
        kind = self._kind_of(name)
        if not kind:
            return
        self._results[kind] = result
        self._result.set_colour("text")
        texts = [fill(text, self._results) for text in (self._pitfall.shows, self._pitfall.cured)]
        self._result.show_text(" ".join(text for text in texts if UNKNOWN not in text))
        self._draw({})
        self.show_progress(None)

    def _kind_of(self, name: str) -> str:
        """Return which of the pitfall's runs has this name; empty: none."""
        pitfall, _, kind = name.partition(".")
        return kind if pitfall == self._pitfall.name else ""

    def _draw(self, running: Mapping[str, ActiveRun]) -> None:
        """Draw the curves of the runs that were made, and of the one under way."""
        self._charts.show()
        for name, plot in self.plots.items():
            curves = []
            for kind, colour in zip(RUNS, plot.colours(len(RUNS)), strict=True):
                points: tuple[Points, Points] | None = None
                if kind in running:
                    points = running[kind].curves.curve(name)
                elif kind in self._results:
                    points = self._results[kind].curve(name)
                if points is not None:
                    curve = Curve(kind, NAMES[kind], colour, *points, label_colour="text")
                    curves.append(curve)
            last = max((run.run.steps for run in running.values()), default=1)
            plot.show_curves(curves, float(last))

    @Slot(int)
    def _on_group_id_clicked(self, index: int) -> None:
        kind = [*RUNS][index]
        self.run_wanted.emit(self.run_name(kind), getattr(self._pitfall, kind))
