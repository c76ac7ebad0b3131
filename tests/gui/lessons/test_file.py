"""Lessons as files: the good ones, and what is said of the others."""

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from engine.protocol.settings import Settings
from engine.protocol.strategy_files import strategy_names
from gui.lessons.file import (
    FOLDER,
    MAX_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    find_lesson,
    load_lessons,
    read_lesson,
)
from gui.lessons.toml_reader import LessonError
from tests.gui.shell_frames import catalogue

GOOD = """+++
number = 8
title = "LoRA"
strategy = "lora"
source = "a paper"

[settings]
rank = 4
+++
A thin set of **notes**.
"""


def write(folder: Path, text: str, name: str = "08-lora.md") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_they_are_numbered_one_by_one_and_none_has_a_mistake() -> None:
    lessons, errors = load_lessons()
    assert errors == ()
    assert [lesson.number for lesson in lessons] == list(range(1, len(lessons) + 1))
    assert len(lessons) >= 16
    assert {lesson.strategy for lesson in lessons} <= set(strategy_names())


def test_a_lesson_brings_every_setting_but_the_seed() -> None:
    changes = find_lesson("lora").changes(catalogue())
    new = Settings(strategy="full", seed=7, rank=30, frozen=("layer1",)).replace(**changes)
    assert new == Settings(strategy="lora", seed=7, rank=4)
    update = Settings().replace(**find_lesson("1").changes(catalogue()))
    assert (update.optimizer, update.learning_rate) == ("sgd", 0.1)


def test_a_lesson_may_set_whatever_a_run_has(tmp_path: Path) -> None:
    lines = """rank = 4
schedule = "cosine"
warmup_steps = 20
total_steps = 200
patience = 50
label_noise = 0.3
train_samples = 20
dropout = 0.1
weight_decay = 0.01
batch_norm = true
freeze_statistics = true"""
    lesson = read_lesson(write(tmp_path, GOOD.replace("rank = 4", lines)))
    new = Settings(patience=3, penalty=7.0).replace(**lesson.changes(catalogue()))
    assert new == Settings(
        strategy="lora", schedule="cosine", warmup_steps=20, total_steps=200, patience=50,
        label_noise=0.3, train_samples=20, dropout=0.1, weight_decay=0.01, batch_norm=True,
        freeze_statistics=True,
    )  # fmt: skip


def test_the_strategys_own_settings_count_where_the_lesson_has_none() -> None:
    lesson = msgspec.structs.replace(find_lesson("1"), settings={})
    assert lesson.changes(catalogue())["optimizer"] == "sgd"
    assert lesson.changes()["optimizer"] == "adam"


def test_a_lesson_is_found_by_its_name_and_by_its_number() -> None:
    assert load_lessons()[0][2].name == "full-fine-tuning"
    assert find_lesson("full-fine-tuning") == find_lesson("3")
    with pytest.raises(LessonError, match=r"no lesson 'none'.*8 lora"):
        find_lesson("none")


def test_a_good_file_is_read(tmp_path: Path) -> None:
    lesson = read_lesson(write(tmp_path, GOOD))
    assert (lesson.name, lesson.number, lesson.title) == ("lora", 8, "LoRA")
    assert (lesson.strategy, dict(lesson.settings), lesson.source) == (
        "lora", {"rank": 4}, "a paper",
    )  # fmt: skip
    assert [(card.title, card.text) for card in lesson.cards] == [
        ("LoRA", "A thin set of **notes**."),
    ]


