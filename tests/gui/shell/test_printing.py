"""Printing the stage: one page, light, also where there is no printer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtPrintSupport import QPrinterInfo
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from gui.shell.page_stack import NETWORK
from gui.shell.printing import NO_PRINTER, Printing
from gui.theme import Scheme, appearance
from tests.gui.frames import frame, session_of
from tests.gui.shared_window import SharedWindow, shared_window


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedWindow]:
    folder: Path = tmp_path_factory.mktemp("printing")
    session = session_of("lora")
    with shared_window(
        folder, lambda: SharedWindow((1280, 720), frame("lora", step=3), session=session)
    ) as shared:
        yield shared


@pytest.fixture
def shared(qtbot: QtBot, _shared: SharedWindow) -> SharedWindow:
    _shared.restore()
    return _shared


def test_without_a_printer_it_says_so_and_asks_for_a_pdf(
    shared: SharedWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", lambda: [])
    shared.window.actions_table.trigger("print")
    dialog = shared.window.findChild(QFileDialog)
    assert dialog is not None and dialog.windowTitle() == NO_PRINTER
    dialog.close()
    file = tmp_path / "stage.pdf"
    dialog.fileSelected.emit(str(file))
    written = file.read_bytes()
    assert written.startswith(b"%PDF") and written.count(b"/Type /Page\n") == 1
    notice = shared.session.state.notice
    assert notice is not None and str(file) in notice.text


def test_what_cannot_be_written_is_said(shared: SharedWindow, tmp_path: Path) -> None:
    printing = shared.window.findChild(Printing)
    shared.window.actions_table.trigger("print")
    dialog = shared.window.findChild(QFileDialog)
    dialog.close()
    dialog.fileSelected.emit(str(tmp_path / "no folder" / "stage.pdf"))
    notice = shared.session.state.notice
    assert printing is not None and notice is not None and notice.kind == "error"


def test_a_dark_stage_is_printed_light_and_stays_dark(
    shared: SharedWindow,
) -> None:
    chosen = appearance.scheme
    appearance.set_scheme(Scheme.LIGHT)
    light = appearance.theme.page
    appearance.set_scheme(Scheme.DARK)
    try:
        printing = shared.window.findChild(Printing)
        picture = printing.picture(1.0)
        assert appearance.theme.dark and appearance.scheme is Scheme.DARK
        stage = shared.window.stage
        assert picture.pixelColor(1, 1).name() == light
        assert stage.grab().toImage().pixelColor(1, 1).name() == appearance.theme.page
        assert shared.preferences.scheme is Scheme.DARK
    finally:
        appearance.set_scheme(chosen)


def test_only_the_stage_is_printed(shared: SharedWindow) -> None:
    assert shared.window.actions_table.reason("print") == ""
    shared.window.page_stack.show_page(NETWORK)
    assert "stage" in shared.window.actions_table.reason("print")
