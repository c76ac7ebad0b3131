"""`--screenshot`: the same command draws the same picture, however busy the machine is."""

from pathlib import Path

import pytest

from engine.protocol.settings import Settings
from gui import screenshot
from gui.session import Session
from gui.state.preferences import Preferences
from gui.window import Window


@pytest.mark.usefixtures("dressed", "qapp")
def test_which_frames_come_on_the_way_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = []
    for seconds in (0.001, 0.05):  # many frames on the way, and one or none
        monkeypatch.setattr(screenshot, "POLL_SECONDS", seconds)
        session, file = Session(Settings(strategy="full", learning_rate=0.03)), tmp_path / "it.png"
        session.start()
        window = Window(session, Preferences())
        window.resize(1600, 1000)
        assert screenshot.take_screenshot(window, session, file, 250) == 0
        window.deleteLater()
        assert session.state.frame is not None and session.state.frame.step == 250
        pictures.append(file.read_bytes())
    assert pictures[0] == pictures[1]
