"""Every field in which a number is typed refuses alike, and takes its refusal back alike."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui.compare.page import ComparePage
from gui.controls.boxes import BatchBox, SeedBox
from gui.controls.value_slider import AlphaSlider, ValueSlider
from gui.theme import appearance
from gui.widgets.value_field import EntryField
from tests.gui.shell_frames import FakeSession

Make = Callable[[FakeSession], QWidget]
FIELDS: dict[str, tuple[Make, str, str]] = {
    "a whole number": (lambda session: ValueSlider(session, "rank"), "", "8"),
    "a fraction": (lambda session: ValueSlider(session, "learning_rate"), "", "0.01"),
    "alpha": (AlphaSlider, "", "2"),
    "the network's": (lambda session: ValueSlider(session, "depth"), "", "5"),
    "the batch size": (BatchBox, "", "64"),
    "the seed": (SeedBox, "", "7"),
    "steps of a comparison": (ComparePage, "comparisonSteps", "50"),
    "seeds of a comparison": (ComparePage, "comparisonSeeds", "5"),
    "a compared rank": (ComparePage, "comparedRun1Rank", "8"),
    "a compared rate": (ComparePage, "comparedRun1Rate", "0.01"),
}
"""Field -> (what makes it, its object name, a text that is right)."""


def opened(qtbot: QtBot, kind: str) -> tuple[FakeSession, EntryField]:
    session = FakeSession()
    make, name, _ = FIELDS[kind]
    widget = make(session)
    session.show(qtbot, widget)
    field = widget if isinstance(widget, EntryField) else widget.findChild(EntryField, name or None)
    assert isinstance(field, EntryField)
    return session, field


def enter(qtbot: QtBot, field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.setText(text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def is_framed(field: EntryField) -> bool:
    image, bad = field.window().grab().toImage(), QColor(appearance.theme.bad).rgb()
    corner = field.mapTo(field.window(), field.rect().center())
    return any(image.pixel(corner.x(), y) == bad for y in range(image.height()))


@pytest.mark.usefixtures("dressed")
@pytest.mark.parametrize("kind", FIELDS)
def test_a_refusal_stands_until_the_field_is_right(qtbot: QtBot, kind: str) -> None:
    session, field = opened(qtbot, kind)
    before, right = field.text(), FIELDS[kind][2]
    assert not is_framed(field)
    for text in ("1_6", "٣", "abc", "", "1,2,3", "nan", "-1"):
        enter(qtbot, field, text)
        notice = session.state.notice
        assert notice is not None and "it must be" in notice.text, text
        assert (field.text(), field.problem) == (text, notice.text)
        assert is_framed(field)
        assert not field.hasFocus()  # the keys belong to the stage again
    enter(qtbot, field, right)
    assert (field.text(), field.problem, session.state.notice) == (right, "", None)
    assert not is_framed(field)
    enter(qtbot, field, "abc")
    enter(qtbot, field, right)  # the value that it has already
    assert (field.problem, session.state.notice) == ("", None)
    enter(qtbot, field, "abc")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), field.problem, session.state.notice) == (right, "", None)
    assert before != right


def test_a_value_that_changes_elsewhere_ends_the_refusal(qtbot: QtBot) -> None:
    session, field = opened(qtbot, "a whole number")
    enter(qtbot, field, "40")
    assert field.problem
    session.editor.update(learning_rate=0.1)
    assert field.problem  # that says nothing of the rank
    session.editor.update(rank=8)
    assert (field.text(), field.problem, session.state.notice) == ("8", "", None)


def test_a_later_notice_is_not_put_away_with_it(qtbot: QtBot) -> None:
    session, field = opened(qtbot, "a whole number")
    enter(qtbot, field, "40")
    session.notices.report_error("Something else.")
    enter(qtbot, field, "8")
    assert session.state.notice is not None and session.state.notice.text == "Something else."


def test_the_tooltip_says_what_is_right_while_it_is_wrong(qtbot: QtBot) -> None:
    _, field = opened(qtbot, "a fraction")
    hint = field.toolTip()
    for text in ("abc", "1,024"):
        enter(qtbot, field, text)
        assert field.toolTip() == field.problem == field.accessibleDescription()
    assert "“1,024” could be 1024 or 1.024" in field.problem
    enter(qtbot, field, "0.5")
    assert field.toolTip() == hint
