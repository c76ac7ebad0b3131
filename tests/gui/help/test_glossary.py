"""The glossary: every symbol that the window shows has an entry, and every entry is a sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.frames import SplitFacts
from engine.protocol.settings import SETTINGS
from gui.compare.figures import FIGURES
from gui.controls.figures import ROWS
from gui.help.glossary_dialog import NOTHING, GlossaryDialog, find
from gui.matrices.factor_kinds import ADAPTER_SYMBOLS, LAYER_MATRICES
from gui.shell.page_stack import COMPARE, COSTS, NETWORK
from gui.shell.preferences_dialog import PreferencesDialog
from gui.stage.adapter import RELU_TEXT, SUM_TEXT
from gui.stage.check_text import CHECK_LABELS
from gui.stage.checks_dialog import FAILED, PASSED
from gui.stage.product import SIGN_TOOLTIPS
from gui.step_view.phases import FIRST_PHASE, Phase
from gui.text.accuracies import baselines
from gui.text.glossary import entries, entry_named, entry_of_part, glossary
from gui.text.layers import NORM_RATIO, RANDOM_START
from gui.text.numbers import NO_VALUE
from tests.gui.frames import EVERY, frame
from tests.gui.shared_window import SharedWindow, shared_window
from tests.gui.shell_frames import catalogue

ROOT = Path(__file__).resolve().parents[3]
FACTORS = FIRST_PHASE.keys() | {
    factor.info
    for strategy in EVERY
    for layer in frame(strategy).layers
    for factor in layer.factors
}
"""Matrices beside W, ΔW and W′ that any strategy or the view of a step shows."""
OTHER_PARTS = {
    "heatmap.adapter1.down.updated", "heatmap.adapter1.up.updated", "heatmap.layer1.difference",
    "branch.0", "spectrum.layer1",
}  # fmt: skip
"""Object names of widgets that only some runs have."""
WORDS = re.compile(r"[A-Za-zα-ω]+")
"""Symbols of an equation, without what counts and joins them."""


@pytest.fixture(scope="module")
def shared(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedWindow]:
    folder: Path = tmp_path_factory.mktemp("glossary")
    with shared_window(folder, lambda: SharedWindow((1280, 720), frame("lora"))) as shared:
        yield shared


def as_term(title: str) -> str:
    """A title without its capital letter, if that is of an ordinary word."""
    return (
        title
        if title[:2].isupper() or title.startswith(("Δ", "BatchNorm"))
        else (title[0].lower() + title[1:])
    )


def optimizer_symbols() -> list[str]:
    """The symbols in the arithmetic of a step, read from the source: the module loads torch."""
    source = (ROOT / "engine" / "derivation" / "optimizer.py").read_text(encoding="utf-8")
    found = re.search(r're\.compile\("(.*)"\)', source)
    assert found is not None
    return found[1].split("|")


def shown_symbols() -> Iterator[str]:
    """What the stage, the charts, the settings and the arithmetic write."""
    yield from (*LAYER_MATRICES.values(), *ADAPTER_SYMBOLS.values(), *SIGN_TOOLTIPS)
    yield from (SUM_TEXT, RELU_TEXT, PASSED, FAILED, NORM_RATIO, RANDOM_START, NO_VALUE, "k90", "σ")
    yield from CHECK_LABELS.values()
    for info in FACTORS:
        yield from (info.title, info.symbol)
    for strategy in catalogue().strategies:
        yield from WORDS.findall(strategy.equation)
    for setting in SETTINGS.values():
        if setting.section:
            yield from (as_term(setting.label), setting.symbol)
    yield from (label for _, label, _, _ in ROWS)
    yield from baselines(SplitFacts(samples=60, classes=2, majority=0.686))
    yield from ("training", "validation", "target", "source", "old head")  # ends of curves
    yield from optimizer_symbols()
    yield from (as_term(phase.title) for phase in Phase)
    for figure in FIGURES:
        yield as_term(figure.titles[0].partition("\n")[0].partition(",")[0])


def test_every_symbol_that_is_shown_has_an_entry() -> None:
    """A new strategy's symbols belong in resources/glossary.toml."""
    missing = {symbol for symbol in shown_symbols() if symbol and entry_named(symbol) is None}
    assert missing == set()


