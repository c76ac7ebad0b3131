"""What fine-tuning a large model costs, asked and answered while training goes on."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.protocol.messages import Catalogue, CostEstimate
from gui.cost.answer import CostAnswer
from gui.cost.fields import SMALL
from gui.cost.form import PlanForm
from gui.session import Session
from gui.state.notices import STARTING
from gui.theme import SPACE, appearance
from gui.widgets.label import Label

SIZE = (1040, 640)
"""In pixels at the ordinary text size."""
MARGIN = 24
"""Pixels of the screen that stay free on each side."""
PAGE_DOWN, PAGE_UP = Qt.Key.Key_PageDown, Qt.Key.Key_PageUp
AIR = 8
"""Pixels round it where it stands beside a lesson's card; above it, its title bar as well."""
PATIENCE_MILLISECONDS = 300
"""Without an answer for so long, the one that stands there is greyed."""
OF_THE_WINDOW = frozenset({
    Qt.Key.Key_T, Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_B,
    Qt.Key.Key_Period,
})  # fmt: skip
"""Keys that mean there what they always mean: the look, and a lecturer's black screen."""
UNITS = "kB = 10³, MB = 10⁶, GB = 10⁹, TB = 10¹² bytes.".replace(" = ", "\u00a0=\u00a0")


class CostDialog(QDialog):
    """A form at the left, the answer at the right, sources at the foot."""

    turned = Signal(int)
    """A clicker's keys, where they are heeded: 1 on in the lesson, −1 back."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._asked: dict[str, Any] = {}
        self._place: QRect | None = None
        self.setWindowTitle("What fine-tuning a large model costs")
        self.setObjectName("costDialog")
        self._form, self._answer = PlanForm(), CostAnswer()
        self._foot = Label(scale=SMALL, colour="muted", wrap=True)
        self._foot.setObjectName("cost.foot")
        self._overdue = QTimer(self)
        self._overdue.setSingleShot(True)
        self._overdue.setInterval(PATIENCE_MILLISECONDS)
        self._lay_out()
        self._form.changed.connect(self._on_form_changed)
        self._overdue.timeout.connect(self._on_overdue_timeout)
        session.state.catalogue_changed.connect(self._on_session_catalogue_changed)
        session.state.cost_estimated.connect(self._on_session_cost_estimated)
        appearance.changed.connect(self._on_appearance_changed)
        self._clicker = [QShortcut(QKeySequence(key), self) for key in (PAGE_DOWN, PAGE_UP)]
        self._clicker[0].activated.connect(self._on_page_down)
        self._clicker[1].activated.connect(self._on_page_up)
        self._offer(session.state.catalogue)

    # ------------------------------------------------------------ building

    def _lay_out(self) -> None:
        inside = self._inside = QWidget()
        body = QHBoxLayout(inside)
        body.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, SPACE)
        body.setSpacing(4 * SPACE)
        body.addWidget(self._form)
        body.addWidget(self._answer, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(inside)
        close = QPushButton("Close")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        foot = QHBoxLayout()
        foot.setContentsMargins(3 * SPACE, SPACE, 3 * SPACE, 2 * SPACE)
        foot.setSpacing(3 * SPACE)
        foot.addWidget(self._foot, 1)
        foot.addWidget(close, 0, Qt.AlignmentFlag.AlignBottom)
        rule = QFrame()
        rule.setProperty("role", "rule")
        rule.setFixedHeight(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(area, 1)
        column.addWidget(rule)
        column.addLayout(foot)

    def heed_clicker(self, heeded: bool) -> None:
        """Whether PageDown and PageUp turn the lesson's cards; else they change a number."""
        for shortcut in self._clicker:
            shortcut.setEnabled(heeded)

    def stand_in(self, place: QRect | None) -> None:
        """Open within this part of the screen next time, where it is wide enough.

        Args: place: None: where the desktop puts it.
        """
        self._place = place

    def _fit(self) -> None:
        """As large as the text wants, and no larger than its place or the screen."""
        width, height = (round(side * max(1.0, appearance.text_scale)) for side in SIZE)
        free = (
            QRect() if self._place is None else self._place.adjusted(AIR, MARGIN + AIR, -AIR, -AIR)
        )
        if free.width() >= self._inside.minimumSizeHint().width():
            size = QSize(min(width, free.width()), min(height, free.height()))
            self.setGeometry(QRect(free.topLeft(), size))
            return
        room = self.screen().availableGeometry().size()
        parent = self.parentWidget()
        if parent is not None:
            room = room.expandedTo(parent.window().size())  # which has found its place there
        self.resize(min(width, room.width() - 2 * MARGIN),
                    min(height, room.height() - 2 * MARGIN))  # fmt: skip

    def showEvent(self, event: QShowEvent) -> None:
        """Qt's hook: it opens as large as it needs to be now."""
        self._fit()
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's hook: some keys are the window's."""
        parent = self.parentWidget()
        if event.key() in OF_THE_WINDOW and parent is not None:
            QCoreApplication.sendEvent(parent, event)
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------ asking and hearing

    def _offer(self, catalogue: Catalogue | None) -> None:
        offered = None if catalogue is None else catalogue.cost
        self._form.setEnabled(offered is not None)
        if offered is None:
            self._answer.set_stale(STARTING.text)
            return
        self._form.offer(offered)
        self._ask()

    def _ask(self) -> None:
        self._asked = self._form.plan()
        self._overdue.start()
        self._session.estimate_cost(self._asked)

    @Slot()
    def _on_page_down(self) -> None:
        self.turned.emit(1)

    @Slot()
    def _on_page_up(self) -> None:
        self.turned.emit(-1)

    @Slot()
    def _on_form_changed(self) -> None:
        self._ask()

    @Slot(object)
    def _on_session_catalogue_changed(self, catalogue: Catalogue) -> None:
        self._offer(catalogue)

    @Slot(object)
    def _on_session_cost_estimated(self, estimate: CostEstimate) -> None:
        if estimate.plan != self._asked:
            return  # a newer question is under way
        self._overdue.stop()
        self._form.show_problem(estimate.field, estimate.problem)
        if estimate.problem:
            self._answer.set_stale(
                "The last good answer; the field marked at the left wants another value"
            )
            return
        model, method = self._form.model_label(), self._form.method_label()
        self._answer.show_values(estimate.values, method)
        source = estimate.values["method_source"]
        self._foot.show_text(
            f"Not counted: {estimate.values['memory']['excluded']}. "
            f"Shape of {model}: {estimate.values['source']}. "
            + (f"{method}: {source}. " if source else "")
            + UNITS
        )

    @Slot()
    def _on_overdue_timeout(self) -> None:
        self._answer.set_stale("Waiting for the engine…")

    @Slot()
    def _on_appearance_changed(self) -> None:
        if self.isVisible():
            self._fit()
