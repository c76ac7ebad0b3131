"""The button that enters the step view."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QPushButton

from gui.step_view.controller import StepView

NAME = "Look into a step"
HINT = "One optimizer step in five moments: forward, loss, gradient, optimizer, ΔW → W′ (M)"


class StepButton(QPushButton):
    """Enters and leaves the step view; disabled, with the reason, where that is impossible."""

    def __init__(self, step_view: StepView) -> None:
        super().__init__(NAME)
        self._step_view = step_view
        self.setObjectName("microscopeButton")
        self.setCheckable(True)
        self.setProperty("role", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._on_clicked)
        step_view.changed.connect(self._on_step_view_changed)
        self._on_step_view_changed()

    @Slot()
    def _on_clicked(self) -> None:
        self._step_view.toggle()
        self._on_step_view_changed()

    @Slot()
    def _on_step_view_changed(self) -> None:
        reason = self._step_view.reason
        self.setEnabled(not reason)
        self.setChecked(self._step_view.active)
        self.setToolTip(reason or HINT)
        self.setAccessibleDescription(self.toolTip())
