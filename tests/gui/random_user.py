"""A user who tries everything, as a state machine: the real window over a real engine."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QSlider,
    QWidget,
)

from engine.protocol.messages import Frame
from engine.protocol.settings import SETTINGS, Settings
from gui.analysis.tabs import PAGES
from gui.controls.boxes import SeedBox
from gui.controls.value_slider import widget_name
from gui.lessons.card.choice_list import OptionRow
from gui.lessons.card.plots import CurvePad
from gui.lessons.card.run_button import RunButton
from gui.lessons.highlight_targets import TARGETS
from gui.matrices.heatmap import Heatmap
from gui.network_page.pad import Pad
from gui.session import Session
from gui.state.branches import find
from gui.state.notices import Notice
from gui.state.preferences import Preferences
from gui.text.setting_text import shown_text, shown_value
from gui.theme import Scheme, appearance
from gui.timeline.bar import position_text
from gui.widgets.value_field import ValueField
from gui.window import Window

PATIENCE_SECONDS = 90.0
"""A machine under load starts an engine slowly."""
BOXES = {
    "strategyBox": "strategy",
    "taskBox": "task",
    "optimizerBox": "optimizer",
    "scheduleBox": "schedule",
}
"""Object name of a box -> the field that it sets."""
CARD_BUTTONS = (
    "cardNext", "cardBack", "commitButton", "allLessons", "keepAnswers", "nextLesson",
    "lessonDone", "clearAnswersNow",
)  # fmt: skip
NONSENSE = ("", "nan", "inf", "-inf", "1e30", "-1", "−1", "0", "1e-30", "ten", "1,5", "1/0", "½",
            "9" * 40, "off", "<b>1</b>", "\u202e12", "1e400")  # fmt: skip
KEYS = (
    Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_R, Qt.Key.Key_T,
    Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_F2, Qt.Key.Key_Delete,
    Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Return,
    Qt.Key.Key_M, Qt.Key.Key_N, Qt.Key.Key_F, Qt.Key.Key_H, Qt.Key.Key_B, Qt.Key.Key_Period,
    Qt.Key.Key_PageDown, Qt.Key.Key_PageUp, *(Qt.Key(Qt.Key.Key_0 + digit) for digit in range(10)),
)  # fmt: skip
PRESENTING = (Qt.Key.Key_H, Qt.Key.Key_B, Qt.Key.Key_Period, Qt.Key.Key_PageDown,
              Qt.Key.Key_PageUp, Qt.Key.Key_F)  # fmt: skip
SIZES = ((1280, 720), (1600, 1000), (1100, 640), (300, 200), (1, 1), (2560, 1440))

share = st.floats(0, 1)


class RankBudget:
    """How many more engines a run may start; each takes a second or more."""

    def __init__(self, engines: int) -> None:
        self.engines = engines

    def take(self) -> bool:
        """Whether there was one left."""
        self.engines -= 1
        return self.engines >= 0


class RandomUser(RuleBasedStateMachine):
    """Acts at random; after each act the window is asked whether it is still sound."""

    qt_messages: Callable[[], list[str]]
    """What Qt has warned of since the test began."""
    budget: RankBudget

    def __init__(self) -> None:
        super().__init__()
        self.mishaps: list[str] = []
        self._hook = sys.excepthook
        sys.excepthook = self._on_exception
        self._heard = len(self.qt_messages())
        self._killed = self._killed_once = False
        self._typed = False
        self._open()

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        self.mishaps.append(f"{kind.__name__}: {error}")
        self._hook(kind, error, trace)

    # ------------------------------------------------------------ opening and closing

    def _open(self) -> None:
        appearance.start(Scheme.LIGHT)
        appearance.set_text_scale(1.0)
        self.session = Session(Settings())
        self._numbers = (0, 0)
        self.session.state.frame_changed.connect(self._check_numbers)
        self.session.start()
        self.window = Window(self.session, Preferences())
        self.window.resize(1280, 720)
        self.window.show()
        self.window.add_charts()
        self._wait(
            lambda: self.session.state.frame is not None and self.session.state.frame.run > 0
        )
        self._returned = 0
        self._refusals: list[str] = []
        self.session.state.notice_changed.connect(self._on_state_notice_changed)
        self.session.undo_stack.returned.connect(self._on_undo_stack_returned)
        self._beginning = self._bits()
        self._settings = self.session.state.settings

    def _on_state_notice_changed(self, notice: Notice | None) -> None:
        if notice is not None and notice.kind == "warning":
            self._refusals.append(notice.text)

    def _on_undo_stack_returned(self, number: int) -> None:
        self._returned = number or self._returned

    def _bits(self) -> tuple[bytes, ...]:
        """Every W′ on the stage."""
        frame = self.session.state.frame
        assert frame is not None
        return tuple(layer.updated.tobytes() for layer in frame.layers)

    def _undo_everything(self) -> None:
        """Undo all that was done: the run is the first one again, and begins as it began."""
        stack, state = self.session.undo_stack, self.session.state
        self._refusals.clear()
        while stack.undo_text:
            self.session.undo_stack.undo()
            self._wait(lambda: state.frame is not None and state.frame.command >= self._returned)
            assert self._refusals == []
        self.session.navigation.go_to_earliest()
        self._wait(lambda: self.session.navigation.target is None)
        self._settle()
        assert state.frame is not None and state.frame.step == 0
        others = state.settings.differences(self._settings)
        assert others == {}, (others, state.frame.run, state.frame.branch, state.notice)
        assert self._bits() == self._beginning

    def _check_numbers(self, frame: Frame) -> None:
        """No frame goes back to an older run or command, whatever engine it is from."""
        numbers = frame.run, frame.command
        in_order = all(new >= old for new, old in zip(numbers, self._numbers, strict=True))
        if not in_order or frame.run > frame.command:
            self.mishaps.append(f"run and command {numbers} after {self._numbers}")
        self._numbers = numbers

    def _close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    def teardown(self) -> None:
        """Whatever was done, in the end the engine has what the window shows."""
        try:
            self._settle()
            if not self._killed_once:
                self._undo_everything()
        finally:
            self._close()
            sys.excepthook = self._hook
            appearance.set_text_scale(1.0)

    def _wait(self, good: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not good():
            assert time.monotonic() < deadline, self._waiting()
            QTest.qWait(5)

    def _waiting(self) -> str:
        """What is shown while something is waited for in vain."""
        state = self.session.state
        frame = state.frame
        shown = None if frame is None else (frame.run, frame.step, frame.playing, frame.settings)
        return f"waited in vain: {state.notice}, {state.settings} and not {shown}"

    def _settle(self) -> None:
        """Wait until the engine has caught up, if there is one."""
        if not self.session.host.alive:
            return

        def caught_up() -> bool:
            frame = self.session.state.frame
            return frame is not None and frame.settings == self.session.state.settings

        self._wait(caught_up)
        frame = self.session.state.frame
        assert frame is not None
        frame = self.window.stage.step_view.displayed(frame)
        for layer in frame.layers:
            heatmap = self.window.findChild(Heatmap, f"heatmap.{layer.name}.delta")
            assert heatmap is None or heatmap.matrix().tobytes() == layer.delta.tobytes()

    # ------------------------------------------------------------ finding

    def _seen(self, kind: type[QWidget], name: str = "") -> list[Any]:
        """Widgets that a user could press."""
        found = self.window.findChildren(kind, name) if name else self.window.findChildren(kind)
        return [w for w in found if w.isVisible() and w.isEnabled() and w.width() > 0]

    def _click(self, widget: QWidget, x: float = 0.5, y: float = 0.5) -> None:
        place = QPoint(int(x * (widget.width() - 1)), int(y * (widget.height() - 1)))
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=place)

    def _pick(self, kind: type[QWidget], where: float, name: str = "") -> Any:
        found = self._seen(kind, name)
        return found[min(int(where * len(found)), len(found) - 1)] if found else None

    # ------------------------------------------------------------ what a user does

    @rule(milliseconds=st.integers(0, 150))
    def look_on(self, milliseconds: int) -> None:
        QTest.qWait(milliseconds)

    @rule()
    def rest(self) -> None:
        self._settle()

    @rule(name=st.sampled_from(["playButton", "stepButton", "resetButton", "themeButton"]))
    def press_transport(self, name: str) -> None:
        for button in self._seen(QAbstractButton, name):
            self._click(button)

    @rule(where=share)
    def press_any_button(self, where: float) -> None:
        button = self._pick(QAbstractButton, where)
        if button is not None:
            self._click(button)

    @rule(name=st.sampled_from(list(BOXES)),
          where=share)  # fmt: skip
    def choose(self, name: str, where: float) -> None:
        for box in self._seen(QComboBox, name):
            offered = [i for i in range(box.count()) if box.itemData(i) is not None]
            box.setCurrentIndex(offered[min(int(where * len(offered)), len(offered) - 1)])

    @rule(where=share, x=share)
    def click_a_slider(self, where: float, x: float) -> None:
        slider = self._pick(QSlider, where)
        if slider is not None:
            self._click(slider, x)

    @rule(where=share, keys=st.lists(st.sampled_from(
        [Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_PageUp]
    ), min_size=1, max_size=5))  # fmt: skip
    def move_a_slider_by_keys(self, where: float, keys: list[Qt.Key]) -> None:
        slider = self._pick(QSlider, where)
        if slider is not None:
            slider.setFocus()
            for key in keys:
                QTest.keyClick(slider, key)

    @rule(
        where=share,
        text=st.sampled_from(NONSENSE)
        | st.integers(-3, 10**6).map(str)
        | st.floats(1e-5, 1).map(repr),
        end=st.sampled_from([Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Tab]),
    )
    def type_a_value(self, where: float, text: str, end: Qt.Key) -> None:
        field = self._pick(QLineEdit, where)
        if field is not None:
            field.setFocus()
        if field is not None and field.hasFocus():  # not where another window has the keyboard
            self._typed = True
            field.selectAll()
            for sign in text:  # QTest aborts at a sign that is not ASCII
                _type(field, sign)
            QTest.keyClick(field, end)

    @rule(where=share, count=st.integers(1, 12))
    def scrub(self, where: float, count: int) -> None:
        for track in self._seen(QSlider, "timelineSlider"):
            first, last = track.minimum(), track.maximum()
            for number in range(count):
                track.setValue(first + round(where * (last - first)) - number)

    @rule(name=st.sampled_from(["stepBackButton", "stepOnButton", "nowButton"]))
    def press_timeline(self, name: str) -> None:
        for button in self._seen(QAbstractButton, name):
            self._click(button)

    @rule(where=share, act=st.sampled_from(["branch", "compare", "askDrop", "drop", "keep"]))
    def turn_to_a_branch(self, where: float, act: str) -> None:
        found = [b for b in self._seen(QAbstractButton) if b.objectName().startswith(f"{act}.")]
        if found:
            self._click(found[min(int(where * len(found)), len(found) - 1)])

    @rule(where=share)
    def fork(self, where: float) -> None:
        self.scrub(where, 1)
        self.session.editor.update(
            batch_size=16 if self.session.state.settings.batch_size == 32 else 32
        )

    @rule(layer=st.integers(1, 3))
    def toggle_a_lock(self, layer: int) -> None:
        for lock in self._seen(QAbstractButton, f"freeze.layer{layer}"):
            self._click(lock)

    @rule(where=share)
    def toggle_a_box(self, where: float) -> None:
        box = self._pick(QCheckBox, where)
        if box is not None:
            self._click(box, 0.05)

    @rule(where=share, x=share, y=share, click=st.booleans())
    def point_at_a_cell(self, where: float, x: float, y: float, click: bool) -> None:
        heatmap = self._pick(Heatmap, where)
        if heatmap is not None:
            place = QPoint(int(x * heatmap.width()), int(y * heatmap.height()))
            QTest.mouseMove(heatmap, place)
            if click:
                QTest.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=place)

    @rule(
        ways=st.lists(st.tuples(share, share), min_size=1, max_size=6),
        button=st.sampled_from([Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton]),
    )
    def draw(self, ways: list[tuple[float, float]], button: Qt.MouseButton) -> None:
        self.window.page_stack.show_page("network")
        for pad in self._seen(Pad):
            places = [QPoint(int(x * pad.width()), int(y * pad.height())) for x, y in ways]
            QTest.mousePress(pad, button, pos=places[0])
            for place in places:
                QTest.mouseMove(pad, place)
            QTest.mouseRelease(pad, button, pos=places[-1])

    @rule(number=st.integers(1, 16))
    def open_a_lesson(self, number: int) -> None:
        self.window.lesson_panel.open_named(str(number))

    @rule(name=st.sampled_from(CARD_BUTTONS), times=st.integers(1, 4))
    def press_on_a_card(self, name: str, times: int) -> None:
        for _ in range(times):
            for button in self._seen(QAbstractButton, name):
                self._click(button)

    @rule(where=share, commit=st.booleans())
    def answer_a_question(self, where: float, commit: bool) -> None:
        row = self._pick(OptionRow, where)
        if row is not None:
            self._click(row)
        for pad in self._seen(CurvePad):
            area = pad.area()
            for x, y in ((area.left(), area.bottom()), (area.right(), area.top() + where * 9)):
                place = QPoint(int(x), int(y))
                QTest.mousePress(pad.viewport(), Qt.MouseButton.LeftButton, pos=place)
                QTest.mouseRelease(pad.viewport(), Qt.MouseButton.LeftButton, pos=place)
        if commit:
            self.press_on_a_card("commitButton", 1)

    @rule(where=share)
    def start_a_run(self, where: float) -> None:
        found = [b for b in self._seen(RunButton) if b.objectName().startswith("run")]
        if found:
            self._click(found[int(where * (len(found) - 1))])

    @rule(page=st.sampled_from(PAGES))
    def open_a_page(self, page: str) -> None:
        self.window.show_tab(page)

    @rule()
    def close_dialogs(self) -> None:
        for dialog in self._seen(QDialog):
            dialog.close()

    @rule(key=st.sampled_from(KEYS))
    def press_a_key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key)

    @rule(key=st.sampled_from([Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3,
                               Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_Left,
                               Qt.Key.Key_Right]))  # fmt: skip
    def press_control_and(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window, key, Qt.KeyboardModifier.ControlModifier)

    @rule(keys=st.lists(st.sampled_from(PRESENTING), max_size=4))
    def present(self, keys: list[Qt.Key]) -> None:
        self.window.presenter.present(True)
        for key in keys:
            QTest.keyClick(self.window.focusWidget() or self.window, key)

    @rule(names=st.lists(st.sampled_from(sorted(TARGETS)), max_size=3))
    def speak_of(self, names: list[str]) -> None:
        self.window.card_setup.highlighter.show(tuple(names))

    @rule(size=st.sampled_from(SIZES))
    def resize(self, size: tuple[int, int]) -> None:
        self.window.resize(*size)

    @rule(count=st.integers(1, 40))
    def drag_the_rate(self, count: int) -> None:
        for slider in self._seen(QSlider, widget_name("learning_rate", "Slider")):
            for number in range(count):
                slider.setValue(-400 + 5 * number)

    @rule()
    def kill_the_engine(self) -> None:
        process_id = self.session.host.process_id
        if process_id is not None and self.session.host.alive and self.budget.take():
            os.kill(process_id, signal.SIGKILL)
            self._killed = self._killed_once = True
            self._wait(lambda: self._kind() == "error")

    @rule()
    def take_the_way_on(self) -> None:
        for button in self._seen(QAbstractButton, "noticeAction"):
            dead = not self.session.host.alive
            self._click(button)
            if dead:
                self._wait(lambda: self.session.host.alive)
                self._wait(lambda: self.session.state.notice is None or self._kind() != "info")

    @rule()
    def close_and_open_again(self) -> None:
        if self.budget.take():
            self._close()
            self._open()
            self._killed = self._killed_once = False

    @rule(times=st.integers(1, 4), again=st.booleans())
    def undo_and_redo(self, times: int, again: bool) -> None:
        for _ in range(times):
            self.session.undo_stack.undo()
        if again:
            self.session.undo_stack.redo()

    @rule(where=share)
    def open_an_earlier_run(self, where: float) -> None:
        runs = self.session.state.runs
        if runs is not None and runs.earlier:
            run = runs.earlier[int(where * (len(runs.earlier) - 1))]
            self.session.run_list.open(run.serial)

    # ------------------------------------------------------------ what must be so

    def _kind(self) -> str:
        return "" if self.session.state.notice is None else self.session.state.notice.kind

    @invariant()
    def nothing_went_wrong(self) -> None:
        QApplication.processEvents()
        assert self.mishaps == []
        assert self.qt_messages()[self._heard :] == []
        notice = self.session.state.notice
        if notice is not None and notice.kind == "error":
            assert "diverged" in notice.text or (self._killed and "stopped" in notice.text), notice
        if notice is not None and notice.kind == "warning":
            # A branch that a redo has just taken away may still be asked for.
            known = "branches, the largest number allowed", "This branch was dropped"
            assert self._typed or any(text in notice.text for text in known), notice

    @invariant()
    def the_window_says_where_it_is(self) -> None:
        frame, session = self.session.state.frame, self.session
        assert frame is not None
        branches = session.state.branches()
        if frame.playing or find(branches, frame.branch) is None:
            return
        if session.navigation.target is None:
            assert self.window.timeline.track.value() == frame.step
        assert self.window.timeline.position.text() == position_text(frame, branches)

    @invariant()
    def the_controls_show_the_settings(self) -> None:
        settings = self.session.state.settings
        for field in SETTINGS:
            self._check_slider(field, settings)
        for name, field in BOXES.items():
            for box in self.window.findChildren(QComboBox, name):
                assert box.currentData() == getattr(settings, field), name
        for box in self.window.findChildren(SeedBox):
            assert box.hasFocus() or box.problem or box.text() == f"{settings.seed:,}"

    def _check_slider(self, field: str, settings: Settings) -> None:
        for slider in self.window.findChildren(QSlider, widget_name(field, "Slider")):
            value = shown_value(field, settings)
            assert slider.value() == SETTINGS[field].slider.position(value), field
            typed = slider.parentWidget().findChild(ValueField)
            shown = typed.text() == shown_text(field, settings)
            assert typed.hasFocus() or typed.problem or shown, field


def _type(field: QLineEdit, sign: str) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        event = QKeyEvent(kind, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, sign)
        QApplication.sendEvent(field, event)
