"""The column of controls and figures."""

import gc
import math
import weakref
from typing import TypeVar

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QScrollArea,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Catalogue
from engine.protocol.settings import Settings
from gui.controls.boxes import SeedBox
from gui.controls.figures import Readouts
from gui.controls.panel import ControlPanel
from gui.controls.rate_curve import RateCurve
from gui.controls.value_slider import ValueSlider
from gui.shell.right_column import RightColumn
from gui.state.preferences import Preferences
from gui.widgets.collapsible import Section
from gui.widgets.label import Label
from tests.gui.shell_frames import FakeSession, catalogue, frame, layer

PROJECTOR = (260, 501)
COLUMN = (260, 668)
"""Pixels that a window of 1280 × 720 leaves for the panel, and for the whole right column."""


Shown = TypeVar("Shown", ControlPanel, RightColumn)


def shown(qtbot: QtBot, session: FakeSession, part: Shown, size: tuple[int, int]) -> Shown:
    part.resize(*size)
    session.show(qtbot, part)
    QApplication.processEvents()
    return part


def opened(qtbot: QtBot, session: FakeSession) -> ControlPanel:
    return shown(qtbot, session, ControlPanel(session, Preferences()), PROJECTOR)


def column_of(qtbot: QtBot, session: FakeSession) -> RightColumn:
    return shown(qtbot, session, RightColumn(session, Preferences()), COLUMN)


def with_controls(**controls: tuple[str, ...]) -> Catalogue:
    """The strategies of the lessons, of which these use these settings."""
    offered = catalogue()
    strategies = tuple(
        replace(info, controls=controls.get(info.name, info.controls))
        for info in offered.strategies
        if info.lesson
    )
    return Catalogue(strategies, offered.tasks)


def section(panel: ControlPanel, key: str) -> Section:
    return next(part for part in panel.findChildren(Section) if part.key == key)


def header(panel: ControlPanel, key: str) -> QAbstractButton:
    found = panel.findChild(QAbstractButton, f"section.{key}")
    assert found is not None
    return found


def texts(panel: QWidget) -> str:
    return " | ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def slider(panel: ControlPanel, name: str) -> QSlider:
    found = panel.findChild(QSlider, name)
    assert found is not None
    return found


def test_the_preview_shows_the_network_at_rest(qtbot: QtBot) -> None:
    panel = column_of(qtbot, FakeSession(ready=False))
    assert "4,400 | parameters" in texts(panel)


def test_the_figure_counts_what_moves_and_the_head_beside(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = column_of(qtbot, session)
    session.feed(frame())
    assert "920 | trainable parameters | of 4,400 · + 410 head" in texts(panel)


def test_a_network_of_another_size_is_counted_as_it_is(qtbot: QtBot) -> None:
    settings = Settings(width=768, depth=12)
    session = FakeSession(settings, ready=False)
    panel = column_of(qtbot, session)
    assert "6.51 M | parameters | 12 layers, not trained yet" in texts(panel)
    layers = tuple(layer(name, math.prod(shape)) for name, shape in settings.body_shapes.items())
    session.feed(replace(frame(layers=layers), settings=settings))
    assert "6.51 M | trainable parameters | of 6.51 M" in texts(panel)


@pytest.mark.parametrize(
    ("trainable", "told"),
    [(0, "in the head · 4,640 fixed"), (4640, "of 4,640 · + 410 head")],
)
def test_batch_norms_parameters_count_to_the_body(qtbot: QtBot, trainable: int, told: str) -> None:
    settings = Settings(batch_norm=True)
    session = FakeSession(settings)
    panel = column_of(qtbot, session)
    norms = {name: math.prod(shape) + 80 for name, shape in settings.body_shapes.items()}
    layers = tuple(
        replace(layer(name, count if trainable else 0), total_parameters=count)
        for name, count in norms.items()
    )
    session.feed(replace(frame(layers=(*layers, layer("head", 410))), settings=settings))
    assert f"trainable parameters | {told}" in texts(panel)


def test_adapters_are_counted_beside_the_body(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="adapter"))
    panel = column_of(qtbot, session)
    layers = (layer("layer1"), layer("adapter1.down", 328), layer("adapter1.up", 360),
              layer("head", 410))  # fmt: skip
    session.feed(frame(layers=layers))
    assert "688 | trainable parameters | in the adapters · 4,400 fixed · + 410 head" in texts(panel)


