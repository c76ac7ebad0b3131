"""The cost dialog: estimates asked through it, answered by the engine's own formulas."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.cost import answers
from engine.cost.plan import METHODS
from engine.cost.presets import MODELS
from engine.protocol.messages import EstimateCost
from engine.protocol.settings import Settings
from gui.cost.answer import MIN_SEGMENT_WIDTH, Bar, BarPair, BarSegment, CostAnswer
from gui.cost.dialog import CostDialog
from gui.cost.fields import CountField, FormRow
from gui.shell.keys_dialog import KeysDialog
from gui.state.preferences import Preferences
from gui.text.numbers import percent_text, size_text
from gui.theme import Scheme, appearance
from gui.window import Window
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession, catalogue


@pytest.fixture(autouse=True)
def _look_as_before() -> Iterator[None]:
    before = (appearance.scheme, appearance.text_scale)
    yield
    if before != (appearance.scheme, appearance.text_scale):
        appearance.set_scheme(before[0])
        appearance.set_text_scale(before[1])


OFFERED = replace(catalogue(), cost=answers.catalogue())


class Asked:
    """The dialog over an engine that answers when it is told to."""

    def __init__(self, qtbot: QtBot, *, ready: bool = True) -> None:
        self.qtbot = qtbot
        self.session = FakeSession(Settings(), ready=ready)
        self.dialog = CostDialog(self.session)
        if ready:
            self.session.feed(OFFERED)
        self.session.show(qtbot, self.dialog)
        if ready:
            self.answer()

    def questions(self) -> list[EstimateCost]:
        return [sent for sent in self.session.fake_host.sent if isinstance(sent, EstimateCost)]

    def answer(self) -> None:
        self.session.feed(answers.estimate_cost(self.questions()[-1]))

    def find(self, kind: type[QWidget], name: str) -> QWidget:
        found = self.dialog.findChild(kind, name)
        assert found is not None, name
        return found

    def choose(self, name: str, data: str) -> None:
        box = self.find(QComboBox, name)
        box.setCurrentIndex(box.findData(data))
        self.answer()

    def type(self, name: str, text: str) -> None:
        field = self.find(QLineEdit, name)
        field.setFocus()
        field.selectAll()
        self.qtbot.keyClick(field, Qt.Key.Key_Delete)
        self.qtbot.keyClicks(field, text)
        self.answer()

    def click(self, name: str) -> None:
        self.qtbot.mouseClick(self.find(QToolButton, name), Qt.MouseButton.LeftButton)
        self.answer()

    def text(self, name: str) -> str:
        return self.find(QLabel, name).text()

    def note(self, name: str) -> str:
        """Return the note beside the field of this name."""
        row = self.find(QWidget, name).parentWidget()
        while not isinstance(row, FormRow):
            row = row.parentWidget()
        return row.note

    @property
    def values(self) -> dict:
        return self.dialog.findChild(CostAnswer).values


# ---------------------------------------------------------------- what is asked and said


def test_it_opens_with_an_answer(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    assert user.text("cost.trainable") == "294,912"
    assert user.text("cost.share") == "trainable parameters, 0.237\u202f% of 124,645,632"
    assert user.text("cost.checkpoint") == "590\u202fkB"
    assert user.text("cost.model_bytes") == "249\u202fMB"
    assert user.text("cost.optimizer_bytes") == "2.36\u202fMB"
    foot = user.text("cost.foot")
    for words in ("activations", "arXiv:1907.11692", "LoRA: arXiv:2106.09685", "10⁹"):
        assert words in foot


@pytest.mark.parametrize("preset", MODELS)
def test_every_model_and_method_is_answered_or_refused_in_words(qtbot: QtBot, preset: str) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", preset)
    for method in METHODS:
        user.choose("costMethodBox", method)
        refused = method == "bitfit" and preset.startswith("llama")
        if refused:
            assert "has no biases to train" in user.note("costMethodBox")
            continue
        assert user.values["total_parameters"] == MODELS[preset].parameters
        assert user.text("cost.trainable") == f"{user.values['trainable_parameters']:,}"
        assert user.note("costMethodBox") == ""


def test_what_is_typed_counts_at_every_key(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.type("cost.rank", "16")
    assert [question.plan["rank"] for question in user.questions()[-3:]] == ["", 1, 16]
    assert user.values["rank"] == 16
    user.type("cost.tasks", "1,000")
    assert user.values["tasks"]["count"] == 1000


def test_arrow_keys_count_and_page_keys_double(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    field = user.find(CountField, "cost.rank")
    for key, value in ((Qt.Key.Key_Up, 9), (Qt.Key.Key_Down, 8), (Qt.Key.Key_PageUp, 16),
                       (Qt.Key.Key_PageDown, 8)):  # fmt: skip
        qtbot.keyClick(field, key)
        assert user.questions()[-1].plan["rank"] == value
    user.type("cost.rank", "1")
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert user.questions()[-1].plan["rank"] == 1


def test_targets_and_precision_are_switched(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", "llama-3-70b")
    for name in ("k", "gate"):
        user.click(f"cost.target.{name}")
    assert user.values["targets"] == ("q", "k", "v", "gate")
    user.click("cost.precision.4")
    assert user.values["precision"] == 4
    assert not user.find(QToolButton, "cost.precision.16").isChecked()
    user.choose("costModelBox", "gpt2-medium")
    assert user.find(QToolButton, "cost.target.gate").isHidden()
    assert user.values["targets"] == ("q", "k", "v")


def test_the_newest_question_wins(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    older = user.questions()[-1]
    user.choose("costModelBox", "gpt3-175b")
    assert user.text("cost.trainable") == "37,748,736"
    user.session.feed(answers.estimate_cost(older))
    assert user.text("cost.trainable") == "37,748,736"


def test_without_an_answer_the_last_one_is_greyed(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    box = user.find(QComboBox, "costModelBox")
    box.setCurrentIndex(box.findData("gpt3-175b"))
    qtbot.waitUntil(lambda: "Waiting" in user.text("cost.status"))
    assert user.text("cost.trainable") == "294,912"
    user.answer()
    assert user.text("cost.status") == ""


def test_an_engine_that_comes_back_is_asked_again(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", "gpt2-large")
    user.type("cost.rank", "3")
    before = user.questions()[-1].plan
    user.session.feed(OFFERED)
    assert user.questions()[-1].plan == before
    user.session.fake_host.alive = False
    asked = len(user.questions())
    user.find(QComboBox, "costMethodBox").setCurrentIndex(0)
    user.find(QComboBox, "costMethodBox").setCurrentIndex(1)
    assert len(user.questions()) == asked
    assert user.session.state.notice is not None
    assert user.session.state.notice.action == "Start it again"


def test_before_the_engine_is_ready_it_says_so(qtbot: QtBot) -> None:
    user = Asked(qtbot, ready=False)
    assert user.questions() == []
    assert "starting" in user.text("cost.status")
    assert not user.find(QComboBox, "costModelBox").isEnabled()
    user.session.feed(OFFERED)
    assert user.find(QComboBox, "costModelBox").isEnabled()
    user.answer()
    assert user.text("cost.status") == ""


# ---------------------------------------------------------------- what a method does not use

FIELDS = {"rank": "cost.rank", "bottleneck": "cost.bottleneck", "tokens": "cost.tokens",
          "targets": "cost.target.q"}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_what_a_method_does_not_use_is_greyed_with_the_reason(qtbot: QtBot, method: str) -> None:
    user = Asked(qtbot)
    user.choose("costMethodBox", method)
    for field, name in FIELDS.items():
        used = field in METHODS[method].uses
        assert user.find(QWidget, name).isEnabled() == used
        assert user.note(name).endswith(" only") != used
        assert (field in user.questions()[-1].plan) == used


def test_a_method_brings_its_defaults_but_not_over_what_was_set(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costMethodBox", "vera")
    assert user.values["rank"] == 256
    user.choose("costMethodBox", "ia3")
    assert user.values["targets"] == ("k", "v", "down")
    user.choose("costMethodBox", "full")
    user.choose("costMethodBox", "lora")
    assert (user.values["rank"], user.values["targets"]) == (8, ("q", "v"))
    user.type("cost.rank", "4")
    user.click("cost.target.o")
    user.choose("costMethodBox", "dora")
    assert (user.values["rank"], user.values["targets"]) == (4, ("q", "v", "o"))


# ---------------------------------------------------------------- own shapes


def test_an_own_shape_starts_from_the_model_before_it(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    assert (
        user.find(QLineEdit, "cost.blocks").isHidden()
        or not user.find(QLineEdit, "cost.blocks").isVisible()
    )
    for preset in ("roberta-base", "llama-3-8b", "gpt3-175b"):
        user.choose("costModelBox", preset)
        there = user.values
        user.choose("costModelBox", "")
        assert user.find(QLineEdit, "cost.blocks").isVisible()
        for figure in ("total_parameters", "trainable_parameters", "memory", "tasks"):
            assert user.values[figure] == there[figure]
        assert "typed in" in user.text("cost.foot")


def test_a_model_is_typed_in_from_nothing(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", "")
    user.choose("cost.family", "llama")
    assert user.find(QToolButton, "cost.gated").isChecked()
    assert not user.find(QToolButton, "cost.biases").isChecked()
    mistral = {"blocks": "32", "width": "4096", "inner": "14,336", "keys": "1024",
               "vocabulary": "32 000", "context": "32768"}  # fmt: skip
    for field, text in mistral.items():
        user.type(f"cost.{field}", text)
    assert user.values["total_parameters"] == 7_241_732_096  # Mistral 7B
    user.click("cost.target.gate")
    assert user.values["targets"] == ("q", "v", "gate")
    user.click("cost.gated")
    assert user.values["targets"] == ("q", "v")
    assert user.values["total_parameters"] == 7_241_732_096 - 32 * 4096 * 14336
    user.click("cost.biases")
    assert user.values["dimensions"]["biases"] is True


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("cost.rank", "0", "must be a whole number from 1 to 768"),
        ("cost.rank", "769", "must be a whole number from 1 to 768"),
        ("cost.rank", "four", "must be a whole number from 1 to 768"),
        ("cost.rank", "", "must be a whole number from 1 to 768"),
        ("cost.rank", "9" * 24, "must be a whole number from 1 to 768"),
        ("cost.tasks", "-1", "must be a whole number from 1 to 1,000"),
    ],
)
def test_a_refused_number_says_beside_itself_what_would_do(
    qtbot: QtBot, field: str, text: str, problem: str
) -> None:
    user = Asked(qtbot)
    before = user.values
    user.type(field, text)
    assert user.note(field) == problem
    assert user.text("cost.status").startswith("Last valid result")
    assert user.values == before
    user.type(field, "2")
    assert "must be" not in user.note(field)
    assert user.text("cost.status") == ""


def test_a_refused_dimension_is_marked(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", "")
    user.type("cost.keys", "769")
    assert user.note("cost.keys") == "must be a whole number from 1 to 768"
    user.type("cost.width", "100001")
    assert user.note("cost.width") == "must be a whole number from 1 to 100,000"
    assert "must be" not in user.note("cost.keys")
    user.choose("costModelBox", "roberta-base")
    assert user.text("cost.status") == ""


def test_no_target_and_too_few_bits_are_refused(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.click("cost.target.q")
    user.click("cost.target.v")
    assert user.note("cost.target.q") == "must be at least one of q, k, v, o, up, down"
    user.choose("costMethodBox", "full")
    user.click("cost.precision.8")
    assert user.note("cost.precision.8") == "must be 32 or 16: full trains the weights"
    user.click("cost.precision.16")
    assert user.note("cost.precision.8") == ""


def test_the_greyed_answer_is_seen_to_be_old(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    figure = user.find(QLabel, "cost.trainable")

    def seen() -> QImage:
        return user.dialog.grab(QRect(figure.mapTo(user.dialog, QPoint()), figure.size())).toImage()

    fresh = seen()
    user.type("cost.rank", "0")
    assert seen() != fresh
    user.type("cost.rank", "8")
    assert seen() == fresh


# ---------------------------------------------------------------- bars


def bars(user: Asked, name: str) -> list[Bar]:
    pair = user.find(BarPair, name)
    return [bar for bar in pair.findChildren(Bar) if bar.isVisible()]


def test_bars_are_as_long_as_their_bytes(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    ours, full = bars(user, "cost.memoryBars")
    memory, in_full = user.values["memory"], user.values["full_memory"]
    whole = sum(in_full.values())
    assert sum(full.lengths()) == pytest.approx(full.width(), abs=1)
    expected = full.width() * memory["model_bytes"] / whole
    assert ours.lengths()[0] == pytest.approx(expected, abs=0.01)
    assert min(ours.lengths()) == MIN_SEGMENT_WIDTH  # half a thousandth of the bar, and still there
    copies, adapters = bars(user, "cost.taskBars")
    assert copies.accessibleName() == "10 full copies"
    assert sum(copies.lengths()) == pytest.approx(copies.width())
    share = user.values["tasks"]["adapters_bytes"] / user.values["tasks"]["copies_bytes"]
    assert sum(adapters.lengths()) == pytest.approx(share * copies.width(), abs=MIN_SEGMENT_WIDTH)
    assert "checkpoints 5.9\u202fMB" in adapters.accessibleDescription()


def test_full_fine_tuning_has_nothing_smaller_to_show(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costMethodBox", "full")
    assert len(bars(user, "cost.memoryBars")) == 1
    (copies,) = bars(user, "cost.taskBars")
    assert copies.accessibleDescription() == "full copies 2.49\u202fGB"
    user.type("cost.tasks", "1")
    (copy,) = bars(user, "cost.taskBars")
    assert copy.accessibleName() == "1 full copy"


def test_no_part_of_a_bar_is_hidden(qtbot: QtBot) -> None:
    bar = Bar()
    bar.resize(100, 20)
    parts = (
        BarSegment("weights", 10**12, "line"),
        BarSegment("added", 1, "bad"),
        BarSegment("none", 0, "good"),
    )
    bar.draw(parts, 10**12)
    picture = bar.grab().toImage()
    colours = [picture.pixelColor(x, 10).name() for x in range(100)]
    assert colours.count(appearance.theme.bad) == MIN_SEGMENT_WIDTH
    assert appearance.theme.good not in colours
    bar.draw((BarSegment("nothing", 0, "bad"),), 0)
    assert bar.lengths() == [0.0]


# ---------------------------------------------------------------- where it is, how it looks


def window_of(qtbot: QtBot, session: FakeSession) -> Window:
    window = Window(session, Preferences())
    window.resize(1280, 720)
    session.show(qtbot, window)
    return window


def test_a_button_and_a_key_open_it_and_escape_closes_it(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(OFFERED)
    window = window_of(qtbot, session)
    button = window.findChild(QPushButton, "costButton")
    assert button is not None
    assert button.text() == "Costs"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QDialog, "costDialog")
    assert isinstance(dialog, CostDialog)
    assert dialog.isVisible()
    assert not dialog.isModal()
    qtbot.keyClick(dialog.findChild(QLineEdit, "cost.rank"), Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_C)
    assert dialog.isVisible()
    assert window.findChildren(CostDialog) == [dialog]
    keys = KeysDialog()
    qtbot.addWidget(keys)
    assert "C" in [label.text() for label in keys.findChildren(QLabel)]


@pytest.mark.may_stall("another theme polishes each of some 600 widgets anew")
def test_theme_and_text_size_are_changed_from_within(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(OFFERED)
    window = window_of(qtbot, session)
    qtbot.keyClick(window, Qt.Key.Key_C)
    dialog = window.findChild(CostDialog)
    session.feed(answers.estimate_cost(session.last_sent))
    dark, scale = appearance.theme.dark, appearance.text_scale
    qtbot.keyClick(dialog, Qt.Key.Key_T)
    assert appearance.theme.dark != dark
    qtbot.keyClick(dialog, Qt.Key.Key_Plus)
    assert appearance.text_scale > scale


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
@pytest.mark.parametrize("scale", [1.0, 1.3])
@pytest.mark.parametrize("preset", ["llama-3-70b", ""])
def test_nothing_is_cut_off_on_a_projector(
    qtbot: QtBot, preset: str, scale: float, scheme: Scheme
) -> None:
    appearance.set_scheme(scheme)
    appearance.set_text_scale(scale)
    user = Asked(qtbot)
    user.choose("costModelBox", "llama-3-70b")
    user.choose("costModelBox", preset)
    user.choose("costMethodBox", "dora")
    user.dialog.resize(1232, 672)
    settle()
    area = user.dialog.findChild(QScrollArea)
    assert area.horizontalScrollBar().maximum() == 0
    if scale == 1.0:
        assert area.verticalScrollBar().maximum() == 0
    for label in user.dialog.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width() + 1
    for toggle in user.dialog.findChildren(QToolButton):
        if toggle.isVisible():
            words = toggle.fontMetrics().horizontalAdvance(toggle.text())
            assert words <= toggle.width() - 8, toggle.text()


def test_the_largest_figures_still_fit(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", "")
    for field, text in (("blocks", "1000"), ("width", "100000"), ("inner", "1000000"),
                        ("vocabulary", "10000000"), ("context", "10000000")):  # fmt: skip
        user.type(f"cost.{field}", text)
    user.choose("costMethodBox", "full")
    user.dialog.resize(1040, 640)
    settle()
    assert user.text("cost.trainable") == f"{user.values['total_parameters']:,}"
    assert user.dialog.findChild(QScrollArea).horizontalScrollBar().maximum() == 0


def test_every_field_says_what_it_is_and_is_reached_with_tab(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    for kind in (QComboBox, QLineEdit, QToolButton):
        for control in user.dialog.findChildren(kind):
            if control.objectName().startswith("cost"):
                assert control.accessibleName(), control.objectName()
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    start = user.find(QComboBox, "costModelBox")
    start.setFocus()
    reached = set()
    for _ in range(30):
        qtbot.keyClick(user.dialog.focusWidget(), Qt.Key.Key_Tab)
        reached.add(user.dialog.focusWidget().objectName())
    assert {"costMethodBox", "cost.rank", "cost.target.q", "cost.tasks"} <= reached


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(OFFERED)
    dialog = CostDialog(session)
    dialog.show()
    alive = weakref.ref(dialog)
    dialog.close()
    dialog.deleteLater()
    del dialog
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert alive() is None
    session.feed(OFFERED)


def test_sizes_and_shares_are_written_for_readers() -> None:
    assert size_text(65_536_000) == "65.5\u202fMB"
    assert size_text(1) == "1\u202fbyte"
    assert percent_text(1.0) == "100\u202f%"
    assert percent_text(0.0000273) == "0.00273\u202f%"
    assert percent_text(1e-9) == "< 0.0001\u202f%"
    assert percent_text(0.0) == "0\u202f%"
