"""The column of controls and figures."""

import gc
import math
import weakref

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QSlider, QSpinBox
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.controls.panel import ControlPanel
from gui.controls.readouts import Readouts
from gui.controls.value_slider import ValueSlider
from tests.gui.shell_frames import FakeSession, frame, layer


def opened(qtbot: QtBot, session: FakeSession) -> ControlPanel:
    panel = ControlPanel(session)
    panel.resize(240, 560)
    session.show(qtbot, panel)
    return panel


def texts(panel: ControlPanel) -> str:
    return " | ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def slider(panel: ControlPanel, name: str) -> QSlider:
    found = panel.findChild(QSlider, name)
    assert found is not None
    return found


def test_the_preview_shows_the_network_at_rest(qtbot: QtBot) -> None:
    panel = opened(qtbot, FakeSession(ready=False))
    assert "4,400 | weights" in texts(panel)


def test_the_figure_counts_what_moves_and_the_head_beside(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = opened(qtbot, session)
    session.feed(frame())
    assert "920 | of 4,400 weights move | + 410 head" in texts(panel)


def test_adapters_are_counted_beside_the_body(qtbot: QtBot) -> None:
    session = FakeSession(Settings(strategy="adapter"))
    panel = opened(qtbot, session)
    layers = (layer("layer1"), layer("adapter1.down", 328), layer("adapter1.up", 360),
              layer("head", 410))  # fmt: skip
    session.feed(frame(layers=layers))
    assert "0 | of 4,400 weights move | + 688 adapters · + 410 head" in texts(panel)


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


def test_nothing_jumps_when_the_strategy_changes(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = opened(qtbot, session)
    places = []
    for strategy in ("lora", "full", "adapter", "feature_head", "linear_probe"):
        session.choose_strategy(strategy)
        QApplication.processEvents()
        readouts = panel.findChild(Readouts)
        places.append((readouts.geometry().getRect(), panel.minimumSizeHint().height()))
    assert len(set(places)) == 1


def test_it_fits_a_projector(qtbot: QtBot) -> None:
    panel = opened(qtbot, FakeSession())
    assert panel.minimumSizeHint().width() <= 240
    assert panel.minimumSizeHint().height() <= 520


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
    assert session.settings.optimizer == "sgd"
    session.undo()
    assert box.currentData() == "adam"


@pytest.mark.parametrize(("text", "size"), [("7", 7), ("1,024", 1024), ("all", 1024)])
def test_any_batch_size_can_be_typed(qtbot: QtBot, text: str, size: int) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QComboBox, "batchBox")
    box.lineEdit().selectAll()
    qtbot.keyClicks(box.lineEdit(), text)
    qtbot.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert session.settings.batch_size == size


@pytest.mark.parametrize("text", ["0", "2000", "many"])
def test_a_wrong_batch_size_is_refused(qtbot: QtBot, text: str) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QComboBox, "batchBox")
    box.lineEdit().selectAll()
    qtbot.keyClicks(box.lineEdit(), text)
    qtbot.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    assert session.settings.batch_size == 32
    assert box.currentText() == "32"
    assert session.notice is not None
    assert "1 to 1024" in session.notice.text


def test_a_batch_size_can_be_chosen(qtbot: QtBot) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QComboBox, "batchBox")
    box.setCurrentIndex(box.findText("64"))
    box.activated.emit(box.currentIndex())
    assert session.settings.batch_size == 64


def test_the_seed_counts_when_it_is_typed_to_the_end(qtbot: QtBot) -> None:
    session = FakeSession()
    box = opened(qtbot, session).findChild(QSpinBox, "seedBox")
    box.selectAll()
    qtbot.keyClicks(box, "123")
    assert session.settings.seed == 0
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert session.settings.seed == 123
    assert "new run" in box.toolTip()


def test_the_figures_of_a_frame(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = opened(qtbot, session).findChild(Readouts)
    session.feed(frame(50, train_loss=0.15239, validation_loss=0.3))
    assert readouts.text("target") == "78.0\u202f%"
    assert readouts.text("source") == "68.5\u202f%"
    assert readouts.text("forgotten") == "28.5 points"
    assert readouts.text("train") == "0.1524"
    assert readouts.text("validation") == "0.3000"


def test_figures_that_are_none_are_said_to_be_none(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = opened(qtbot, session).findChild(Readouts)
    session.feed(frame(1, target_accuracy=None, train_loss=math.nan, validation_loss=math.inf))
    assert readouts.text("target") == "–"
    assert readouts.text("train") == readouts.text("validation") == "not a number"


def test_the_source_can_get_better(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = opened(qtbot, session).findChild(Readouts)
    session.feed(frame(1, source_accuracy=0.98))
    assert readouts.text("forgotten") == "−1.0 points"


def test_a_change_says_from_which_step_it_holds(qtbot: QtBot) -> None:
    session = FakeSession()
    readouts = opened(qtbot, session).findChild(Readouts)
    session.feed(frame(300))
    session.apply(300)
    session.update(learning_rate=0.01)
    assert readouts.change_text() == "η 0.003 → 0.01 at the next step…"
    session.apply(300)
    assert readouts.change_text() == "η 0.003 → 0.01 from step 301"
    session.feed(frame(0, run=2))
    assert readouts.change_text() == ""


def test_it_dies_when_it_is_closed(qtbot: QtBot) -> None:
    session = FakeSession()
    panel = ControlPanel(session)
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
