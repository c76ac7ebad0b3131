"""A stage to look at, closed for good when its test is over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.stage.stage import Stage
from gui.theme import Scheme, look
from tests.gui.frames import LAPTOP, FedSession, Open, frame


@pytest.fixture(scope="module")
def dressed(qapp: QApplication) -> Iterator[None]:
    look.start(Scheme.LIGHT)
    yield
    look.set_text_scale(1.0)


@pytest.fixture
def open_stage(qtbot: QtBot, dressed: None) -> Iterator[Open]:
    stages: list[Stage] = []

    def opened(
        strategy: str, size: tuple[int, int] = LAPTOP, step: int = 1, **shape: Any
    ) -> tuple[FedSession, Stage]:
        session = FedSession(strategy)
        stage = Stage(session)
        stages.append(stage)
        stage.resize(*size)
        stage.show()
        session.give(frame(strategy, step=step, **shape))
        return session, stage

    yield opened
    for stage in stages:
        stage.close()
        stage.deleteLater()
    # pytest-qt would leave them until an event loop runs, and every change of style visits them
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if look.text_scale != 1.0:
        look.set_text_scale(1.0)