def test_every_entry_is_one_or_two_sentences() -> None:
    wrong = [
        one.term
        for one in entries()
        if not one.text.endswith(".") or len(re.findall(r"[.?!](?=\s|$)", one.text)) > 2
    ]
    assert wrong == [] and all(glossary().values())


def test_no_name_leads_to_two_entries() -> None:
    names = Counter(name for one in entries() for name in one.names)
    assert [name for name, count in names.items() if count > 1] == []


def test_every_widget_that_an_entry_explains_is_there(shared: SharedWindow) -> None:
    for page in (NETWORK, COMPARE, COSTS):
        shared.window.page_stack.show_page(page)
    shared.window.actions_table.trigger("preferences")
    names = {widget.objectName() for widget in shared.window.findChildren(QWidget)}
    names |= {f"heatmap.layer1.{info.name}" for info in FACTORS}
    names |= {f"control.{field}" for field in SETTINGS} | OTHER_PARTS
    parts = {part for one in entries() for part in one.parts}
    window_of_preferences = shared.window.findChild(PreferencesDialog)
    assert window_of_preferences is not None
    window_of_preferences.close()
    assert {part for part in parts if not any(fnmatchcase(name, part) for name in names)} == set()


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("delta", "ΔW"), ("dw", "ΔW"), ("B", "B"), ("b", "b"), ("HATCH", "hatched"),
        ("rank r", "rank r"), ("  energy ", "k90"), ("eta", "learning rate η"), ("f1score", ""),
    ],
)  # fmt: skip
def test_what_is_typed_is_found(typed: str, first: str) -> None:
    (found,) = find(typed).values()
    assert [one.term for one in found[:1]] == ([first] if first else [])


def test_typing_narrows_what_is_shown(qtbot: QtBot) -> None:
    dialog = GlossaryDialog()
    qtbot.addWidget(dialog)
    assert all(one.term in dialog.text() for one in entries())
    field = dialog.findChild(QLineEdit)
    QTest.keyClicks(field, "hatch")
    assert "hatched" in dialog.text() and "optimizer" not in dialog.text()
    QTest.keyClicks(field, "zzz")
    assert dialog.text() == NOTHING


def test_it_opens_at_what_has_the_keyboard(shared: SharedWindow) -> None:
    window = shared.window
    window.page_stack.show_page("stage")
    for name, term in (("rankSlider", "rank r"), ("freeze.layer1", "frozen"), ("speed", "speed")):
        part = window.findChild(QWidget, name)
        window.setFocus()
        (part.findChild(QWidget) if name == "speed" else part).setFocus()
        window.actions_table.trigger("glossary")
        dialog = window.findChild(GlossaryDialog)
        assert dialog is not None and dialog.marked is not None and dialog.marked.term == term
        assert dialog.marked.text in dialog.text()
        dialog.close()


def test_its_key_opens_it_at_what_is_pointed_at_and_the_menu_does_not(
    qtbot: QtBot, shared: SharedWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = shared.window
    window.page_stack.show_page("stage")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()
    map_of_b = window.findChild(QWidget, "heatmap.layer1.lora_B")
    monkeypatch.setattr(QApplication, "widgetAt", lambda _point: map_of_b)
    QTest.keyClick(window, Qt.Key.Key_F1)
    dialog = window.findChild(GlossaryDialog)
    assert dialog is not None and dialog.isVisible()
    assert dialog.marked is not None and dialog.marked.term == "B"
    dialog.close()
    window.actions_table.action("glossary").trigger()
    assert dialog.isVisible() and dialog.marked is None
    dialog.close()


def test_matrices_lead_to_their_symbol() -> None:
    for name, term in (("weight", "W"), ("delta", "ΔW"), ("lora_B", "B"), ("inputs", "x")):
        entry = entry_of_part(f"heatmap.layer2.{name}")
        assert entry is not None and entry.term == term
