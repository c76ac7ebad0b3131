"""The list of lessons and the card."""

import dataclasses
import gc
import weakref
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QListWidget
from pytestqt.qtbot import QtBot

import gui.lesson_panel
from engine.protocol.messages import Catalogue, Configure
from engine.protocol.settings import Settings
from gui.lesson_card import ClosedDocument, LessonCard
from gui.lesson_panel import LessonPanel
from gui.lessons import FOLDER, Lesson, LessonError
from gui.theme import Scheme, look
from tests.gui.shell_frames import FakeSession, catalogue


def opened(qtbot: QtBot, session: FakeSession, folder: Path = FOLDER) -> LessonPanel:
    panel = LessonPanel(session, folder)
    panel.resize(208, 480)
    session.show(qtbot, panel)
    return panel


def entries(panel: LessonPanel) -> list[str]:
    found = panel.findChild(QListWidget)
    return [found.item(row).text() for row in range(found.count())]


def title(panel: LessonPanel) -> str:
    current = panel.current()
    assert isinstance(current, Lesson)
    return current.title


def test_it_opens_at_the_lesson_of_the_strategy(qtbot: QtBot) -> None:
    panel = opened(qtbot, FakeSession(Settings(strategy="lora")))
    assert len(entries(panel)) == 8
    assert title(panel) == "LoRA"
    assert "thin set of notes" in panel.card_text()
    assert "arXiv:2106.09685" in panel.card_text()


