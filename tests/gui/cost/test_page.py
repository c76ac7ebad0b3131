"""The costs page: estimates asked through it, answered by the engine's own formulas."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QComboBox,
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
from gui.cost.answer import CostAnswer
from gui.cost.bars import Bar, BarPair, BarSegment
from gui.cost.fields import CountField, FormRow
from gui.cost.page import CostPage
from gui.cost.parts_table import LOWER_BAR_ONLY, MEMORY_PARTS, TOO_SMALL
from gui.lessons.file import find_lesson
from gui.state.preferences import Preferences
from gui.text.numbers import percent_text, size_text
from gui.theme import appearance
from gui.window import Window
from tests.engine.cover import some_of
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession, catalogue


@pytest.fixture(autouse=True)
def _look_as_before() -> Iterator[None]:
    before = appearance.text_scale
    yield
    if before != appearance.text_scale:
        appearance.set_text_scale(before)


OFFERED = replace(catalogue(), cost=answers.catalogue())


class Asked:
    """The page over an engine that answers when it is told to."""

    def __init__(self, qtbot: QtBot, *, ready: bool = True) -> None:
        self.qtbot = qtbot
        self.session = FakeSession(Settings(), ready=ready)
        self.page = CostPage(self.session)
        self.page.resize(1000, 700)
        if ready:
            self.session.feed(OFFERED)
        self.session.show(qtbot, self.page)
        if ready:
            self.answer()

    def questions(self) -> list[EstimateCost]:
        return [sent for sent in self.session.fake_host.sent if isinstance(sent, EstimateCost)]

    def answer(self) -> None:
        self.session.feed(answers.estimate_cost(self.questions()[-1]))

    def find(self, kind: type[QWidget], name: str) -> QWidget:
        found = self.page.findChild(kind, name)
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

    def problem(self, name: str) -> str:
        """Return what stands below the field of this name."""
        row = self.find(QWidget, name).parentWidget()
        while not isinstance(row, FormRow):
            row = row.parentWidget()
        return row.problem

    @property
    def values(self) -> dict:
        return self.page.findChild(CostAnswer).values


# ---------------------------------------------------------------- what is asked and said


def test_it_opens_with_what_people_fine_tune(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    assert user.text("cost.memory") == "At least 29.5\u202fGB"
    assert user.text("cost.batch") == "of GPU memory to train with 1 × 2,048 tokens"
    assert user.text("cost.fits") == "Fits on one GPU of 48 GB or more."
    assert user.text("cost.gpu.24") == "24 GB × 2"
    assert user.text("cost.trainable") == "3,407,872"
    assert user.text("cost.trainable.note") == "parameters, 0.0424\u202f% of 8,030,261,248"
    assert user.text("cost.checkpoint") == "13.6\u202fMB"
    assert user.text("cost.checkpoint.note") == "4 bytes for each number"
    assert user.text("cost.model_bytes") == "16.1\u202fGB"
    assert user.text("cost.activation_bytes") == "11.3\u202fGB"
    assert "16 bytes for each parameter that trains" in user.text("cost.state")
    foot = user.text("cost.foot")
    for words in ("At least: not counted", "FlashAttention", "arXiv:2407.21783",
                  "LoRA: arXiv:2106.09685", "10⁹"):  # fmt: skip
        assert words in foot


def test_a_plan_that_no_gpu_holds_says_how_many_would(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", "llama-3-70b")
    user.choose("costMethodBox", "full")
    assert user.text("cost.fits") == (
        "Fits on no single GPU: it takes at least 15 of 80 GB, if all divides evenly."
    )
    user.click("cost.state.8")
    assert user.text("cost.gpu.80") == "80 GB × 8"
    assert "torch.optim.AdamW" in user.text("cost.state")


def test_bytes_and_batch_are_chosen(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.click("cost.adapter.2")
    assert user.text("cost.checkpoint") == "6.82\u202fMB"
    user.click("cost.adapter.4")
    user.click("cost.state.8")  # leaves no room for float32
    assert (user.values["adapter_bytes"], user.values["bytes_per_parameter"]) == (2, 8)
    user.click("cost.state.16")
    assert user.values["adapter_bytes"] == 4
    user.type("cost.batch_size", "4")
    user.type("cost.sequence_length", "512")
    assert user.text("cost.batch").endswith("4 × 512 tokens")
    before = user.values["memory"]["activation_bytes"]
    user.click("cost.checkpointing")
    assert user.text("cost.batch").endswith("4 × 512 tokens, checkpointing")
    assert user.values["memory"]["activation_bytes"] < before / 5


def test_checkpointing_comes_with_few_bits_until_it_is_chosen(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.click("cost.precision.4")
    assert user.values["checkpointing"] is True
    assert user.text("cost.cast_bytes") == "2.1\u202fGB"
    user.click("cost.precision.16")
    assert user.values["checkpointing"] is False
    user.click("cost.checkpointing")
    user.click("cost.precision.32")
    assert user.values["checkpointing"] is True


def test_a_shorter_context_shortens_the_sequence(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", "bert-base")
    assert user.values["sequence_length"] == 512
    user.choose("costModelBox", "llama-3-8b")
    assert user.values["sequence_length"] == 2048
    user.type("cost.sequence_length", "9000")
    assert user.problem("cost.sequence_length") == "must be a whole number from 1 to 8,192"


def test_a_fused_matrix_is_one_target(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", "gpt2")
    assert user.values["targets"] == ("qkv",)
    assert user.find(QToolButton, "cost.target.q").isHidden()
    assert "one A serves all three" in user.find(QToolButton, "cost.target.qkv").toolTip()
    user.choose("costModelBox", "llama-3-8b")
    assert user.values["targets"] == ("q", "v")
    assert user.find(QToolButton, "cost.target.qkv").isHidden()


def test_what_a_method_leaves_out_is_said(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    for method, words in (("vera", "save_projection"), ("adapter_houlsby", "LayerNorms"),
                          ("prefix", "MLP")):  # fmt: skip
        user.choose("costMethodBox", method)
        assert words in user.text("cost.state")


@pytest.mark.parametrize("preset", some_of(tuple(MODELS)))
def test_every_model_and_method_is_answered_or_refused_in_words(qtbot: QtBot, preset: str) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", preset)
    for method in METHODS:
        user.choose("costMethodBox", method)
        refused = method == "bitfit" and not MODELS[preset].biases
        if refused:
            assert "has no biases to train" in user.problem("costMethodBox")
            continue
        assert user.values["total_parameters"] == MODELS[preset].parameters
        assert user.text("cost.trainable") == f"{user.values['trainable_parameters']:,}"
        assert user.problem("costMethodBox") == ""


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
    user.choose("costModelBox", "gpt3-175b")
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
    assert user.text("cost.trainable") == "3,407,872"
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
          "targets": "cost.target.q", "adapter_bytes": "cost.adapter.4"}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_what_a_method_does_not_use_is_not_there(qtbot: QtBot, method: str) -> None:
    user = Asked(qtbot)
    user.choose("costMethodBox", method)
    for field, name in FIELDS.items():
        used = field in METHODS[method].uses
        assert user.find(QWidget, name).isVisible() == used
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
    for preset in ("bert-base", "qwen3-4b", "gemma-3-4b", "gpt2", "gpt3-175b"):
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
    mistral = {"blocks": "32", "width": "4096", "inner": "14,336", "queries": "4096",
               "keys": "1024", "vocabulary": "32 000", "context": "32768"}  # fmt: skip
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
    user.click("cost.qkv_biases")
    assert user.problem("cost.qkv_biases") == "must be true where all matrices have biases"
    user.click("cost.qkv_biases")
    before = user.values["total_parameters"]
    user.click("cost.tied")
    assert user.values["total_parameters"] == before - 4096 * 32000


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("field", "text", "problem"),
    [
        ("cost.rank", "0", "must be a whole number from 1 to 1,024"),
        ("cost.rank", "1025", "must be a whole number from 1 to 1,024"),
        ("cost.rank", "four", "must be a whole number from 1 to 1,024"),
        ("cost.rank", "8,5", "must be a whole number from 1 to 1,024"),
        ("cost.rank", "1_6", "must be a whole number from 1 to 1,024"),
        ("cost.tasks", "1,2,3", "must be a whole number from 1 to 1,000"),
        ("cost.rank", "", "must be a whole number from 1 to 1,024"),
        ("cost.rank", "9" * 24, "must be a whole number from 1 to 1,024"),
        ("cost.tasks", "-1", "must be a whole number from 1 to 1,000"),
    ],
)
def test_a_refused_number_says_beside_itself_what_would_do(
    qtbot: QtBot, field: str, text: str, problem: str
) -> None:
    user = Asked(qtbot)
    before = user.values
    user.type(field, text)
    assert user.problem(field) == problem
    assert user.text("cost.status").startswith("Last valid result")
    assert user.values == before
    user.type(field, "2")
    assert "must be" not in user.problem(field)
    assert user.text("cost.status") == ""


def test_a_refused_dimension_is_marked(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costModelBox", "")
    user.type("cost.keys", "4097")
    assert user.problem("cost.keys") == "must be a whole number from 1 to 4,096"
    user.type("cost.width", "100001")
    assert user.problem("cost.width") == "must be a whole number from 1 to 100,000"
    assert "must be" not in user.problem("cost.keys")
    user.choose("costModelBox", "roberta-base")
    assert user.text("cost.status") == ""


def test_no_target_and_too_few_bits_are_refused(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.click("cost.target.q")
    user.click("cost.target.v")
    assert user.problem("cost.target.q") == "must be at least one of q, k, v, o, up, down, gate"
    user.choose("costMethodBox", "full")
    user.click("cost.precision.8")
    assert user.problem("cost.precision.8") == "must be 32 or 16: full trains the weights"
    user.click("cost.precision.16")
    assert user.problem("cost.precision.8") == ""


def test_the_greyed_answer_is_seen_to_be_old(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    figure = user.find(QLabel, "cost.trainable")

    def seen() -> QImage:
        return user.page.grab(QRect(figure.mapTo(user.page, QPoint()), figure.size())).toImage()

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
    assert sum(full.lengths()) == pytest.approx(full.width(), abs=0.01)
    for (field, *_), length in zip(MEMORY_PARTS, ours.lengths(), strict=True):
        assert length == pytest.approx(full.width() * memory[field] / whole, abs=0.01)
    copies, adapters = bars(user, "cost.taskBars")
    assert copies.accessibleName() == "10 full copies"
    assert sum(copies.lengths()) == pytest.approx(copies.width())
    share = user.values["tasks"]["adapters_bytes"] / user.values["tasks"]["copies_bytes"]
    assert sum(adapters.lengths()) == pytest.approx(share * copies.width(), abs=0.01)
    assert "checkpoints 136\u202fMB" in adapters.accessibleDescription()


def test_what_is_too_small_to_draw_is_said_not_drawn_larger(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    assert user.text("cost.added_bytes.share") == TOO_SMALL
    assert user.text("cost.model_bytes.share") == "54.4\u202f%"
    for field, *_ in MEMORY_PARTS:
        there = user.values["memory"][field] > 0 or user.values["full_memory"][field] > 0
        assert user.find(QLabel, f"cost.{field}").isVisible() == there
    assert user.text("cost.second_copy_bytes.share") == LOWER_BAR_ONLY
    user.type("cost.rank", "512")
    assert user.text("cost.added_bytes.share") != TOO_SMALL


def test_full_fine_tuning_has_nothing_smaller_to_show(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    user.choose("costMethodBox", "full")
    assert len(bars(user, "cost.memoryBars")) == 1
    (copies,) = bars(user, "cost.taskBars")
    assert copies.accessibleDescription() == "full copies 161\u202fGB"
    user.type("cost.tasks", "1")
    (copy,) = bars(user, "cost.taskBars")
    assert copy.accessibleName() == "1 full copy"


def test_a_bar_is_drawn_true_to_scale(qtbot: QtBot) -> None:
    bar = Bar()
    bar.resize(100, 20)
    parts = (
        BarSegment("weights", 50, "target"),
        BarSegment("sliver", 0, "bad"),
        BarSegment("rest", 25, "good"),
    )
    bar.draw(parts, 100)
    picture = bar.grab().toImage()
    colours = [picture.pixelColor(x, 10).name() for x in range(100)]
    theme = appearance.theme
    assert [colours.count(colour) for colour in (theme.target, theme.bad, theme.good)] == (
        [50, 0, 25]
    )
    bar.draw((BarSegment("all", 10**6, "target"), BarSegment("sliver", 9_000, "bad")), 10**6)
    assert bar.drawn() == [True, False]


# ---------------------------------------------------------------- where it is, how it looks


def window_of(qtbot: QtBot, session: FakeSession) -> Window:
    window = Window(session, Preferences())
    window.resize(1280, 720)
    session.show(qtbot, window)
    return window


def test_a_button_and_a_key_open_it_and_escape_leaves_it(qtbot: QtBot) -> None:
    session = FakeSession()
    session.feed(OFFERED)
    window = window_of(qtbot, session)
    button = window.findChild(QPushButton, "costButton")
    assert button is not None
    assert button.text() == "Costs"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    page = window.findChild(CostPage)
    assert window.page_stack.current == "costs" and page.isVisible()
    qtbot.keyClick(page.findChild(QLineEdit, "cost.rank"), Qt.Key.Key_Escape)
    assert window.page_stack.current == "stage"
    qtbot.keyClick(window, Qt.Key.Key_C)
    assert page.isVisible()
    assert window.findChildren(CostPage) == [page]
    qtbot.mouseClick(page.findChild(QPushButton, "costsBack"), Qt.MouseButton.LeftButton)
    assert window.page_stack.current == "stage"


@pytest.mark.parametrize(("width", "scale"), [(640, 1.0), (940, 1.0), (640, 2.0), (1232, 1.3)])
@pytest.mark.parametrize("preset", ["llama-3-70b", ""])
def test_nothing_is_cut_off_on_a_projector(
    qtbot: QtBot, preset: str, scale: float, width: int
) -> None:
    appearance.set_text_scale(scale)
    user = Asked(qtbot)
    user.choose("costModelBox", "llama-3-70b")
    user.choose("costModelBox", preset)
    user.choose("costMethodBox", "dora")
    user.page.resize(width, 672)
    settle()
    area = user.page.findChild(QScrollArea)
    content = area.widget()
    assert content.minimumSizeHint().width() <= area.viewport().width()
    for label in user.page.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width() + 1
    for toggle in user.page.findChildren(QToolButton):
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
    settle()
    assert user.text("cost.trainable") == f"{user.values['total_parameters']:,}"
    area = user.page.findChild(QScrollArea)
    assert area.widget().minimumSizeHint().width() <= area.viewport().width()


def test_every_field_says_what_it_is_and_is_reached_with_tab(qtbot: QtBot) -> None:
    user = Asked(qtbot)
    for kind in (QComboBox, QLineEdit, QToolButton):
        for control in user.page.findChildren(kind):
            if control.objectName().startswith("cost"):
                assert control.accessibleName(), control.objectName()
                assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    start = user.find(QComboBox, "costModelBox")
    start.setFocus()
    reached = set()
    for _ in range(30):
        qtbot.keyClick(user.page.focusWidget(), Qt.Key.Key_Tab)
        reached.add(user.page.focusWidget().objectName())
    assert {"costMethodBox", "cost.rank", "cost.target.q", "cost.tasks"} <= reached


def test_sizes_and_shares_are_written_for_readers() -> None:
    assert size_text(65_536_000) == "65.5\u202fMB"
    assert size_text(1) == "1\u202fbyte"
    assert percent_text(1.0) == "100\u202f%"
    assert percent_text(0.0000273) == "0.00273\u202f%"
    assert percent_text(1e-9) == "< 0.0001\u202f%"
    assert percent_text(0.0) == "0\u202f%"


def test_a_card_fills_in_what_it_speaks_of(qtbot: QtBot) -> None:
    asked = Asked(qtbot)
    cards = [card for card in find_lesson("what-it-costs").cards if card.page == "costs"]
    assert cards and all(card.plan.preset for card in cards)
    for card in (*cards, cards[0]):
        asked.page.show_plan(card.plan.fields())
        plan = asked.questions()[-1].plan
        uses = {"preset", "method", "precision", *METHODS[card.plan.method].uses}
        wanted = {field: value for field, value in card.plan.fields().items() if field in uses}
        assert {field: plan[field] for field in wanted} == wanted
        assert plan["checkpointing"] == (plan["precision"] == 4)
