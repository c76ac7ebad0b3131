"""What stands in the place of W, ΔW and W′, and that an equation stands only where it is true."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from gui.stage.stage import Stage
from tests.gui.frames import Open, frame
from tests.gui.places import check_geometry, heatmap, place


def switch(stage: Stage, name: str) -> QPushButton:
    (found,) = stage.findChildren(QPushButton, f"switch.{name}")
    return found


def choose(stage: Stage, name: str, words: str) -> None:
    """As somebody who opens the menu does."""
    menu = switch(stage, name).menu()
    (action,) = (action for action in menu.actions() if action.text() == words)
    action.trigger()


def signs(stage: Stage) -> list[str]:
    found = (label.text() for label in stage.findChildren(QLabel) if label.isVisible())
    return [text for text in found if text in ("+", "=", "×")]


def test_only_what_has_another_picture_is_a_menu(open_stage: Open) -> None:
    _, stage = open_stage("full")
    assert not any(switch(stage, name).isVisible() for name in ("weight", "delta", "updated"))
    _, stage = open_stage("qlora")
    assert switch(stage, "weight").text() == "W ▾"
    assert switch(stage, "weight").focusPolicy() == Qt.FocusPolicy.TabFocus
    assert not switch(stage, "updated").isVisible()


def test_a_choice_takes_the_place_of_w_and_its_signs_go(open_stage: Open) -> None:
    session, stage = open_stage("qlora")
    at, before = place(heatmap(stage, "layer2.weight"), stage), signs(stage)
    choose(stage, "weight", "codes")
    assert place(heatmap(stage, "layer2.codes"), stage) == at
    assert not heatmap(stage, "layer2.weight").isVisible()
    assert heatmap(stage, "head.weight").isVisible()  # it has no codes
    assert signs(stage).count("+") == 1
    assert "codes" in switch(stage, "weight").text()
    check_geometry(stage)
    session.feed(frame("qlora", step=2))
    session.feed(frame("full", step=0, run=2))
    session.feed(frame("qlora", step=0, run=3))
    assert heatmap(stage, "layer2.codes").isVisible()  # remembered
    choose(stage, "weight", "W")
    assert heatmap(stage, "layer2.weight").isVisible()
    assert signs(stage) == before


@pytest.mark.parametrize("strategy", ["qlora", "qlora_xray", "weight_update"])
def test_a_switch_moves_nothing(open_stage: Open, strategy: str) -> None:
    _, stage = open_stage(strategy)

    def places() -> dict[str, object]:
        names = ("weight", "updated", "lora_A")
        found = {name: stage.findChild(object, f"heatmap.layer1.{name}") for name in names}
        return {name: one.geometry() for name, one in found.items() if one is not None}

    before = places()
    for action in switch(stage, "delta").menu().actions():
        action.trigger()
        assert places() == before


def test_what_was_asked_for_is_shown_at_once_and_goes_with_the_wish(open_stage: Open) -> None:
    session, stage = open_stage("full")
    assert heatmap(stage, "layer2.delta").isVisible()
    session.feed(frame("xray", step=2))
    assert heatmap(stage, "layer2.truncated").isVisible()
    assert not heatmap(stage, "layer2.delta").isVisible()
    choose(stage, "delta", "ΔW")
    session.feed(frame("xray", step=3))
    assert heatmap(stage, "layer2.delta").isVisible()
    session.feed(frame("full", step=4))
    session.feed(frame("xray", step=5))
    assert heatmap(stage, "layer2.truncated").isVisible()


def test_a_lesson_finds_the_picture_that_it_speaks_of(open_stage: Open, qtbot: QtBot) -> None:
    _, stage = open_stage("qlora")
    choose(stage, "delta", "rounding error")
    stage.hold_pictures(("layer2.codes", "layer1.delta"))
    assert heatmap(stage, "layer2.codes").isVisible()
    assert heatmap(stage, "layer1.delta").isVisible()
    stage.hold_pictures(())
    assert heatmap(stage, "layer2.weight").isVisible()
    assert heatmap(stage, "layer1.rounding_error").isVisible()


def test_what_the_user_chooses_in_place_of_a_held_picture_is_shown_until_the_next_card(
    open_stage: Open,
) -> None:
    _, stage = open_stage("qlora")
    stage.hold_pictures(("layer1.delta",))
    choose(stage, "delta", "rounding error")
    assert heatmap(stage, "layer1.rounding_error").isVisible()
    choose(stage, "delta", "ΔW")
    assert heatmap(stage, "layer1.delta").isVisible()
    choose(stage, "delta", "rounding error")
    stage.hold_pictures(())
    assert heatmap(stage, "layer1.delta").isVisible()
