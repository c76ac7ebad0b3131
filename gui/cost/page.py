"""Costs page, in place of the stage: what fine-tuning a large model takes, by formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from engine.protocol.messages import Catalogue, CostEstimate
from gui.cost.answer import CostAnswer
from gui.cost.form import PlanForm
from gui.session import Session
from gui.state.notices import STARTING
from gui.theme import HEADING, SMALL, SPACE, appearance
from gui.widgets.box import NO_LIMIT, hbox, vbox
from gui.widgets.button import text_button
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea, rule

GAP = 2 * SPACE
TWO_COLUMNS_WIDTH = 600
"""Width from which the form stands beside the answer, in pixels at the ordinary text size."""
FORM_WIDTH, MAX_FORM_WIDTH = 252, 400
"""Width of the form beside the answer, in a narrow and in a wide page."""
FORM_SHARE = 0.34
MAX_ANSWER_WIDTH = 860
"""Pixels at the ordinary text size; longer bars and lines read worse."""
STALE_AFTER_MILLISECONDS = 300
"""Milliseconds without an answer after which the last one is faded."""
UNITS_TEXT = "kB = 10³, MB = 10⁶, GB = 10⁹, TB = 10¹² bytes.".replace(" = ", "\u00a0=\u00a0")


class CostPage(QWidget):
    """Page with the form at the left and the answer at the right, or below it."""

    left = Signal()
    """Emitted to go back to the stage."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._plan: dict[str, Any] = {}
        self.setObjectName("costsPage")
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._form, self._answer = PlanForm(), CostAnswer()
        self._footer = Label(scale=SMALL, colour="muted", wrap=True)
        self._footer.setObjectName("cost.foot")
        self._stale_timer = QTimer(self, singleShot=True, interval=STALE_AFTER_MILLISECONDS)
        back = text_button("Back to the stage", "costsBack", "Back to the stage (Escape)")
        self._lay_out(back)
        back.clicked.connect(self.left)
        self._form.changed.connect(self._estimate)
        self._stale_timer.timeout.connect(self._on_stale_timer_timeout)
        session.state.catalogue_changed.connect(self._show_catalogue)
        session.state.cost_estimated.connect(self._on_session_cost_estimated)
        appearance.sizes_changed.connect(self._fit)
        self._show_catalogue(session.state.catalogue)

    def show_plan(self, plan: Mapping[str, Any]) -> None:
        """Fill in fields, once the engine has said what there is. Args: plan: these fields."""
        if plan and self._form.isEnabled():
            self._form.show_plan(plan)

    def _lay_out(self, back: QWidget) -> None:
        title = Label("What fine-tuning a large model costs", scale=HEADING, bold=True, wrap=True)
        header = hbox((title, 1), back, spacing=GAP)
        content, self._right = QWidget(), QWidget()
        vbox(self._answer, rule(), self._footer, 1, on=self._right, spacing=SPACE)
        top = Qt.AlignmentFlag.AlignTop
        self._columns = hbox(
            (self._form, 0, top), (self._right, 1), 0, on=content, spacing=3 * SPACE,
            margins=(0, 0, SPACE, SPACE),
        )  # fmt: skip
        area = ScrollArea(content)
        vbox(header, (area, 1), on=self, spacing=SPACE, margins=(GAP, SPACE, SPACE, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the form beside the answer where there is room, else below it."""
        super().resizeEvent(event)
        self._fit()

    @Slot()
    def _fit(self) -> None:
        scale = appearance.layout_scale
        beside = self.width() >= TWO_COLUMNS_WIDTH * scale
        # The answer is what one came for: it stands above the form.
        directions = QBoxLayout.Direction
        self._columns.setDirection(directions.LeftToRight if beside else directions.BottomToTop)
        least, most = round(FORM_WIDTH * scale), round(MAX_FORM_WIDTH * scale)
        width = min(max(round(self.width() * FORM_SHARE), least), most)
        self._form.setMinimumWidth(width if beside else 0)
        self._form.setMaximumWidth(width if beside else NO_LIMIT)
        self._right.setMaximumWidth(round(MAX_ANSWER_WIDTH * scale))

    # ------------------------------------------------------------ estimates

    @Slot(object)
    def _show_catalogue(self, catalogue: Catalogue | None) -> None:
        offered = None if catalogue is None else catalogue.cost
        self._form.setEnabled(offered is not None)
        if offered is None:
            self._answer.set_stale(STARTING.text)
            return
        self._form.set_catalogue(offered)
        self._estimate()

    @Slot()
    def _estimate(self) -> None:
        self._plan = self._form.plan()
        self._stale_timer.start()
        self._session.estimate_cost(self._plan)

    @Slot(object)
    def _on_session_cost_estimated(self, estimate: CostEstimate) -> None:
        if estimate.plan != self._plan:
            return  # a newer estimate is on its way
        self._stale_timer.stop()
        self._form.show_problem(estimate.field, estimate.problem)
        if estimate.problem:
            self._answer.set_stale("Last valid result; correct the marked field")
            return
        model, method = self._form.model_label(), self._form.method_label()
        self._answer.show_values(estimate.values, method)
        source = estimate.values["method_source"]
        self._footer.show_text(
            f"At least: not counted are {estimate.values['memory']['excluded']}. "
            f"Shape of {model}: {estimate.values['source']}. "
            + (f"{method}: {source}. " if source else "")
            + "Activations: arXiv:2205.05198 §4.1, and what transformers and PEFT keep; they stand "
            "beside the gradients when several batches are accumulated. " + UNITS_TEXT
        )

    @Slot()
    def _on_stale_timer_timeout(self) -> None:
        self._answer.set_stale("Waiting for the engine…")
