"""Cost dialog: estimates the cost of fine-tuning a large model while training continues."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from engine.protocol.messages import Catalogue, CostEstimate
from gui.cost.answer import CostAnswer
from gui.cost.form import PlanForm
from gui.session import Session
from gui.state.notices import STARTING
from gui.theme import SMALL, SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.label import Label
from gui.widgets.surface import ScrollArea, rule

SIZE = (1040, 640)
"""Width and height in pixels at the ordinary text size."""
SCREEN_MARGIN = 24
"""Pixels of the screen that stay free on each side."""
CARD_MARGIN = 8
"""Pixels around the dialog beside a lesson's card; its title bar is added above."""
STALE_AFTER_MILLISECONDS = 300
"""Milliseconds without an answer after which the last one is faded."""
WINDOW_KEYS = frozenset({
    Qt.Key.Key_T, Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_B,
    Qt.Key.Key_Period,
})  # fmt: skip
"""Keys passed on to the window: those of the look, and the presenter's black screen."""
UNITS_TEXT = "kB = 10³, MB = 10⁶, GB = 10⁹, TB = 10¹² bytes.".replace(" = ", "\u00a0=\u00a0")


class CostDialog(QDialog):
    """Dialog with a form at the left, the answer at the right, and sources below."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._plan: dict[str, Any] = {}
        self._available = QRect()
        self.setWindowTitle("What fine-tuning a large model costs")
        self.setObjectName("costDialog")
        self._form, self._answer = PlanForm(), CostAnswer()
        self._footer = Label(scale=SMALL, colour="muted", wrap=True)
        self._footer.setObjectName("cost.foot")
        self._stale_timer = QTimer(self, singleShot=True, interval=STALE_AFTER_MILLISECONDS)
        self._lay_out()
        self._form.changed.connect(self._estimate)
        self._stale_timer.timeout.connect(self._on_stale_timer_timeout)
        session.state.catalogue_changed.connect(self._show_catalogue)
        session.state.cost_estimated.connect(self._on_session_cost_estimated)
        appearance.changed.connect(self._on_appearance_changed)
        self._show_catalogue(session.state.catalogue)

    # ------------------------------------------------------------ building

    def _lay_out(self) -> None:
        content = self._content = QWidget()
        margins = 3 * SPACE, 2 * SPACE, 3 * SPACE, SPACE
        hbox(self._form, (self._answer, 1), on=content, spacing=4 * SPACE, margins=margins)
        area = ScrollArea(content, horizontal=True)
        area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # else Close has it first
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        margins, bottom = (3 * SPACE, SPACE, 3 * SPACE, 2 * SPACE), Qt.AlignmentFlag.AlignBottom
        footer = hbox((self._footer, 1), (close, 0, bottom), spacing=3 * SPACE, margins=margins)
        vbox((area, 1), rule(), footer, on=self)

    def set_available_rect(self, available: QRect) -> None:
        """Set the part of the screen in which to open, if it is wide enough."""
        self._available = available

    def _fit(self) -> None:
        """Resize to the text's size, limited by the available part of the screen."""
        wanted, gap = QSize(*SIZE) * appearance.layout_scale, CARD_MARGIN
        available = self._available.adjusted(gap, SCREEN_MARGIN + gap, -gap, -gap)
        if available.width() >= self._content.minimumSizeHint().width():
            self.setGeometry(QRect(available.topLeft(), wanted.boundedTo(available.size())))
            return
        screen = self.screen().availableGeometry().size()
        parent = self.parentWidget()
        if parent is not None:
            screen = screen.expandedTo(parent.window().size())  # which fits on the screen
        margins = QSize(2 * SCREEN_MARGIN, 2 * SCREEN_MARGIN)
        self.resize(wanted.boundedTo(screen - margins))

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the size before the dialog opens."""
        self._fit()
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pass `WINDOW_KEYS` on to the window."""
        parent = self.parentWidget()
        if event.key() in WINDOW_KEYS and parent is not None:
            QCoreApplication.sendEvent(parent, event)
        else:
            super().keyPressEvent(event)

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
            self._answer.set_stale("Last valid result; correct the marked field at the left")
            return
        model, method = self._form.model_label(), self._form.method_label()
        self._answer.show_values(estimate.values, method)
        source = estimate.values["method_source"]
        self._footer.show_text(
            f"Not counted: {estimate.values['memory']['excluded']}. "
            f"Shape of {model}: {estimate.values['source']}. "
            + (f"{method}: {source}. " if source else "")
            + UNITS_TEXT
        )

    @Slot()
    def _on_stale_timer_timeout(self) -> None:
        self._answer.set_stale("Waiting for the engine…")

    @Slot()
    def _on_appearance_changed(self) -> None:
        if self.isVisible():
            self._fit()
