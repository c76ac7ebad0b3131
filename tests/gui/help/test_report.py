"""The report of a problem, the log, and the versions."""

from __future__ import annotations

import logging
import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from engine.protocol.messages import EngineDied
from engine.protocol.shipped import RESOURCES
from gui.help import report
from gui.help.about_dialog import AboutDialog
from gui.help.log_dialog import LogDialog
from gui.help.report import NO_LOG, log_end, report_text, without_home
from gui.help.report_dialog import ReportDialog
from gui.help.versions import RESOURCE_PARTS, UNKNOWN, libraries, program_version
from gui.state.preferences import Preferences
from gui.widgets.label import Label
from tests.gui.shell_frames import FakeSession, frame


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with a name, and the log in it."""
    folder = tmp_path / "home" / "Ada Lovelace"
    folder.mkdir(parents=True)
    monkeypatch.setattr(Path, "home", lambda: folder)
    monkeypatch.setattr(report, "log_file", lambda: folder / "share" / "deltaw.log")
    return folder


def write_log(home: Path, text: str) -> None:
    (home / "share").mkdir(exist_ok=True)
    (home / "share" / "deltaw.log").write_text(text, encoding="utf-8")


def test_the_home_folder_is_not_named(home: Path) -> None:
    assert without_home(f'File "{home}/x.py", and {home}') == 'File "~/x.py", and ~'
    assert without_home(f"{home}-backup /mnt{home}") == f"{home}-backup /mnt{home}"
    assert without_home("no path") == "no path"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r'File "C:\Users\Ada\x.py"', r'File "~\x.py"'),
        (r"OSError: 'C:\\Users\\Ada\\x.py'", r"OSError: '~\\x.py'"),
        (r"c:\users\ada\x.py", r"~\x.py"),
        ("file:///C:/Users/Ada/x.py", "file:///~/x.py"),
    ],
)
def test_a_home_folder_is_found_however_it_is_written(text: str, shown: str) -> None:
    assert without_home(text, [r"C:\Users\Ada"]) == shown


def test_a_home_folder_without_a_name_is_left_alone() -> None:
    assert without_home("/usr/lib", ["/", ""]) == "/usr/lib"


def test_the_end_of_the_log_begins_with_a_whole_line(home: Path) -> None:
    assert log_end() == ""
    write_log(home, "first line\n" + "a line\n" * 10_000 + f"last, in {home}/x\n")
    lines = log_end().splitlines()
    assert set(lines[:-1]) == {"a line"} and lines[-1] == "last, in ~/x"


def test_the_report_has_all_that_one_has_to_know(qtbot: QtBot, home: Path) -> None:
    write_log(home, "Traceback …\nValueError: no such layer\n")
    session = FakeSession()
    session.feed(frame(7))
    text = report_text(session, None)
    for line in (
        f"ΔW {program_version()} · Python", f"PyTorch {metadata.version('torch')}",
        "Engine: runs, step 7", '"strategy": "lora"', "ValueError: no such layer",
    ):  # fmt: skip
        assert line in text, line
    assert text.count('"learning_rate"') == 1 and "Ada" not in text


def test_it_is_there_when_the_engine_has_ended_too(
    qtbot: QtBot, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    session = FakeSession()
    session.fake_host.alive = False
    with caplog.at_level(logging.ERROR):
        session.feed(EngineDied(-9))
    assert "exit code -9" in caplog.text
    text = report_text(session, None)
    assert "Engine: has ended" in text and "Notice: The engine stopped unexpectedly." in text
    assert NO_LOG in text


def test_the_report_is_copied_as_it_was_written_into(qtbot: QtBot) -> None:
    dialog = ReportDialog(FakeSession())
    qtbot.addWidget(dialog)
    dialog.show()
    text = dialog.findChild(QPlainTextEdit)
    text.textCursor().insertText("I pressed Play. ")
    dialog.close()
    dialog.show()  # what somebody wrote is still there
    dialog.findChild(QPushButton, "copyReport").click()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("I pressed Play. What I did:") and "End of the log" in copied
    dialog.findChild(QPushButton, "beginReport").click()
    assert text.toPlainText().startswith("What I did:")


def test_the_log_is_shown_with_the_ways_to_all_files(
    qtbot: QtBot, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: bool(opened.append(url.toLocalFile())) or True
    )
    write_log(home, "something went wrong\n")
    preferences = Preferences()
    preferences.tour_seen = True
    preferences.store.sync()
    dialog = LogDialog(preferences)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.findChild(QPlainTextEdit).toPlainText() == "something went wrong"
    buttons = {one.accessibleName(): one for one in dialog.findChildren(QPushButton)}
    buttons["Copy the path: Preferences"].click()
    assert QGuiApplication.clipboard().text() == preferences.store.fileName()
    buttons["Open the folder: Preferences"].click()
    assert opened == [str(Path(preferences.store.fileName()).parent)]
    for name in ("Log", "Answers", "Your lessons"):
        assert f"Open the folder: {name}" in buttons
    with qtbot.waitSignal(dialog.report_wanted):
        dialog.findChild(QPushButton, "logReport").click()


def test_about_names_every_version_and_licence(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    words = [label.text() for label in dialog.findChildren(Label)]
    for part in (*libraries(), *RESOURCE_PARTS):
        assert part.name in words and part.licence in words and part.version in (*words, "")
    dialog.findChild(QPushButton, "copyVersions").click()
    copied = QGuiApplication.clipboard().text()
    assert f"ΔW {program_version()}" in copied and "numpy" in copied.lower()


def test_every_library_that_is_needed_is_named() -> None:
    project = tomllib.loads((RESOURCES.parent / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {re.split("[<>=]", name)[0] for name in project["project"]["dependencies"]}
    named = {part.name.lower() for part in libraries()} | {"torch", "PySide6-Essentials"}
    assert needed <= named and UNKNOWN not in {part.version for part in libraries()}
    assert program_version() == project["project"]["version"]