@pytest.mark.parametrize(
    ("strategy", "free"),
    [
        ("lora", {"rankSlider", "alphaSlider"}),
        ("adapter", {"bottleneckSlider"}),
        ("feature_head", {"headWidthSlider"}),
        ("full", set()),
        ("linear_probe", set()),
    ],
)
def test_what_a_strategy_does_not_use_is_greyed_with_its_reason(
    qtbot: QtBot, strategy: str, free: set[str]
) -> None:
    panel = opened(qtbot, FakeSession(Settings(strategy=strategy)))
    for widget in panel.findChildren(ValueSlider):
        if not widget.isVisible():
            continue
        name = widget.findChild(QSlider).objectName()
        assert widget.findChild(QSlider).isEnabled() == (name in free | {"learningRateSlider"})
        assert bool(widget.reason) != (name in free | {"learningRateSlider"})


def test_the_figures_stand_still_when_the_strategy_changes(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = column_of(qtbot, session)
    places = []
    for strategy in ("lora", "full", "adapter", "feature_head", "linear_probe"):
        session.editor.choose_strategy(strategy)
        QApplication.processEvents()
        places.append(panel.findChild(Readouts).geometry().getRect())
    assert len(set(places)) == 1


@pytest.mark.parametrize("strategy", ["lora", "full", "adapter", "feature_head"])
def test_it_fits_a_projector(qtbot: QtBot, strategy: str) -> None:
    panel = opened(qtbot, FakeSession(Settings(strategy=strategy)))
    area = panel.findChild(QScrollArea)
    assert panel.minimumSizeHint().width() <= PROJECTOR[0]
    assert area.verticalScrollBar().maximum() == 0
    assert area.widget().width() == area.viewport().width()


def test_long_summaries_make_the_panel_no_wider(qtbot: QtBot) -> None:
    settings = Settings(schedule="cosine", warmup_steps=20, dropout=0.2, patience=50,
                        weight_decay=0.001, label_noise=0.3, train_samples=20)  # fmt: skip
    area = opened(qtbot, FakeSession(settings)).findChild(QScrollArea)
    assert area.widget().width() == area.viewport().width()


def test_nothing_moves_aside_when_there_is_something_to_scroll(qtbot: QtBot) -> None:
    panel = opened(qtbot, FakeSession())
    area = panel.findChild(QScrollArea)
    width = area.viewport().width()
    for key in ("schedule", "overfitting", "network"):
        header(panel, key).click()
    QApplication.processEvents()
    assert area.verticalScrollBar().maximum() > 0
    assert area.viewport().width() == area.widget().width() == width


@pytest.mark.parametrize("height", [668, 420, 240])
def test_in_a_low_window_the_column_scrolls(qtbot: QtBot, height: int) -> None:
    column = column_of(qtbot, FakeSession())
    column.resize(COLUMN[0], height)
    QApplication.processEvents()
    rate = column.findChild(QSlider, "learningRateSlider")
    for area in column.findChildren(QScrollArea):
        if area.isAncestorOf(rate):
            area.ensureWidgetVisible(rate)
    QApplication.processEvents()
    assert rate.visibleRegion().boundingRect() == rate.rect()


def test_sliders_that_only_some_strategies_use_appear_where_they_are_used(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = opened(qtbot, session)
    session.feed(with_controls(full=("penalty",), lora=("rank", "alpha", "rate_ratio"),
                               freeze=("stage_steps", "rate_decay")))  # fmt: skip
    rare = {"penalty", "rateRatio", "stageSteps", "rateDecay", "bottleneck", "headWidth"}
    for strategy, shown in (
        ("lora", {"rateRatio"}),
        ("full", {"penalty"}),
        ("freeze", {"stageSteps", "rateDecay"}),
        ("linear_probe", set()),
    ):
        session.editor.choose_strategy(strategy)
        visible = {name for name in rare if slider(panel, f"{name}Slider").isVisible()}
        assert visible == shown
        assert slider(panel, "rankSlider").isVisible()
        assert slider(panel, "alphaSlider").isVisible()


def test_the_reason_stays_short_with_many_users(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="full"))
    panel = opened(qtbot, session)
    session.feed(with_controls(freeze=("rank", "alpha"), pretrain=("rank",), adapter=("rank",)))
    rank, alpha = (slider(panel, f"{name}Slider").parent() for name in ("rank", "alpha"))
    assert rank.reason == "LoRA methods only"
    assert "Pretraining, Freezing layers, Adapters, LoRA" in rank.toolTip()
    assert alpha.reason == "Freezing layers and LoRA only"
    session.editor.choose_strategy("pretrain")
    assert (rank.reason, alpha.reason) == ("", "not with Pretraining")


def test_a_step_budget_stands_with_the_strategy_that_plans_with_it(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="full"))
    panel = opened(qtbot, session)
    session.feed(with_controls(lora=("rank", "alpha", "total_steps")))
    total, schedule = slider(panel, "totalStepsSlider"), section(panel, "schedule")
    assert schedule.isAncestorOf(total)
    assert not total.isEnabled()
    session.editor.choose_strategy("lora")
    QApplication.processEvents()
    assert not schedule.isAncestorOf(total)
    assert total.isEnabled() and total.isVisible()
    session.editor.update(schedule="cosine")
    session.editor.update(schedule="constant")
    assert total.isEnabled()
    session.editor.choose_strategy("full")
    assert schedule.isAncestorOf(total)
    assert not total.isEnabled()


