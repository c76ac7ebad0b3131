"""Keyboard: which widget gets the keys, and how Tab, the arrows and F6 move between them.

Keys belong to the window, where → steps and Space plays, until Tab leads to a control or somebody
types into a field. Enter, Escape and every use of the mouse give them back: no key that is meant
for the stage changes a setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QSplitter, QWidget
from shiboken6 import isValid

ONE_STOP = "oneStop"
"""Dynamic property of a container whose controls are one stop of Tab: the keys inside it."""
ALONG = {
    Qt.Orientation.Horizontal: {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1},
    Qt.Orientation.Vertical: {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1},
}
"""Orientation of a container -> key -> how many controls on."""
ARROWS = frozenset(key for keys in ALONG.values() for key in keys)
Stop = list[QWidget]
"""Controls that are one stop of Tab, in their order."""


def release_keyboard(control: QWidget) -> None:
    """Give the keyboard back to the window; Tab goes on from the control."""
    window = control.window()
    focused = window.focusWidget()
    if focused is None or (focused is not control and not control.isAncestorOf(focused)):
        return
    if window.focusPolicy() == Qt.FocusPolicy.NoFocus:
        focused.clearFocus()
    else:  # with the keyboard nowhere, the window's first button would get it from the next dialog
        window.setFocus()


def keep_escape(event: QEvent) -> bool:
    """Keep Escape for a field, which restores its value, from the window's own shortcuts."""
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.key() != Qt.Key.Key_Escape:
        return False
    event.accept()
    return True


def make_one_stop(
    container: QWidget, orientation: Qt.Orientation = Qt.Orientation.Horizontal
) -> None:
    """Make its controls one stop of Tab; arrows that they do not use go from one to the next."""
    container.setProperty(ONE_STOP, orientation)


class KeyboardFocus(QObject):
    """Moves the keyboard through a window; whoever owns the window passes on its two hooks.

    Args: window: has the keyboard at first, and after a click.  regions: its parts in the order of
    Tab and F6; controls that are in none of them come last.
    """

    def __init__(self, window: QWidget, regions: Sequence[QWidget]) -> None:
        super().__init__(window)
        self._window, self._regions = window, (*regions, window)
        self._last: QWidget | None = None
        # Qt gives a click to the nearest parent that wants it: fields, and else the window.
        window.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        window.setFocus()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._on_app_focus_changed)

    def move(self, *, forward: bool) -> bool:
        """Go to the next stop, for `focusNextPrevChild`. Returns: whether there is one."""
        stops = [stop for region in self._stops() for stop in region]
        if not stops:
            return False
        current, place = self._current(), -1 if forward else 0
        for number, stop in enumerate(stops):
            if current in stop:
                place = number
        self._enter(stops[(place + (1 if forward else -1)) % len(stops)], forward=forward)
        return True

    def handle_key(self, event: QKeyEvent) -> bool:
        """Act on F6 and on arrows that the focused control left. Returns: whether it did."""
        if event.key() == Qt.Key.Key_F6:
            self._change_region(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            return True
        focused = self._window.focusWidget()
        container = None if focused is None else self._container(focused)
        if focused is None or container is None or event.modifiers():
            return False
        step = ALONG[container.property(ONE_STOP)].get(Qt.Key(event.key()))
        if step is None:
            return False
        stop = next(s for region in self._stops() for s in region if focused in s)
        place = min(max(stop.index(focused) + step, 0), len(stop) - 1)
        self._focus(stop[place], Qt.FocusReason.OtherFocusReason)
        return True

    # ------------------------------------------------------------ finding

    def _stops(self) -> list[list[Stop]]:
        """Return the stops of each region that has any, in order."""
        regions: dict[int, dict[QWidget, Stop]] = {}
        for control in self._controls():
            holds = (number for number, r in enumerate(self._regions) if r.isAncestorOf(control))
            stops = regions.setdefault(next(holds), {})
            stops.setdefault(self._container(control) or control, []).append(control)
        return [list(regions[number].values()) for number in sorted(regions)]

    def _controls(self) -> Iterator[QWidget]:
        """Yield what Tab can reach, in Qt's order."""
        control: QWidget | None = self._window.nextInFocusChain()
        while control is not None and control is not self._window:
            takes_tab = control.focusPolicy() & Qt.FocusPolicy.TabFocus and not control.focusProxy()
            in_reach = control.isVisibleTo(self._window) and not _is_folded_away(control)
            if takes_tab and control.isEnabled() and in_reach:
                yield control
            control = control.nextInFocusChain()

    def _container(self, control: QWidget) -> QWidget | None:
        parent: QWidget | None = control
        while parent is not None and parent is not self._window:
            if parent.property(ONE_STOP) is not None:
                return parent
            parent = parent.parentWidget()
        return None

    def _current(self) -> QWidget | None:
        """Return the focused control, or the one that gave up the keyboard."""
        focused = self._window.focusWidget()
        return self._last if focused in (None, self._window) else focused

    # ------------------------------------------------------------ moving

    def _enter(self, stop: Stop, *, forward: bool) -> None:
        container = self._container(stop[0])
        before = None if container is None else container.focusWidget()
        reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
        self._focus(stop[0] if before is None or before not in stop else before, reason)

    def _focus(self, control: QWidget, reason: Qt.FocusReason) -> None:
        if isinstance(control, QAbstractButton):
            control.installEventFilter(self)
        control.setFocus(reason)

    def _change_region(self, step: int) -> None:
        regions = self._stops()
        if not regions:
            return
        current, place = self._current(), -1 if step > 0 else 0
        for number, region in enumerate(regions):
            if any(current in stop for stop in region):
                place = number
        self._enter(regions[(place + step) % len(regions)][0], forward=True)

    @Slot(QWidget, QWidget)
    def _on_app_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        window = getattr(self, "_window", None)
        if window is None or not isValid(window):
            return  # it is being deleted, and loses the focus on the way
        if old is not None and new in (None, self._window) and self._window.isAncestorOf(old):
            self._last = old

    def eventFilter(self, _button: QObject, event: QEvent) -> bool:
        """Qt's hook: leave a button's arrows to the window; it would take them for Tab."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        is_arrow = event.key() in ARROWS
        event.setAccepted(not is_arrow)
        return is_arrow


def _is_folded_away(control: QWidget) -> bool:
    """Return whether a divider was dragged over the part that holds the control."""
    part, above = control, control.parentWidget()
    while above is not None:
        if isinstance(above, QSplitter) and not above.sizes()[above.indexOf(part)]:
            return True
        part, above = above, above.parentWidget()
    return False
