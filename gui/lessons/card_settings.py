"""Settings that a card changes while it is shown, and those from before the lesson."""

from __future__ import annotations

from typing import Any

from engine.protocol.settings import Settings
from engine.protocol.strategy_files import strategy_label
from gui.lessons.lesson import Card
from gui.session import Session

SET_ASIDE = (
    "Your run ({}, step {:,}) is set aside. Its strategy and settings come back when you leave "
    "the lesson; the run then starts again at step 0."
)
RESTORED = "{} and your settings from before the lesson are back. The run starts again at step 0."


class CardSettings:
    """Fields of Settings that the present card changed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._replaced: dict[str, Any] = {}
        """Their values before the card."""

    def apply(self, card: Card | None) -> None:
        """Put a card's settings in force."""
        now = self._session.state.settings
        if card is not None and card.settings:
            self._replaced = {name: getattr(now, name) for name in card.settings}
            self._session.editor.update(**card.settings)

    def restore(self) -> None:
        """Bring the values from before the card back."""
        replaced, self._replaced = self._replaced, {}
        if replaced:
            self._session.editor.update(**replaced)

    def forget(self) -> None:
        """Leave the settings as they are: others take their place."""
        self._replaced = {}


def set_aside_text(settings: Settings, step: int) -> str:
    """Return what becomes of the run before a lesson. Args: step: that it had come to."""
    return SET_ASIDE.format(strategy_label(settings.strategy), step)


def restored_text(settings: Settings) -> str:
    """Return that the settings from before a lesson are back."""
    return RESTORED.format(strategy_label(settings.strategy))
