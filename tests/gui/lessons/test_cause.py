"""Causes: which run may be the control of which, and what the card says of both."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from engine.protocol.strategy_files import strategy_facts, tasks_with_new_labels
from engine.strategies import STRATEGIES
from engine.tasks import TASKS
from gui.lessons.answers import Answers
from gui.lessons.card.card import CardView, CauseBlock
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.words import cause_text, run_label, setting_words
from gui.lessons.cause import RunStart
from gui.lessons.controller import LessonController
from gui.lessons.file import FOLDER, read_lesson
from gui.lessons.lesson import Lesson
from gui.lessons.run_result import RunResult
from gui.lessons.toml_reader import LessonError
from gui.state.curve_buffer import CurveBuffer
from tests.gui.changed import changed
from tests.gui.frames import frame
from tests.gui.shell_frames import FakeSession
from tests.statistics.lesson_claims import is_clear

SEEDS_TELL = " Too close to call here; over twelve seeds, the cause is the head."
TWO_RUNS = """+++
number = 1
title = "A cause"
strategy = "full"
[settings]
task = "digits-to-inverted"
+++
## One card
```toml
[[run]]
name = "new"
label = "New head"
[run.settings]
new_head = true
[[run]]
name = "old"
[[because]]
claim = "new.target > old.target + 0.1"
run = "new"
control = "old"
cause = "the head"
```
Text.
"""


def lesson(folder: Path, *changes: tuple[str, str]) -> Lesson:
    text = TWO_RUNS
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "01-cause.md"
    file.write_text(text, encoding="utf-8")
    return read_lesson(file)


def results(new: float, old: float) -> dict[str, RunResult]:
    return {
        name: RunResult(changed(frame(), target_accuracy=target, train_loss=target), CurveBuffer())
        for name, target in (("new", new), ("old", old))
    }


# ---------------------------------------------------------------- one setting


@pytest.mark.parametrize(
    ("ours", "theirs", "found"),
    [
        # The strategy counts as one, with what it adds and what it alone reads.
        ({"strategy": "lora"}, {}, ("strategy",)),
        ({"strategy": "lora", "rank": 8}, {}, ("strategy",)),
        ({"strategy": "ewc"}, {}, ("strategy",)),
        ({"strategy": "scratch"}, {}, ("strategy",)),
        ({"strategy": "pretrain"}, {"strategy": "scratch"}, ("strategy", "task trained on")),
        ({"strategy": "rslora"}, {"strategy": "lora"}, ("strategy",)),
        # What both could have counts by itself.
        ({"strategy": "linear_probe"}, {}, ("strategy", "new_head")),
        ({"strategy": "linear_probe"}, {"new_head": True}, ("strategy",)),
        ({"strategy": "discriminative_rates"}, {}, ("strategy", "learning_rate")),
        ({"strategy": "discriminative_rates", "learning_rate": 0.003}, {}, ("strategy",)),
        ({"strategy": "ewc"}, {"strategy": "l2_sp"}, ("strategy", "penalty")),
        ({"strategy": "lora", "rank": 8}, {"strategy": "lora"}, ("rank",)),
        ({"strategy": "lora", "alpha": 4.0}, {"strategy": "lora"}, ()),
        # Freezing differs from full fine-tuning in the locks alone.
        ({"strategy": "freeze"}, {}, ("frozen",)),
        ({"strategy": "freeze", "frozen": ("layer3",)}, {"strategy": "freeze"}, ("frozen",)),
        ({"strategy": "freeze", "frozen": ()}, {}, ()),
        # A task with new labels brings its head, whatever the strategy.
        ({"task": "digits-0-4-to-5-9"}, {}, ("task",)),
        ({"task": "digits-0-4-to-5-9", "new_head": True}, {}, ("task",)),
        ({"new_head": True}, {"task": "digits-to-inverted"}, ("task", "new_head")),
        ({"task": "digits-0-4-to-5-9", "strategy": "linear_probe"},
         {"task": "digits-0-4-to-5-9"}, ("strategy",)),
        ({"schedule": "cosine", "warmup_steps": 30}, {}, ("schedule", "warmup_steps")),
        ({"rank": 8}, {}, ()),
        ({}, {}, ()),
    ],
)  # fmt: skip
def test_the_settings_are_counted_in_which_two_runs_differ(
    ours: dict[str, object], theirs: dict[str, object], found: tuple[str, ...]
) -> None:
    starts = [RunStart.of({"strategy": "full", **values}, 300) for values in (ours, theirs)]
    assert set(starts[0].differences(starts[1])) == set(found)
    assert set(starts[1].differences(starts[0])) == set(found)


def test_fewer_steps_are_a_difference_too() -> None:
    long, short = (RunStart.of({"strategy": "full"}, steps) for steps in (300, 150))
    assert long.differences(short) == ("steps",)


def test_the_facts_that_the_files_state_are_those_of_the_engine() -> None:
    assert tasks_with_new_labels() == {n for n, t in TASKS.items() if not t.info.shares_head}
    for name, strategy in STRATEGIES.items():
        stated = {"defaults": {}, "frozen": (), "controls": (), "new_head": False,
                  "pretrained": True, "learns": "target", **strategy_facts(name)}  # fmt: skip
        for fact in ("defaults", "frozen", "controls", "new_head", "pretrained", "learns"):
            assert stated[fact] == getattr(strategy, fact), (name, fact)


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("changes", "line", "words"),
    [
        ([("new_head = true", 'new_head = true\nrank = 8\noptimizer = "sgd"')], 22,
         "because.control: 'new' and 'old' differ in 2 settings: optimizer, new_head; "
         "a control differs in one setting, the cause"),
        ([("new_head = true", 'strategy = "linear_probe"')], 20,
         "because.control: 'new' and 'old' differ in 2 settings: strategy, new_head"),
        ([("new_head = true", "rank = 8")], 20,
         "because.control: 'new' and 'old' are the same run"),
        ([('name = "old"', 'name = "old"\nkeep_settings = true')], 21,
         "because.control: 'old' begins with the reader's settings"),
        ([("new_head = true", 'strategy = "probe_then_finetune"\nschedule = "cosine"\n'
           "total_steps = 150")], 21,
         "because.run: 'new': stage_steps: 200 is not allowed"),
        ([('control = "old"', 'control = "older"')], 18,
         "because.claim: must compare new with older, and with nothing else"),
        ([('control = "old"', 'control = "new"')], 20, "because.control: is the run itself"),
        ([('control = "old"\n', "")], 17, "because.control: is missing"),
        ([("> old.target", "> old.loss")], 18,
         "because.claim: must compare one measure of both runs, not loss and target"),
        ([("new.target > old.target + 0.1", "new.target == old.target")], 18,
         "because.claim: must say which is larger, with < <= > or >="),
        ([("old.target + 0.1", "0.5")], 18, "because.claim: must compare new with old"),
        ([('name = "old"', 'name = "other"')], 20, "because.control: 'old': there is no such run"),
        ([('cause = "the head"', 'cause = ""')], 21, "because.cause: must be text in quotes"),
        ([("[[because]]", "[because]")], 17, "must be tables, each under its own [[because]]"),
    ],
)  # fmt: skip
def test_a_mistake_names_the_line_the_key_and_both_settings(
    tmp_path: Path, changes: list[tuple[str, str]], line: int, words: str
) -> None:
    with pytest.raises(LessonError) as raised:
        lesson(tmp_path, *changes)
    assert words in str(raised.value)
    assert str(raised.value).startswith(f"01-cause.md, line {line}: ")


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    guide = (FOLDER.parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = re.search(r"^```\n(\[\[run\]\]\n.*?\[\[because\]\].*?)^```", guide, re.M | re.S)
    assert example is not None
    made = lesson(
        tmp_path, (TWO_RUNS[TWO_RUNS.index("[[run]]") : -len("```\nText.\n")], example[1])
    )
    assert made.differences("new_head", "old_head") == ("new_head",)
    assert run_label(made, made.runs["old_head"]) in guide


# ---------------------------------------------------------------- what is shown


@pytest.mark.parametrize(
    ("setting", "label"),
    [
        ("new_head = true", "Control: the same with the pretrained head"),
        ("learning_rate = 0.03", "Control: the same with η 0.003"),
        ('frozen = ["layer1"]', "Control: the same with layer 1 unlocked"),
        ('strategy = "ewc"', "Control: the same with full fine-tuning"),
        ('task = "digits-to-rotated"', "Control: the same with Digits to inverted"),
        ("train_samples = 20", "Control: the same with all 100 training samples"),
    ],
)
def test_a_control_without_a_label_says_what_it_has_otherwise(
    tmp_path: Path, setting: str, label: str
) -> None:
    made = lesson(tmp_path, ("new_head = true", setting))
    assert run_label(made, made.runs["old"]) == label
    assert run_label(made, made.runs["new"]) == "New head"


def test_one_of_two_runs_without_a_label_is_told_apart_by_its_name(tmp_path: Path) -> None:
    made = lesson(tmp_path, ('label = "New head"', 'short = "a new head"'))
    assert run_label(made, made.runs["new"]) == "Run 300 steps: a new head"


def test_a_control_of_other_length_or_with_a_label(tmp_path: Path) -> None:
    short = ("[run.settings]\nnew_head = true\n", "steps = 150\n")
    made = lesson(tmp_path, short)
    assert run_label(made, made.runs["old"]) == "Control: the same with 300 steps"
    made = lesson(tmp_path, short, ('name = "old"', 'name = "old"\nlabel = "All steps"'))
    assert run_label(made, made.runs["old"]) == "All steps"


def test_the_line_tells_both_numbers_and_the_cause_where_the_claim_holds(tmp_path: Path) -> None:
    made = lesson(tmp_path)
    (because,) = made.cards[0].because
    assert cause_text(because, made, results(0.578, 0.332)) == (
        "Target accuracy: 57.8\u202f% with a new head; 33.2\u202f% with the pretrained head, "
        "all else the same. Cause: the head."
    )
    assert cause_text(because, made, results(0.578, 0.332), in_table=True) == (
        "Target accuracy: 57.8\u202f% (new), 33.2\u202f% (old), all else the same. Cause: the head."
    )
    told = cause_text(because, made, results(0.36, 0.332))
    assert told.endswith("33.2\u202f% with the pretrained head, all else the same.")
    assert made.cards[0].failed_claims(results(0.36, 0.332)) == [because.claim]
    assert made.cards[0].needs == {"new", "old"}


@pytest.mark.parametrize(
    ("claim", "new", "old", "ends"),
    [
        # Accuracies of few samples: the margin of 400 at 50 % is 4.9 points.
        ("new.target > old.target", 0.52, 0.5, SEEDS_TELL),
        ("new.target > old.target", 0.52, 0.4, " Cause: the head."),
        ("new.target > old.target", 0.48, 0.5, "all else the same."),
        # A loss has no margin.
        ("new.loss > old.loss", 0.52, 0.5, " Cause: the head."),
    ],
)
def test_a_difference_within_the_margin_shows_no_cause(
    tmp_path: Path, claim: str, new: float, old: float, ends: str
) -> None:
    made = lesson(tmp_path, ("new.target > old.target + 0.1", claim))
    assert frame().target_test.samples == 400
    shipped = replace(made, own=False)
    assert cause_text(made.cards[0].because[0], shipped, results(new, old)).endswith(ends)


def test_only_a_lesson_that_was_tested_speaks_of_seeds(tmp_path: Path) -> None:
    made = replace(lesson(tmp_path, ("old.target + 0.1", "old.target")), own=True)
    told = cause_text(made.cards[0].because[0], made, results(0.52, 0.5))
    assert told.endswith("all else the same. Too close to call here.")


def test_forgetting_is_told_in_points(tmp_path: Path) -> None:
    made = lesson(tmp_path, ("new.target > old.target + 0.1", "new.forgotten < old.forgotten"))
    start = frame().start_source_accuracy
    runs = {
        name: RunResult(changed(frame(), source_accuracy=start - lost), CurveBuffer())
        for name, lost in (("new", 0.05), ("old", 0.2))
    }
    told = cause_text(made.cards[0].because[0], made, runs)
    assert told.startswith(
        "Forgetting: 5.0 points with a new head; 20.0 points with the pretrained head"
    )


def test_a_loss_is_told_as_a_number(tmp_path: Path) -> None:
    made = lesson(tmp_path, ("new.target > old.target + 0.1", "new.loss > old.loss"))
    told = cause_text(made.cards[0].because[0], made, results(0.578, 0.332))
    assert told.startswith(
        "Training loss: 0.578 with a new head; 0.332 with the pretrained head, all else the same."
    )


@pytest.mark.parametrize(
    ("claim", "effect"),
    [("new.target > old.target + 0.1", 0.2), ("old.target + 0.1 < new.target", -0.2),
     ("new.target - old.target > 0.1", 0.2), ("new.target > 2 * old.target", 0.2)],
)  # fmt: skip
def test_the_effect_is_what_the_cause_moves(tmp_path: Path, claim: str, effect: float) -> None:
    made = lesson(tmp_path, ("new.target > old.target + 0.1", claim))
    found = made.cards[0].because[0].effect(results(0.5, 0.3))
    assert found == pytest.approx(effect)


@pytest.mark.parametrize(
    ("effects", "clear"),
    [([0.2, 0.3, 0.1], True), ([0.9, -0.4, 0.1], False), ([-0.2, -0.3, -0.1], False)],
)
def test_an_effect_is_clear_beyond_two_standard_errors_on_the_claimed_side(
    tmp_path: Path, effects: list[float], clear: bool
) -> None:
    (because,) = lesson(tmp_path).cards[0].because
    assert is_clear(because, effects) is clear


def test_a_card_offers_the_control_and_tells_the_cause_once_both_have_run(
    qtbot: QtBot, tmp_path: Path
) -> None:
    session = FakeSession(Settings())
    controller = LessonController(session, Answers())
    view = CardView(controller, session)
    qtbot.addWidget(view)
    controller.enter(lesson(tmp_path))
    view.refresh()
    view.show()
    buttons = [button.text() for button in view.findChildren(RunButton)]
    assert buttons == ["New head", "Control: the same with the pretrained head"]
    (block,) = view.findChildren(CauseBlock)
    made = results(0.578, 0.332)
    controller.results["new"] = made["new"]
    view.refresh()
    assert not block.isVisible()
    controller.results["old"] = made["old"]
    view.refresh()
    assert block.isVisible()
    assert "57.8\u202f%" in block.label.text() and "Cause: the head." in block.label.text()


@pytest.mark.parametrize(
    ("strategy", "words"),
    [("lora", "LoRA"), ("full", "full fine-tuning"), ("l2_sp", "L2-SP"), ("ewc", "EWC")],
)
def test_a_strategy_with_a_name_of_capitals_keeps_them(strategy: str, words: str) -> None:
    start, other = (RunStart.of({"strategy": name}, 300) for name in (strategy, "freeze"))
    assert setting_words("strategy", start, other) == words
