"""Run before a lesson: it is kept, and given back when the lesson is left."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.protocol.catalogue import find_named
from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings
from engine.protocol.strategy_files import strategy_label
from gui.session import Session
from gui.state.undo_stack import Detour

KEPT = "Your run ({}, step {:,}) is kept. It comes back when you leave the lesson."
BACK = "Your run is back: {}, step {:,}."
STARTED_AGAIN = "{} and your settings from before the lesson are back, at step 0."


class RunBefore:
    """The user's run and settings before the present lesson."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._settings: Settings | None = None
        """None: no lesson is open."""
        self._step = 0
        self._detour: Detour | None = None
        """None: the run has begun with the lesson, and there is nothing to come back to."""

    @property
    def text(self) -> str:
        """Sentence that says what becomes of it; empty: it has taken no step."""
        if self._settings is None or not self._step:
            return ""
        return KEPT.format(strategy_label(self._settings.strategy), self._step)

    def take(self, overrides: Mapping[str, Any] | None) -> bool:
        """Note it when a lesson is opened. Returns: whether it is the first since the user's run.

        Args: overrides: settings from the command line that are in force after the lesson; None:
        the lesson was opened in the window.
        """
        if self._settings is not None:
            return False
        state = self._session.state
        self._settings = state.settings if overrides is None else Settings(**overrides)
        self._step = 0 if state.frame is None else state.frame.step
        self._detour = self._session.undo_stack.begin_detour() if overrides is None else None
        return True

    def adopt_defaults(self, catalogue: Catalogue, overrides: Mapping[str, Any]) -> bool:
        """Take the defaults of a strategy that was not known yet. Returns: whether a lesson is on.

        Args: overrides: settings that stay.
        """
        if self._settings is None:
            return False
        info = find_named(catalogue.strategies, self._settings.strategy)
        defaults = {} if info is None else info.defaults
        new = {name: value for name, value in defaults.items() if name not in overrides}
        self._settings = self._settings.replace(**new)
        return True

    def give_back(self) -> None:
        """Put it on the stage again, exactly; where that cannot be, its settings, at step 0."""
        session, settings = self._session, self._settings
        detour, step = self._detour, self._step
        self._settings, self._detour, self._step = None, None, 0
        if settings is None:
            return
        number = 0 if detour is None else session.undo_stack.end_detour(detour)
        text = BACK.format(strategy_label(settings.strategy), step)
        if not number:
            with session.undo_stack.quiet():
                session.editor.update(**dataclasses.asdict(settings))
                number = session.playback.reset()
            text = STARTED_AGAIN.format(strategy_label(settings.strategy))
        if step:
            session.notices.add_notes(number, (text,))