def test_sections_are_closed_until_they_are_opened_and_it_is_remembered(qtbot: QtBot) -> None:
    panel = opened(qtbot, FakeSession())
    assert not slider(panel, "dropoutSlider").isVisible()
    header(panel, "overfitting").setFocus()
    qtbot.keyClick(header(panel, "overfitting"), Qt.Key.Key_Return)
    assert slider(panel, "dropoutSlider").isVisible()
    again = opened(qtbot, FakeSession())
    assert slider(again, "dropoutSlider").isVisible()
    assert not again.findChild(QComboBox, "scheduleBox").isVisible()
    qtbot.keyClick(header(again, "overfitting"), Qt.Key.Key_Space)
    assert not slider(opened(qtbot, FakeSession()), "dropoutSlider").isVisible()


def test_an_opened_section_comes_into_view(qtbot: QtBot) -> None:
    panel = opened(qtbot, FakeSession())
    qtbot.mouseClick(header(panel, "network"), Qt.MouseButton.LeftButton)
    toggle = panel.findChild(QCheckBox, "freezeStatisticsToggle")
    qtbot.waitUntil(lambda: toggle.visibleRegion().boundingRect() == toggle.rect())


def test_a_closed_section_says_what_is_set(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = opened(qtbot, session)
    keys = ("schedule", "overfitting", "network")
    assert [section(panel, key).summary() for key in keys] == ["constant", "nothing set", "3 × 40"]
    session.editor.update(
        schedule="cosine",
        warmup_steps=20,
        dropout=0.2,
        patience=50,
        batch_norm=True,
        freeze_statistics=True,
    )
    assert [section(panel, key).summary() for key in keys] == [
        "cosine, warm-up 20", "dropout 0.2, patience 50", "3 × 40, BatchNorm, statistics frozen",
    ]  # fmt: skip
    assert header(panel, "schedule").accessibleDescription() == "cosine, warm-up 20"
    session.editor.update(schedule="slanted")
    assert section(panel, "schedule").summary() == "slanted triangle"


def test_the_slanted_triangle_has_a_warm_up_of_its_own(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = opened(qtbot, session)
    box = panel.findChild(QComboBox, "scheduleBox")
    assert [box.itemData(i) for i in range(box.count())] == [
        "constant", "linear", "cosine", "slanted",
    ]  # fmt: skip
    assert slider(panel, "warmupStepsSlider").isEnabled()
    assert not slider(panel, "totalStepsSlider").isEnabled()
    box.setCurrentIndex(box.findData("slanted"))
    assert session.state.settings.schedule == "slanted"
    assert not slider(panel, "warmupStepsSlider").isEnabled()
    assert slider(panel, "totalStepsSlider").isEnabled()
    session.undo_stack.undo()
    assert box.currentData() == "constant"


def test_the_curve_shows_the_rate_of_the_next_step(qtbot: QtBot) -> None:
    session = FakeSession(Settings(schedule="linear", learning_rate=0.01, total_steps=200))
    panel = opened(qtbot, session)
    header(panel, "schedule").click()
    curve = panel.findChild(RateCurve)
    session.feed(frame(50, settings=session.state.settings, learning_rate=0.0075))
    assert curve.text() == "η = 0.0075"
    assert curve.last_step() == 200
    qtbot.waitUntil(lambda: curve.height() == curve.sizeHint().height())  # the section has opened
    before = curve.grab().toImage()
    session.feed(frame(150, settings=session.state.settings, learning_rate=0.0025))
    assert curve.text() == "η = 0.0025"
    assert curve.grab().toImage() != before
    session.editor.update(schedule="constant")
    assert curve.text() == "η = 0.01"  # the frame's is of the settings before
    session.feed(frame(900, settings=session.state.settings, learning_rate=0.01))
    assert curve.last_step() == 900


def test_batch_norm_is_turned_on_and_its_statistics_frozen(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = opened(qtbot, session)
    header(panel, "network").click()
    norm = panel.findChild(QCheckBox, "batchNormToggle")
    freeze = panel.findChild(QCheckBox, "freezeStatisticsToggle")
    assert not freeze.isEnabled()
    assert "needs BatchNorm" in texts(panel)
    norm.click()
    assert session.state.settings.batch_norm
    assert "starts a new run" in texts(panel)
    freeze.setFocus()
    qtbot.keyClick(freeze, Qt.Key.Key_Return)
    assert session.state.settings.freeze_statistics
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert not norm.isChecked() and not freeze.isChecked()


def test_what_makes_no_sense_together_is_turned_back_and_said(qtbot: QtBot) -> None:
    session = FakeSession(Settings(batch_size=1))
    norm = opened(qtbot, session).findChild(QCheckBox, "batchNormToggle")
    norm.click()
    assert not session.state.settings.batch_norm
    assert not norm.isChecked()
    assert session.state.notice is not None
    assert session.state.notice.text == (
        "Batch size: 1 is not allowed; it must be at least 2 with BatchNorm: it needs a variance."
    )


def test_every_control_says_what_it_is_and_is_reached_with_tab(qtbot: QtBot) -> None:
    panel = opened(qtbot, FakeSession())
    for kind in (QAbstractButton, QComboBox, QSlider):
        for control in panel.findChildren(kind):
            assert control.accessibleName() or isinstance(control.parent(), QWidget)
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.objectName()
    names = ("warmupSteps", "totalSteps", "weightDecay", "dropout", "patience", "labelNoise",
             "trainSamples", "rateRatio", "rateDecay", "stageSteps", "penalty")  # fmt: skip
    for name in names:
        assert slider(panel, f"{name}Slider").accessibleName()
        assert len(slider(panel, f"{name}Slider").toolTip()) > 20


def test_before_the_engine_is_ready_nobody_knows_what_the_strategy_uses(qtbot: QtBot) -> None:
    session = FakeSession(ready=False)
    panel = opened(qtbot, session)
    assert not slider(panel, "rankSlider").isEnabled()
    assert slider(panel, "learningRateSlider").isEnabled()


def test_the_optimizer_is_chosen(qtbot: QtBot) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QComboBox, "optimizerBox")
    assert [box.itemText(i) for i in range(box.count())] == ["SGD", "Momentum", "Adam", "AdamW"]
    box.setCurrentIndex(box.findData("sgd"))
    assert session.state.settings.optimizer == "sgd"
    session.undo_stack.undo()
    assert box.currentData() == "adam"


@pytest.mark.parametrize(("text", "size"), [("7", 7), ("1,024", 1024), ("all", 1024)])
def test_any_batch_size_can_be_typed(qtbot: QtBot, text: str, size: int) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QComboBox, "batchBox")
    box.lineEdit().selectAll()
    qtbot.keyClicks(box.lineEdit(), text)
    qtbot.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert session.state.settings.batch_size == size


@pytest.mark.parametrize("text", ["0", "2000", "many"])
def test_a_wrong_batch_size_is_refused(qtbot: QtBot, text: str) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QComboBox, "batchBox")
    box.lineEdit().selectAll()
    qtbot.keyClicks(box.lineEdit(), text)
    qtbot.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert session.state.settings.batch_size == 32
    assert session.state.notice is not None
    assert "1 to 1,024" in session.state.notice.text
    qtbot.keyClick(box.lineEdit(), Qt.Key.Key_Escape)
    assert box.currentText() == "32"
    assert session.state.notice is None


