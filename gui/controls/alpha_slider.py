"""Slider of α, which follows the rank until it is set."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QToolButton

from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings
from gui.controls.value_slider import ValueSlider
from gui.session import Session
from gui.text.numbers import short_number
from gui.theme import TINY
from gui.widgets.label import Label


class _FollowButton(QToolButton):
    """Button “= r”, checked while α follows the rank."""

    def __init__(self) -> None:
        super().__init__()
        self.setText("= r")
        self.setCheckable(True)
        self.setToolTip("Let α follow the rank, so that α/r is 1")
        self.setAccessibleName("alpha follows the rank")
        self.setProperty("role", "follow")
        self.setCursor(Qt.CursorShape.PointingHandCursor)


class AlphaSlider(ValueSlider):
    """Shows α / r as well; its button “= r” lets α follow the rank again."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "alpha")
        self._scaling = Label(scale=TINY, colour="muted")
        self._follow = _FollowButton()
        self._header.insertWidget(1, self._scaling)
        self._header.insertWidget(2, self._follow)
        self._follow.clicked.connect(self._on_follow_clicked)
        session.state.settings_changed.connect(self._on_session_alpha_changed)
        session.state.catalogue_changed.connect(self._on_session_equation_changed)
        self._show_scaling(session.state.settings)

    def set_reason(self, reason: str, long_reason: str = "") -> None:
        """Disable it and show why, in place of its value and in its tooltip; empty: enable it."""
        super().set_reason(reason, long_reason)
        self._follow.setVisible(not reason)
        self._scaling.setVisible(not reason)

    def _show_scaling(self, settings: Settings) -> None:
        info = self._session.state.strategy_info()
        divides_by_root = info is not None and info.scaling_rule == "α/√r"
        divisor = math.sqrt(settings.rank) if divides_by_root else settings.rank
        scaling = short_number(settings.scaling_alpha / divisor)
        self._scaling.show_text(f"{'α/√r' if divides_by_root else 'α/r'} = {scaling}")
        self._follow.setChecked(settings.alpha is None)

    @Slot(object, object)
    def _on_session_alpha_changed(self, _old: Settings, new: Settings) -> None:
        self._show_scaling(new)

    @Slot(object)
    def _on_session_equation_changed(self, _catalogue: Catalogue) -> None:
        self._show_scaling(self._session.state.settings)

    @Slot()
    def _on_follow_clicked(self) -> None:
        self._session.editor.update(alpha=None)
        self._show_scaling(self._session.state.settings)
