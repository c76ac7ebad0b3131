"""Live changes of settings become marks."""

from engine.protocol.messages import Applied
from engine.protocol.settings import Settings
from gui.state.change_log import BranchChanges

LORA = Settings(strategy="lora")


def test_a_drag_becomes_one_mark_from_the_first_value_to_the_last() -> None:
    marks = BranchChanges(LORA)
    for number, rank in enumerate((5, 6, 7, 8)):
        marks.add(Applied(1, 100 + number, LORA.replace(rank=rank)), None, 0.1 * number)
    assert [(mark.step, mark.text) for mark in marks.all] == [(103, "r 4 → 8")]
    marks.add(Applied(1, 110, LORA.replace(rank=9)), None, 9.0)
    assert [mark.text for mark in marks.all] == ["r 4 → 8", "r 8 → 9"]


def test_a_drag_that_comes_back_leaves_no_mark() -> None:
    marks = BranchChanges(LORA)
    marks.add(Applied(1, 100, LORA.replace(rank=9)), None, 0.0)
    marks.add(Applied(1, 101, LORA), None, 0.1)
    assert marks.all == ()


def test_different_settings_are_different_marks_unless_at_one_step() -> None:
    marks = BranchChanges(LORA)
    marks.add(Applied(1, 100, LORA.replace(rank=9)), None, 0.0)
    both = LORA.replace(rank=9, learning_rate=0.01)
    marks.add(Applied(1, 101, both), None, 0.1)
    assert [mark.text for mark in marks.all] == ["r 4 → 9", "η 0.003 → 0.01"]
    marks.add(Applied(1, 101, both.replace(optimizer="sgd")), None, 60.0)
    assert [mark.text for mark in marks.all] == ["r 4 → 9", "η 0.003 → 0.01, Adam → SGD"]


def test_a_change_before_the_first_step_needs_no_mark() -> None:
    marks = BranchChanges(LORA)
    marks.add(Applied(1, 0, LORA.replace(rank=9)), None, 0.0)
    assert marks.all == () and marks.newest is None
    marks.add(Applied(1, 50, LORA.replace(rank=8)), None, 9.0)
    assert [mark.text for mark in marks.all] == ["r 9 → 8"]


def test_marks_are_bounded() -> None:
    marks = BranchChanges(LORA)
    for step in range(1, 500):
        marks.add(Applied(1, step, LORA.replace(rank=1 + step % 30)), None, 10.0 * step)
    assert len(marks.all) == 40
    assert [mark.step for mark in marks.up_to(480).all][-1] == 480
