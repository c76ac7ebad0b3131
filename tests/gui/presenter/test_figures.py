"""The line of figures that a room reads."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gui.presenter.figures import PresentedFigures
from gui.widgets.label import Label
from tests.gui.shell_frames import FakeSession, frame


@pytest.mark.parametrize(("width", "sure"), [(1400, True), (700, False)])
def test_a_room_is_told_how_sure_an_accuracy_is_where_that_fits(
    qtbot: QtBot, width: int, sure: bool
) -> None:
    session = FakeSession()
    figures = PresentedFigures(session)
    figures.resize(width, 40)
    session.show(qtbot, figures)
    session.feed(frame(50))
    seen = [label.text() for label in figures.findChildren(Label) if label.isVisible()]
    assert figures.width() == width
    assert "78.0\u202f%" in seen
    assert ("±\u202f4.0" in seen) == ("on test images:" in seen) == sure