def test_a_click_sets_the_run_up(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora"))
    panel = opened(qtbot, session)
    found = panel.findChild(QListWidget)
    place = found.visualItemRect(found.item(3)).center()
    sent = len(session.fake_host.sent)
    qtbot.mouseClick(found.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert session.settings.strategy == "freeze"
    assert session.fake_host.sent[sent:] == [Configure(session.settings)]
    assert "advanced course" in panel.card_text()


def test_the_keyboard_reaches_every_lesson(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="weight_update"))
    found = opened(qtbot, session).findChild(QListWidget)
    seen = [session.settings.strategy]
    for _ in range(7):
        qtbot.keyClick(found, Qt.Key.Key_Down)
        qtbot.keyClick(found, Qt.Key.Key_Return)
        seen.append(session.settings.strategy)
    assert len(set(seen)) == 8


def test_passing_by_a_lesson_begins_no_run(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gui.lesson_panel, "REST_MILLISECONDS", 50)
    session = FakeSession(Settings(strategy="weight_update"))
    panel = opened(qtbot, session)
    found = panel.findChild(QListWidget)
    before, sent = session.settings, len(session.fake_host.sent)
    for shown in ("Pretrain or fine-tune", "Full fine-tuning", "Freezing layers"):
        qtbot.keyClick(found, Qt.Key.Key_Down)
        assert title(panel) == shown
        assert panel.card_text().strip()
    assert session.settings == before
    qtbot.waitUntil(lambda: session.settings.strategy == "freeze")
    assert session.fake_host.sent[sent:] == [Configure(session.settings)]


def test_what_is_chosen_meanwhile_outweighs_the_lesson_passed_by(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gui.lesson_panel, "REST_MILLISECONDS", 20)
    session = FakeSession(Settings(strategy="weight_update"))
    panel = opened(qtbot, session)
    qtbot.keyClick(panel.findChild(QListWidget), Qt.Key.Key_Down)
    session.choose_strategy("lora")
    qtbot.wait(60)
    assert session.settings.strategy == "lora"
    assert title(panel) == "LoRA"


def test_a_lesson_is_chosen_by_its_number(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora", rank=9))
    panel = opened(qtbot, session)
    assert panel.choose(1)
    assert session.settings == Settings(
        strategy="weight_update", optimizer="sgd", learning_rate=0.1
    )
    assert not panel.choose(9)
    assert title(panel) == "Weight update"


def test_choosing_the_lesson_at_hand_brings_its_settings_back(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora"))
    panel = opened(qtbot, session)
    session.update(rank=30, learning_rate=0.5)
    assert panel.choose(8)
    assert session.settings == Settings(strategy="lora")


def test_another_strategy_moves_the_highlight_and_changes_nothing_else(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="lora"))
    panel = opened(qtbot, session)
    session.update(learning_rate=0.5)
    session.choose_strategy("adapter")
    assert title(panel) == "Adapter layers"
    assert session.settings.learning_rate == 0.5
    session.update(rank=2)
    assert title(panel) == "Adapter layers"


def test_a_file_with_a_mistake_stands_beside_the_good_ones(qtbot: QtBot, tmp_path: Path) -> None:
    good = (FOLDER / "08-lora.md").read_text(encoding="utf-8")
    (tmp_path / "08-lora.md").write_text(good, encoding="utf-8")
    (tmp_path / "09-mine.md").write_text(good.replace("rank = 4", "rank = 99"), encoding="utf-8")
    session = FakeSession(Settings(strategy="lora"))
    panel = opened(qtbot, session, tmp_path)
    assert entries(panel) == ["8\u2002LoRA", "09-mine.md"]
    settings = session.settings
    panel.findChild(QListWidget).setCurrentRow(1)
    assert isinstance(panel.current(), LessonError)
    assert "line 11: settings.rank: 99" in panel.card_text()
    assert session.settings == settings


def test_no_lessons_at_all_is_no_reason_to_fall_over(qtbot: QtBot, tmp_path: Path) -> None:
    panel = opened(qtbot, FakeSession(), tmp_path / "none")
    assert entries(panel) == []
    assert panel.current() is None
    assert "What LoRA does." in panel.card_text()


def test_a_strategy_without_a_lesson_is_told_of(qtbot: QtBot, tmp_path: Path) -> None:
    session = FakeSession()
    panel = opened(qtbot, session)
    told = dataclasses.replace(catalogue().strategies[0], name="ewc", label="EWC", lesson=0,
                               note="Pulled back.", source="arXiv:1612.00796")  # fmt: skip
    session.feed(Catalogue((told,), ()))
    session.update(strategy="ewc")
    assert panel.current() is None
    for words in ("EWC", "Pulled back.", "arXiv:1612.00796"):
        assert words in panel.card_text()
    look.set_scheme(Scheme.DARK)
    assert "Pulled back." in panel.card_text()
    look.set_scheme(Scheme.LIGHT)
    session.update(strategy="lora")
    assert "Pulled back." not in panel.card_text()


def test_a_lesson_loads_nothing_from_outside(qtbot: QtBot, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"not shown")
    good = (FOLDER / "08-lora.md").read_text(encoding="utf-8")
    text = f"{good}\n![x]({secret.as_uri()}) <img src='{secret}'> ![y](https://example.org/a.png)"
    (tmp_path / "08-lora.md").write_text(text, encoding="utf-8")
    panel = opened(qtbot, FakeSession(Settings(strategy="lora")), tmp_path)
    card = panel.findChild(LessonCard)
    card.grab()
    document = card.document()
    assert isinstance(document, ClosedDocument)
    assert document.refused
    assert "<img" in panel.card_text()  # mark-up of HTML is text


def test_the_card_begins_at_its_beginning_at_any_text_size(qtbot: QtBot) -> None:
    panel = opened(qtbot, FakeSession(Settings(strategy="lora")))
    card = panel.findChild(LessonCard)
    try:
        for scale in (2.0, 1.0):
            look.set_text_scale(scale)
            QApplication.processEvents()
            assert card.verticalScrollBar().value() == 0
    finally:
        look.set_text_scale(1.0)


def test_all_lessons_are_in_view_on_a_projector(qtbot: QtBot) -> None:
    panel = opened(qtbot, FakeSession())
    found = panel.findChild(QListWidget)
    assert found.visualItemRect(found.item(7)).bottom() <= found.viewport().height()
    assert found.height() <= 240
    assert panel.minimumSizeHint().width() <= 208


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = LessonPanel(session)
    panel.show()
    alive = weakref.ref(panel)
    panel.close()
    panel.deleteLater()
    del panel
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert alive() is None
    session.choose_strategy("full")
