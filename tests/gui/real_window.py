"""The real window over a real engine, for tests that drive it as a user does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from gui.matrices.heatmap import Heatmap
from gui.session import Session
from gui.state.preferences import Preferences
from gui.theme import Scheme, appearance
from gui.window import Window
from tests.gui.patience import PATIENCE

LORA = Settings(strategy="lora", rank=4)


class RealWindow:
    """A window, and the hands and eyes of its user."""

    def __init__(
        self, qtbot: QtBot, settings: Settings, size: tuple[int, int] = (1280, 720)
    ) -> None:
        self.qtbot = qtbot
        self.session = Session(settings)
        appearance.start(Scheme.LIGHT)
        self.session.start()
        self.window = Window(self.session, Preferences())
        self.window.resize(*size)
        self.window.show()
        self.window.add_charts()

    def find(self, kind: type[QWidget], name: str) -> QWidget:
        found = self.window.findChild(kind, name)
        assert found is not None, name
        return found

    def heatmap(self, name: str) -> Heatmap:
        """Args: name: layer2.delta, layer1.lora_B …"""
        found = self.find(Heatmap, f"heatmap.{name}")
        assert isinstance(found, Heatmap)
        return found

    def matrix(self, name: str) -> np.ndarray:
        return self.heatmap(name).matrix()

    def click(self, name: str) -> None:
        button = self.find(QAbstractButton, name)
        assert button.isVisible(), name
        self.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def until(self, good: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(good, timeout=PATIENCE)

    def wait(self, good: Callable[[Frame], bool] = lambda frame: True) -> Frame:
        """The first frame of a run that is good."""

        def seen() -> bool:
            frame = self.session.state.frame
            return frame is not None and frame.run > 0 and good(frame)

        self.until(seen)
        assert self.session.state.frame is not None
        return self.session.state.frame

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