def test_a_file_is_parsed_again_only_when_its_text_has_changed(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    before = read_lesson(file)
    assert read_lesson(file) is before
    write(tmp_path, GOOD.replace("thin", "thick"))
    assert read_lesson(file).cards[0].text == "A thick set of **notes**."


def test_the_example_of_the_documentation_is_read(tmp_path: Path) -> None:
    text = (FOLDER.parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    head = re.search(r"^```\n(\+\+\+\n.*?\n\+\+\+\n)```", text, re.MULTILINE | re.DOTALL)
    card = re.search(r"^````\n(.*?)^````", text, re.MULTILINE | re.DOTALL)
    assert head is not None and card is not None
    lesson = read_lesson(write(tmp_path, head[1] + card[1], "05-linear-probe.md"))
    asks, tells = lesson.cards
    assert [run.name for run in asks.runs] == ["probe", "full"]
    assert asks.question is not None and asks.question.name in tells.reveal


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("number = 8", "number = 8\ngoal = 3", 3, "goal: must be text in quotes, not empty"),
        (
            "number = 8",
            'number = 8\nlevel = "hard"',
            3,
            "level: must be one of basics, methods, practice",
        ),
        ('title = "LoRA"', 'titel = "LoRA"', 3, "titel: unknown; did you mean title?"),
        ('title = "LoRA"\n', "", 2, "title: is missing"),
        ("number = 8\n", "", 2, "number: is missing"),
        ("number = 8", 'number = "8"', 2, "number: must be a whole number"),
        ("number = 8", "number = true", 2, "number: must be a whole number"),
        ("number = 8", "number = 0", 2, "number: must be a whole number from 1 to 999"),
        ('title = "LoRA"', 'title = "LoRA', 3, "not TOML"),
        ('title = "LoRA"', "title = ", 3, "not TOML"),
        ('strategy = "lora"', 'strategy = "lore"', 4, "strategy: 'lore' is not allowed"),
        ("rank = 4", "rank = 31", 8, "settings.rank: 31 is not allowed"),
        ("rank = 4", "rank = 4\nwidth = 1", 9, "settings.width: 1 is not allowed"),
        ("rank = 4", 'strategy = "full"', 8, "settings.strategy: belongs above"),
        ("rank = 4", 'batch_norm = "yes"', 8, "settings.batch_norm: 'yes' is not allowed"),
        ("rank = 4", "label_noise = 1", 8, "settings.label_noise: 1 is not allowed"),
        ("rank = 4", "frozen = 5", 8, "settings.frozen: 5 is not allowed"),
        ("rank = 4", "alpha = 1" + "0" * 400, 8, "settings.alpha: 1000"),
        (
            "rank = 4",
            "ranks = 4",
            8,
            "settings.ranks: there is no such setting; did you mean rank?",
        ),
        ("rank = 4", "train_samples = 101", 8, "101 is too many: digits-to-rotated has 100"),
        ("+++\nA thin", "+++\nA\n```toml\n```\nthin", 11, "right below its heading"),
        ("[settings]", "[setings]", 7, "setings: unknown; did you mean settings?"),
        ("+++\nA thin", "A thin", 9, "not closed"),
        ("+++\nnumber", "number", 1, "first line must be"),
    ],
)
def test_a_mistake_names_the_file_the_line_and_the_key(
    tmp_path: Path, old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    file = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(LessonError) as raised:
        read_lesson(file)
    assert str(raised.value).startswith(f"08-lora.md, line {line}: ")
    assert words in str(raised.value)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "01-binary.md").write_bytes(b"+++\n\xff\xfe")
    (tmp_path / "02-folder.md").mkdir()
    write(tmp_path, "+++\n" + "x" * MAX_CHARACTERS, "03-long.md")
    write(tmp_path, "", "04-empty.md")
    write(tmp_path, GOOD + "x" * MAX_TEXT_CHARACTERS, "05-wordy.md")
    lessons, errors = load_lessons(tmp_path)
    assert lessons == ()
    assert [error.file.name for error in errors] == [
        "01-binary.md", "02-folder.md", "03-long.md", "04-empty.md", "05-wordy.md",
    ]  # fmt: skip


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_nothing_waits_for_what_never_ends(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "01-pipe.md")
    (tmp_path / "02-zeros.md").symlink_to("/dev/zero")
    lessons, errors = load_lessons(tmp_path)
    assert lessons == ()
    assert ["is no file" in str(error) for error in errors] == [True, True]