def test_a_batch_size_can_be_chosen(qtbot: QtBot) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QComboBox, "batchBox")
    box.setCurrentIndex(box.findText("64"))
    box.activated.emit(box.currentIndex())
    assert session.state.settings.batch_size == 64


def test_the_seed_counts_when_it_is_typed_to_the_end(qtbot: QtBot) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(SeedBox)
    box.selectAll()
    qtbot.keyClicks(box, "123")
    assert session.state.settings.seed == 0
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert session.state.settings.seed == 123
    assert "new run" in box.toolTip()
    for key, seed in ((Qt.Key.Key_Up, 124), (Qt.Key.Key_Down, 123)):
        qtbot.keyClick(box, key)
        assert (session.state.settings.seed, box.text()) == (seed, str(seed))
    session.editor.update(seed=0)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    assert session.state.settings.seed == 0


def test_the_figures_of_a_frame(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = column_of(qtbot, session).findChild(Readouts)
    session.feed(frame(50, train_loss=0.15239, validation_loss=0.3))
    assert readouts.text("target") == "78.0\u202f% ±\u202f4.0"
    assert readouts.text("source") == "68.5\u202f% ±\u202f5.8"
    assert readouts.text("forgotten") == "28.5 points"
    assert readouts.text("validation_accuracy") == "80.0\u202f% ±\u202f7.8"
    assert readouts.text("train") == "0.1524"
    assert readouts.text("validation") == "0.3000"


def test_a_new_head_is_a_choice_only_where_there_is_a_pretrained_one(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = opened(qtbot, session)
    session.take_report(catalogue())
    head = panel.findChild(QCheckBox, "newHeadToggle")
    assert head.isEnabled() and not head.isChecked()
    assert "starts a new run" in head.toolTip()
    head.click()
    assert session.state.settings.new_head
    session.undo_stack.undo()
    assert not session.state.settings.new_head and not head.isChecked()
    for changes, reason in (
        ({"strategy": "linear_probe"}, "Linear probe trains a new head"),
        ({"strategy": "scratch"}, "starts from random weights"),
        ({"strategy": "lora", "task": "digits-0-4-to-5-9"}, "other classes than the target"),
    ):
        session.editor.update(**changes)
        assert not head.isEnabled() and head.isChecked()
        assert reason in head.toolTip()
        assert not session.state.settings.new_head, "the setting is left as the user had it"


def test_a_margin_takes_its_width_whatever_it_is(qtbot: QtBot) -> None:
    session = FakeSession()
    column = column_of(qtbot, session)
    session.feed(frame(50))
    figure = column.findChild(Label, "readout.target")
    places = [figure.mapTo(column, QPoint())]
    for accuracy in (None, 1.0, 0.5):
        session.feed(frame(51, target_accuracy=accuracy))
        places.append(figure.mapTo(column, QPoint()))
    assert len(set(map(QPoint.toTuple, places))) == 1
    assert figure.accessibleName() == "target accuracy 50.0\u202f% ±\u202f4.9"
    assert "400 test images" in figure.accessibleDescription()


def test_figures_that_are_none_are_said_to_be_none(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = column_of(qtbot, session).findChild(Readouts)
    session.feed(frame(1, target_accuracy=None, train_loss=math.nan, validation_loss=math.inf))
    assert readouts.text("target") == "–"
    assert readouts.text("train") == readouts.text("validation") == "not a number"


def test_the_source_can_get_better(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = column_of(qtbot, session).findChild(Readouts)
    session.feed(frame(1, source_accuracy=0.98))
    assert readouts.text("forgotten") == "−1.0 points"


def test_a_change_says_from_which_step_it_holds(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = column_of(qtbot, session).findChild(Readouts)
    session.feed(frame(300))
    session.apply(300)
    session.editor.update(learning_rate=0.01)
    assert readouts.change_text() == "η 0.003 → 0.01 at the next step…"
    session.apply(300)
    assert readouts.change_text() == "η 0.003 → 0.01 from step 301"
    session.feed(frame(0, run=2, settings=session.state.settings))
    assert readouts.change_text() == ""


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = ControlPanel(session, Preferences())
    panel.show()
    session.feed(frame())
    alive = weakref.ref(panel)
    panel.close()
    panel.deleteLater()
    del panel
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert alive() is None
    session.feed(frame(1))


def test_the_network_has_another_size(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = opened(qtbot, session)
    header(panel, "network").click()
    width, depth = slider(panel, "widthSlider"), slider(panel, "depthSlider")
    qtbot.keyClick(width, Qt.Key.Key_End)
    assert session.state.settings.width == 8192
    qtbot.keyClick(depth, Qt.Key.Key_End)  # more than there is room for
    assert session.state.settings.depth == 3
    assert depth.value() == 3
    assert session.state.notice is not None
    assert "220,000,000" in session.state.notice.text
    qtbot.keyClick(depth, Qt.Key.Key_Left)
    assert session.state.settings.depth == 2
    assert section(panel, "network").summary() == "2 × 8,192"
