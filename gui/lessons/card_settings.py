"""Settings that a card changes while it is shown."""

from __future__ import annotations

from typing import Any

from gui.lessons.lesson import Card
from gui.session import Session


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
            self._update(card.settings)

    def restore(self) -> None:
        """Bring the values from before the card back."""
        replaced, self._replaced = self._replaced, {}
        if replaced:
            self._update(replaced)

    def forget(self) -> None:
        """Leave the settings as they are: others take their place."""
        self._replaced = {}

    def _update(self, changes: dict[str, Any]) -> None:
        with self._session.undo_stack.quiet():
            self._session.editor.update(**changes)
