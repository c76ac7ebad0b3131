"""A cell that is kept: its arithmetic is asked for, shown, followed and put away."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from engine.protocol.messages import CellAddress, FrameOptions
from gui.inspector.inspector import Inspector
from gui.inspector.sheet import DerivationSheet, LineView
from gui.matrices.heatmap import Heatmap
from tests.gui.frames import frame, session_of
from tests.gui.made_derivations import with_derivation
from tests.gui.patience import settle
from tests.gui.shared_window import SharedWindow, shared_window


class Kept(SharedWindow):
    """A window whose engine answers at once."""

    def __init__(self, strategy: str) -> None:
        self.strategy, self.step = strategy, 120
        shown = frame(strategy, step=self.step)
        super().__init__((1280, 720), shown, session=session_of(strategy))

    def restore(self) -> None:
        self.step = 120
        super().restore()

    @property
    def inspector(self) -> Inspector:
        return self.window.inspector

    def heatmap(self, name: str) -> Heatmap:
        found = self.window.findChild(Heatmap, f"heatmap.{name}")
        assert isinstance(found, Heatmap)
        return found

    def click(self, name: str, row: int, column: int) -> None:
        heatmap = self.heatmap(name)
        rows, _ = heatmap.matrix().shape
        side = (heatmap.height() - 6) // rows
        at = QPoint(3 + column * side + side // 2, 3 + row * side + side // 2)
        QTest.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=at)

    def asked(self) -> CellAddress | None:
        looks = [sent for sent in self.session.fake_host.sent if isinstance(sent, FrameOptions)]
        return looks[-1].cell if looks else None

    def answer(self, steps: int = 0) -> None:
        self.step += steps
        cell = self.asked()
        now = frame(self.strategy, step=self.step)
        self.session.feed(now if cell is None else with_derivation(now, cell))


def test_it_stands_below_the_matrices_if_there_is_room(qtbot: QtBot, dressed: None) -> None:
    kept = Kept("weight_update")
    qtbot.addWidget(kept.window)
    kept.window.resize(1280, 1000)
    settle()
    kept.click("layer1.delta", 16, 4)
    kept.answer()
    window, heatmaps = kept.window, kept.window.stage.findChildren(Heatmap)
    places = [QRect(it.mapTo(window, QPoint(0, 0)), it.size()) for it in heatmaps if it.isVisible()]
    place = kept.inspector.geometry()
    assert places and not any(place.intersects(other) for other in places)
    assert place.bottom() < window.timeline.mapTo(window, QPoint(0, 0)).y()


def test_it_follows_what_stands_in_the_place_of_its_matrix(qtbot: QtBot, dressed: None) -> None:
    kept = Kept("weight_update")
    qtbot.addWidget(kept.window)
    kept.window.resize(960, 900)
    settle()
    kept.click("layer1.delta", 16, 4)
    kept.answer()
    covered = kept.inspector.geometry().intersects(place_in(kept.heatmap("layer1.delta"), kept))
    assert not covered, "where it is too high, it is wide"
    for name, symbol in (("gradient", "G"), ("delta", "ΔW")):
        choose(kept, name)
        assert kept.asked() == CellAddress("layer1", 16, 4, name)
        (title,) = [
            it.text() for it in kept.inspector.findChildren(QLabel) if "row 17" in it.text()
        ]
        assert title == f"Layer 1 · {symbol} · row 17, column 5"


def place_in(heatmap: Heatmap, kept: Kept) -> QRect:
    return QRect(heatmap.mapTo(kept.window, QPoint(0, 0)), heatmap.size())


def choose(kept: Kept, name: str) -> None:
    """Choose in the menu of the column ΔW."""
    menu = kept.window.findChild(QPushButton, "switch.delta").menu()
    next(action for action in menu.actions() if action.data() == name).trigger()


@pytest.fixture(scope="module")
def shared(dressed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    with shared_window(tmp_path_factory.mktemp("shared"), lambda: Kept("lora")) as kept:
        yield kept


@pytest.fixture
def kept(shared: Kept) -> Iterator[Kept]:
    yield shared
    shared.restore()


def test_a_click_asks_for_the_arithmetic_and_unfolds_it(kept: Kept) -> None:
    stage = kept.window.stage.geometry()
    assert not kept.inspector.isVisible()
    kept.click("layer2.delta", 16, 4)
    assert kept.asked() == CellAddress("layer2", 16, 4, "delta")
    assert kept.inspector.text().startswith("Layer 2 · ΔW · row 17, column 5\n")
    assert "ΔW = s · Σ BₖAₖ" in kept.inspector.text()  # until the engine has answered
    kept.answer()
    text = kept.inspector.text()
    assert "Made of\nΔW = s · Σ Bₖ · Aₖ" in text
    assert "Step 119 → 120\ng = 1/n · Σ δᵢ · xⱼ" in text
    assert "k = 1…4" not in text  # said once
    assert kept.inspector.isVisible()
    assert kept.window.stage.geometry() == stage
    pinned = kept.heatmap("layer2.delta")
    page, window = kept.window.page_stack, kept.window
    inside = QRect(page.mapTo(window, QPoint(0, 0)), page.size())
    assert inside.contains(kept.inspector.geometry())
    place = QRect(pinned.mapTo(window, QPoint(0, 0)), pinned.size())
    assert not place.intersects(kept.inspector.geometry())
    sheet = kept.window.findChild(DerivationSheet)
    assert isinstance(sheet, DerivationSheet)
    assert sheet.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("way", ["escape", "close", "again"])
def test_letting_go_folds_it_and_asks_for_nothing_more(kept: Kept, qtbot: QtBot, way: str) -> None:
    kept.click("layer2.delta", 16, 4)
    kept.answer()
    if way == "escape":
        kept.window.activateWindow()
        qtbot.waitUntil(kept.window.isActiveWindow)
        qtbot.keyClick(kept.window, Qt.Key.Key_Escape)
    elif way == "close":
        button = kept.window.findChild(QToolButton, "cellClose")
        assert isinstance(button, QToolButton)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    else:
        kept.click("layer2.delta", 16, 4)
    assert kept.asked() is None
    kept.answer()
    assert not kept.inspector.isVisible() and kept.inspector.text() == ""


def test_it_follows_step_by_step(kept: Kept, qtbot: QtBot) -> None:
    kept.click("layer2.delta", 16, 4)
    kept.answer()
    kept.answer(steps=1)
    qtbot.waitUntil(lambda: "Step 120 → 121" in kept.inspector.text())


def test_another_cell_asks_anew_and_shows_nothing_of_the_old(kept: Kept) -> None:
    kept.click("layer2.delta", 16, 4)
    kept.answer()
    kept.click("layer2.lora_B", 3, 1)
    assert kept.asked() == CellAddress("layer2", 3, 1, "lora_B")
    assert "Made of" not in kept.inspector.text()
    kept.answer()
    text = kept.inspector.text()
    assert text.startswith("Layer 2 · B · row 4, column 2\nB = ")
    assert "Step 119 → 120" in text and "Made of" not in text


def test_hovering_asks_for_nothing(kept: Kept) -> None:
    kept.heatmap("layer2.delta").hovered.emit(3, 3)
    assert kept.asked() is None
    assert not kept.inspector.isVisible()
    assert kept.window.right.readout.text().startswith("Layer 2 · ΔW · row 4, column 4")


def test_a_note_stands_where_there_is_no_move(kept: Kept) -> None:
    kept.click("layer1.weight", 2, 2)
    cell = kept.asked()
    assert cell is not None
    made = with_derivation(frame("lora", step=0), cell)
    assert made.derivation is not None
    work = replace(made.derivation, note="W is frozen.")
    kept.session.feed(replace(made, derivation=work))
    assert kept.inspector.text().splitlines()[-1] == "W is frozen."


def test_a_long_sum_unfolds_by_click_and_by_key(kept: Kept, qtbot: QtBot) -> None:
    kept.click("layer2.delta", 16, 4)
    kept.answer()
    line = next(view for view in kept.window.findChildren(LineView) if view.folds)
    short = line.text()
    assert line.toolTip().count("·") == 33  # 1/32 · and 32 products
    qtbot.mouseClick(line, Qt.MouseButton.LeftButton)
    assert len(line.text()) > len(short) and "…" not in line.text()
    kept.answer(steps=1)
    assert "…" not in line.text()  # it stays unfolded
    line.setFocus()
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert line.text() == short
