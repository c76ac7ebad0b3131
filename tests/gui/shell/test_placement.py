"""A window opens with all of it on the screen, its frame included."""

import pytest
from PySide6.QtCore import QByteArray, QRect
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.shell import placement
from gui.shell.placement import fit_on_screen, fitted_geometry, place_window

SCREEN = QRect(100, 50, 960, 500)


@pytest.mark.parametrize(
    ("inner", "fitted"),
    [
        ((110, 90, 400, 300), (110, 90, 400, 300)),  # it fits
        ((100, 50, 960, 500), (104, 80, 952, 466)),  # as large as the screen
        ((0, 0, 400, 300), (104, 80, 400, 300)),  # its title is above
        ((900, 400, 400, 300), (656, 246, 400, 300)),  # beyond the lower right corner
        ((-5000, 90, 3000, 300), (104, 90, 952, 300)),  # on a screen that is gone
    ],
)
def test_the_frame_counts(inner: tuple[int, ...], fitted: tuple[int, ...]) -> None:
    without = QRect(*inner)
    frame = without.adjusted(-4, -30, 4, 4)
    found = fitted_geometry(without, frame, SCREEN)
    assert found.getRect() == fitted
    assert SCREEN.contains(found.adjusted(-4, -30, 4, 4))


class _Framed(QWidget):
    """As on a screen of its own size, with a title bar."""

    def frameGeometry(self) -> QRect:
        return self.geometry().adjusted(-4, -30, 4, 4)


@pytest.mark.parametrize("size", [(300, 200), (5000, 4000)])
@pytest.mark.parametrize("fills", [False, True])
@pytest.mark.parametrize("geometry", [None, QByteArray(b"\x01\xd9\xd0\xcb nonsense")])
def test_it_opens_on_the_screen(
    qtbot: QtBot, size: tuple[int, int], fills: bool, geometry: QByteArray | None
) -> None:
    window = _Framed()
    qtbot.addWidget(window)
    available = window.screen().availableGeometry()
    window.resize(*size)
    place_window(window, geometry, fills=fills)
    window.show()
    fit_on_screen(window)
    assert available.contains(window.frameGeometry())


def test_the_least_size_is_no_larger_than_the_screen(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = _Framed()
    qtbot.addWidget(window)
    available = window.screen().availableGeometry()
    monkeypatch.setattr(placement, "MIN_SIZE", available.size() * 2)
    place_window(window, None, fills=False)
    window.show()
    fit_on_screen(window)
    assert available.contains(window.frameGeometry())
