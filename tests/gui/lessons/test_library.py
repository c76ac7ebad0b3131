"""Lessons of the user's own: found, read anew when they change, and named when they are wrong."""

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from gui.lessons.library import EXAMPLE_FILE, LessonLibrary
from tests.gui.lessons.sample_lesson import EVERYTHING, everything


def replace(file: Path, text: str) -> None:
    """Save as editors do: a new file replaces the old one."""
    other = file.with_suffix(".tmp")
    other.write_text(text, encoding="utf-8")
    other.replace(file)


def test_a_file_that_is_dropped_in_edited_broken_and_mended(qtbot: QtBot, tmp_path: Path) -> None:
    library = LessonLibrary(tmp_path)
    assert library.lessons == ()
    library.load()
    shipped = len(library.lessons)
    assert shipped >= 8 and library.own == ()
    titles: list[list[str]] = []
    library.changed.connect(lambda: titles.append([lesson.title for lesson in library.own]))

    def shows(*expected: str) -> None:
        """Whoever hears of a change finds this in the end; a file half written may come before."""
        qtbot.waitUntil(lambda: bool(titles) and titles[-1] == [*expected])

    lesson = everything(tmp_path, own=True)
    shows("Everything")
    assert [found.key for found in library.own] == ["own/everything"]
    for title in ("Once", "Twice"):
        replace(lesson.file, EVERYTHING.replace('"Everything"', f'"{title}"'))
        shows(title)
    replace(lesson.file, EVERYTHING.replace("rank = 2", "rank = 99"))
    shows()
    error = library.error_of(lesson)
    assert error is not None and "03-everything.md, line 9: settings.rank" in str(error)
    replace(lesson.file, EVERYTHING)
    shows("Everything")
    assert library.errors == ()
    lesson.file.unlink()
    shows()
    assert library.errors == () and len(library.lessons) == shipped


def test_hidden_files_are_no_lessons(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: True)
    (tmp_path / "._my-first-lesson.md").write_bytes(b"\x00\x05\x16\x07")
    library = LessonLibrary(tmp_path)
    assert library.open_folder() == ""
    assert (tmp_path / EXAMPLE_FILE.name).exists()  # as in an empty folder
    assert library.errors == () and len(library.own) == 1


def test_the_folder_is_made_and_shown_with_an_example(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def show(url: QUrl) -> bool:
        opened.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", show)
    folder = tmp_path / "my lessons"
    library = LessonLibrary(folder)
    assert library.open_folder() == ""
    assert opened == [str(folder)]
    assert [lesson.title for lesson in library.own] == ["My first lesson"]
    (folder / EXAMPLE_FILE.name).write_text("mine", encoding="utf-8")
    library.open_folder()
    assert (folder / EXAMPLE_FILE.name).read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be made" in LessonLibrary(tmp_path / "file" / "lessons").open_folder()
    assert LessonLibrary(None).open_folder()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One.\n\nTwo: $\\foo{x}$.", r"line 9: formula \foo: no such command"),
        ("![a](../../secret.png)", "line 7: picture ../../secret.png: only pictures that lie"),
        ("$x$\n![a](none.png)", "line 8: picture none.png: there is no such picture"),
    ],
)
def test_what_a_card_cannot_draw_is_named_by_file_and_line(
    qtbot: QtBot, tmp_path: Path, text: str, words: str
) -> None:
    head = '+++\nnumber = 1\ntitle = "Mine"\nstrategy = "lora"\n+++\n## A card\n'
    (tmp_path / "mine.md").write_text(head + text, encoding="utf-8")
    library = LessonLibrary(tmp_path)
    library.load()
    assert library.own == ()
    assert [f"mine.md, {words}" in str(error) for error in library.errors] == [True]
    (tmp_path / "mine.md").write_text(f"{head}$x$", encoding="utf-8")
    qtbot.waitUntil(lambda: len(library.own) == 1 and library.errors == ())


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.md").write_bytes(bytes(range(256)))
    (tmp_path / "folder.md").mkdir()
    library = LessonLibrary(tmp_path)
    library.load()
    assert [str(error) for error in library.errors] == [
        "binary.md: is no text in UTF-8",
        "folder.md: is no file",
    ]
