"""Waiting for what happens, however long it takes; never for a time."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

PATIENCE = 60_000
"""Milliseconds; a machine under load imports torch slowly."""
ROUNDS = 10
"""A layout may ask for another, and that for a third."""


class PatientBot(QtBot):
    """As pytest-qt's, but it takes a slow machine for no failure."""

    def waitUntil(self, callback: Any, *, timeout: int = PATIENCE) -> None:
        """Until it is true."""
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE, **more: Any) -> Any:
        """Until it is sent."""
        return super().waitSignal(signal, timeout=timeout, **more)


def settle() -> None:
    """Let all that was asked for be done: layouts, what waits for them, what is to be deleted."""
    for _ in range(ROUNDS):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
