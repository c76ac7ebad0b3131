"""The lights on the rows, what a red one says, and the table of all proofs."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QLabel, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Check, Frame
from gui.matrices.heatmap import Heatmap
from gui.stage.check_lights import LIGHT_GAP, CheckLights, FailureNote
from gui.stage.checks_dialog import ALL_HOLD, ChecksDialog
from gui.stage.stage import Stage
from gui.theme import appearance
from tests.gui.changed import changed
from tests.gui.frames import PROJECTOR, Open, frame, with_proof
from tests.gui.made_checks import STATISTICS, checks, failing


def lights(stage: Stage, layer: str) -> CheckLights:
    found = stage.findChild(CheckLights, f"proofs.{layer}")
    assert isinstance(found, CheckLights)
    return found


def note(stage: Stage, layer: str) -> FailureNote:
    parent = lights(stage, layer).parentWidget()
    assert parent is not None
    found = parent.findChild(FailureNote)
    assert isinstance(found, FailureNote)
    return found


def broken(strategy: str, layer: str, check: Check, **shape: Any) -> Frame:
    """The strategy's frame with one layer's proof failing."""
    made = frame(strategy, **shape)
    parts = [with_proof(one, check) if one.name == layer else one for one in made.layers]
    return replace(made, layers=tuple(parts))


def shot(widget: CheckLights) -> QImage:
    return widget.grab().toImage()


def colours(image: QImage, place: int) -> set[str]:
    """Colours inside one light."""
    side, ratio = CheckLights.side(), image.devicePixelRatio()
    left = round(place * (side + LIGHT_GAP) * ratio)
    return {
        image.pixelColor(x, y).name()
        for x in range(left, min(left + round((side + 1) * ratio), image.width()))
        for y in range(image.height())
    }


# ------------------------------------------------------------ the lights


def test_there_is_a_light_for_each_claim_that_applies(open_stage: Open) -> None:
    _, stage = open_stage("lora", PROJECTOR, 50)
    body, head = lights(stage, "layer2"), lights(stage, "head")
    assert [claim for claim, _ in body.lights] == ["frozen", "zero_start", "sum", "merged", "rank"]
    assert [claim for claim, _ in head.lights] == ["frozen", "zero_start", "sum", "merged"]
    assert all(holds for _, holds in (*body.lights, *head.lights))
    assert note(stage, "layer2").lines == ()
    assert not note(stage, "layer2").isVisible()


def test_red_differs_by_shape_as_well(open_stage: Open) -> None:
    session, stage = open_stage("lora", PROJECTOR, 50)
    view = lights(stage, "layer1")
    green = shot(view)
    assert QColor(appearance.theme.good).name() in colours(green, 3)
    session.feed(broken("lora", "layer1", failing("merged"), step=51))
    after = shot(view)
    assert QColor(appearance.theme.bad).name() in colours(after, 3)
    assert QColor(appearance.theme.good).name() not in colours(after, 3)

    def dark(image: QImage) -> int:
        """Pixels that are clearly not the page, hue aside."""
        page = QColor(appearance.theme.page).lightness()
        side = CheckLights.side()
        left = 3 * (side + LIGHT_GAP)
        return sum(
            page - image.pixelColor(x, y).lightness() > 60
            for x in range(left, left + side + 1)
            for y in range(image.height())
        )

    assert dark(after) > 1.5 * dark(green)


@pytest.mark.parametrize("claim", ["frozen", "zero_start", "sum", "merged", "rank"])
def test_a_red_light_speaks_at_once_and_leaves_with_its_cause(open_stage: Open, claim: str) -> None:
    session, stage = open_stage("lora", PROJECTOR, 50)
    session.feed(broken("lora", "layer3", failing(claim), step=51))
    words = note(stage, "layer3")
    assert (claim, False) in lights(stage, "layer3").lights
    assert words.isVisible()
    assert words.height() >= words.sizeHint().height() > 0
    assert "a bug of ours" in "\n".join(words.lines)
    assert "This is a bug of ours." in " ".join(words.accessibleName().split())
    assert "This is a bug of ours." in lights(stage, "layer3").accessibleDescription()
    assert note(stage, "layer1").lines == ()
    session.feed(frame("lora", step=52))
    assert not words.isVisible()
    assert "bug" not in lights(stage, "layer3").accessibleDescription()


def test_a_low_row_makes_room_for_its_words(open_stage: Open) -> None:
    session, stage = open_stage("lora", PROJECTOR, 50)
    session.feed(broken("lora", "head", failing("sum"), step=51))
    words = note(stage, "head")
    assert words.height() >= words.sizeHint().height() > 0
    block = words.parentWidget()
    assert block is not None
    row = stage.findChild(QWidget, "row.head")
    assert isinstance(row, QWidget)
    assert row.geometry().contains(block.geometry())


def test_the_statistics_lesson_names_its_remedy_on_the_row(open_stage: Open) -> None:
    _, stage = open_stage("statistics", PROJECTOR, 50)
    words = note(stage, "layer2")
    assert words.lines[0] == "statistics change"
    assert words.lines[-1] == "freeze the statistics too"
    assert words.width() >= words.sizeHint().width()


def test_words_of_a_red_light_leave_the_pictures_as_large(open_stage: Open) -> None:
    session, stage = open_stage("batch_norm", PROJECTOR, 50)
    pictured = stage.findChild(Heatmap, "heatmap.layer2.weight")
    assert isinstance(pictured, Heatmap)
    before = pictured.size()
    session.feed(frame("statistics", step=51, settings=session.state.settings))
    pictured = stage.findChild(Heatmap, "heatmap.layer2.weight")
    assert isinstance(pictured, Heatmap)
    assert pictured.size() == before


def test_an_adapters_light_is_red_where_either_matrix_fails(open_stage: Open) -> None:
    session, stage = open_stage("adapter", PROJECTOR, 50)
    session.feed(broken("adapter", "adapter2.up", failing("sum"), step=51))
    assert dict(lights(stage, "adapter2").lights)["sum"] is False
    assert dict(lights(stage, "adapter1").lights)["sum"] is True
    assert dict(lights(stage, "layer2").lights)["sum"] is True
    assert note(stage, "adapter2").isVisible()


def test_without_proofs_there_are_no_lights(open_stage: Open) -> None:
    session, stage = open_stage("full", PROJECTOR, 50)
    bare = frame("full", step=51)
    parts = tuple(changed(one, checks=()) for one in bare.layers)
    session.feed(replace(bare, layers=parts))
    assert lights(stage, "layer1").lights == ()
    assert not lights(stage, "layer1").isVisible()


def test_numbers_that_change_while_all_holds_paint_nothing(qtbot: QtBot) -> None:
    class Counting(CheckLights):
        updates = 0

        def update(self) -> None:  # type: ignore[override]
            self.updates += 1

    view = Counting("layer1", None)  # type: ignore[arg-type]
    qtbot.addWidget(view)
    view.show_checks(checks(lora=4))
    assert view.updates == 1
    for difference in (1e-7, 2e-7, 3e-7):
        merged = Check("merged", True, difference, 1e-5, 0)
        view.show_checks((*(one for one in checks(lora=4) if one.name != "merged"), merged))
    assert view.updates == 1
    assert "3.0·10⁻⁷" in view.sentences("merged")


# ------------------------------------------------------------ what they say under the pointer


def test_the_light_under_the_pointer_says_what_was_checked(
    open_stage: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, stage = open_stage("lora", PROJECTOR, 50)
    view = lights(stage, "layer1")
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, _widget: told.append(text))
    for place in range(5):
        at = QPoint(place * (CheckLights.side() + LIGHT_GAP) + 3, 3)
        QApplication.sendEvent(view, QHelpEvent(QHelpEvent.Type.ToolTip, at, QPoint()))
    assert [words.split()[0] for words in told] == ["W", "At", "W′", "Merged", "Rank"]
    assert view.check_at(-1.0) == ""
    assert view.check_at(5.0 * (CheckLights.side() + LIGHT_GAP)) == ""


# ------------------------------------------------------------ the table


def opened_dialog(stage: Stage) -> ChecksDialog:
    found = stage.findChild(ChecksDialog)
    assert isinstance(found, ChecksDialog)
    return found


def cells(dialog: ChecksDialog) -> dict[str, str]:
    return {
        label.accessibleName(): label.text()
        for label in dialog.findChildren(QLabel)
        if ", " in label.accessibleName() and label.isVisibleTo(dialog)
    }


def test_a_press_opens_all_proofs_and_they_go_on(open_stage: Open, qtbot: QtBot) -> None:
    session, stage = open_stage("lora", PROJECTOR, 50)
    at = QPointF(4, 4).toPoint()
    qtbot.mouseClick(lights(stage, "layer1"), Qt.MouseButton.LeftButton, pos=at)
    dialog = opened_dialog(stage)
    assert dialog.isVisible()
    before = cells(dialog)
    assert before["Layer 2, merged = unmerged"].startswith("✓ ")
    assert before["Layer 2, merged = unmerged"].endswith("·10⁻⁷")
    assert "Head, rank of ΔW" not in before
    assert any(label.text() == ALL_HOLD for label in dialog.findChildren(QLabel))
    session.feed(broken("lora", "layer2", failing("merged"), step=51))
    assert cells(dialog)["Layer 2, merged = unmerged"] == "✗ 0.020, at most 1.0·10⁻⁵"
    told = [label.text() for label in dialog.findChildren(QLabel)]
    assert any("Layer 2: Merged ≠ unmerged" in text for text in told)
    session.feed(broken("full", "layer1", STATISTICS, step=52))
    assert "Layer 2, rank of ΔW" not in cells(dialog)
    assert cells(dialog)["Layer 1, W and all frozen parts"].startswith("✗")


def test_the_keyboard_opens_the_table_too(open_stage: Open, qtbot: QtBot) -> None:
    _, stage = open_stage("full", PROJECTOR, 50)
    view = lights(stage, "layer1")
    assert view.focusPolicy() & Qt.FocusPolicy.TabFocus
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert opened_dialog(stage).isVisible()


def test_a_closed_table_takes_up_where_the_run_is(open_stage: Open, qtbot: QtBot) -> None:
    session, stage = open_stage("full", PROJECTOR, 50)
    view = lights(stage, "layer1")
    view.click()
    dialog = opened_dialog(stage)
    dialog.accept()
    session.feed(broken("full", "layer1", failing("sum"), step=51))
    assert cells(dialog)["Layer 1, W′ = W + ΔW"].startswith("✓")
    view.click()
    assert opened_dialog(stage) is dialog
    assert cells(dialog)["Layer 1, W′ = W + ΔW"].startswith("✗")