def test_good_files_are_kept_beside_bad_ones(tmp_path: Path) -> None:
    os.utime(write(tmp_path, GOOD), (1e9, 1e9))
    os.utime(write(tmp_path, GOOD, "09-again.md"), (2e9, 2e9))
    write(tmp_path, "nothing", "10-bad.md")
    lessons, errors = load_lessons(tmp_path)
    assert [lesson.name for lesson in lessons] == ["lora"]
    assert "09-again.md, line 2: number: 8 is taken by 08-lora.md, “LoRA”; 1 is free" in str(
        errors[0]
    )
    assert errors[1].file.name == "10-bad.md"


@pytest.mark.parametrize("name", ["._08-lora.md", ".08-lora.md", ".#08-lora.md", "~$08-lora.md"])
def test_what_a_mac_or_an_editor_puts_beside_a_lesson_is_none(tmp_path: Path, name: str) -> None:
    write(tmp_path, GOOD, "08-LORA.MD")
    (tmp_path / name).write_bytes(b"\x00\x05\x16\x07\x00Mac OS X")
    lessons, errors = load_lessons(tmp_path)
    assert ([lesson.name for lesson in lessons], errors) == (["LORA"], ())


def test_of_two_files_with_one_number_the_newer_one_is_told(tmp_path: Path) -> None:
    os.utime(write(tmp_path, GOOD, "01-new.md"), (2e9, 2e9))
    os.utime(write(tmp_path, GOOD), (1e9, 1e9))
    lessons, errors = load_lessons(tmp_path)
    assert ([lesson.name for lesson in lessons], errors[0].file.name) == (["lora"], "01-new.md")


def test_two_questions_can_stand_before_one_run(tmp_path: Path) -> None:
    choice = '[choice]\nname = "c"\noptions = ["a", "b"]\nmeasure = "r.target"\nbelow = [0.5]\n'
    curve = '[[run]]\nname = "r"\n[curve]\nname = "d"\nof = "train_loss"\nrun = "r"\n'
    cards = (
        f"## {key}\n```toml\n{toml}```\nWell?\n" for key, toml in (("A", choice), ("B", curve))
    )
    text = GOOD + "".join(cards)
    assert len(read_lesson(write(tmp_path, text)).questions) == 2
    for old, new, problem in (
        ("below = [0.5]", "below = [50]", "line 17: choice.below: an accuracy lies between 0"),
        ('"r.target"', '"s.target"', "line 16: choice.measure: 's': there is no such run in this"),
        ("[[run]]", "[cell]\nname = \"x\"\nlayer = \"layer1\"\nrun = \"r\"\n[[run]]",
         "here [curve] asks one: put [cell] on a card of its own"),
    ):  # fmt: skip
        with pytest.raises(LessonError, match=re.escape(problem)):
            read_lesson(write(tmp_path, text.replace(old, new)))


def test_no_damaged_file_does_more_than_say_so(tmp_path: Path) -> None:
    rng = random.Random(0)
    whole = [file.read_bytes() for file in sorted(FOLDER.glob("*.md"))]
    file = tmp_path / "01-damaged.md"
    for _ in range(1500):
        data = bytearray(rng.choice(whole))
        for _ in range(rng.randint(1, 6)):
            point_at = rng.randrange(len(data))
            match rng.randrange(3):
                case 0:
                    data[point_at] = rng.randrange(256)
                case 1:
                    del data[point_at : point_at + rng.randrange(20)]
                case _:
                    data[point_at:point_at] = rng.choice(
                        (b"[", b"'", b'"', b"=", b"+++\n", b"[[", b"1e999", b"nan", b"{")
                    )
        file.write_bytes(data)
        try:
            read_lesson(file)
        except LessonError as error:
            assert "01-damaged.md" in str(error)


def test_deeply_nested_toml_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, f"+++\na = {'[' * 9000}\n+++\n")
    with pytest.raises(LessonError):
        read_lesson(file)


def test_the_command_line_needs_no_qt_to_find_a_lesson() -> None:
    code = "import sys, gui.lessons.file as l; l.find_lesson('8'); print('PySide6' in sys.modules)"
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "False"
