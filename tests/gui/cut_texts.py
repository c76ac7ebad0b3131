"""Texts that cannot be read: cut by their own widget or by one around it, and scrolled nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QWidget,
)

from gui.lessons.card.run_button import PADDING, RunButton
from gui.stage.header import Header
from gui.widgets.label import ElidedLabel
from gui.window import Window
from tests.gui.patience import settle

SLACK = 1
"""Pixels by which a text may be too large: Qt rounds."""
KINDS = (QLabel, QAbstractButton, QComboBox, QLineEdit, QAbstractSlider)


def cut_texts(window: QWidget) -> list[str]:
    """What is cut, as “widget: why”. What scrolls is not, nor what ends in “…” with a tooltip."""
    return [
        f"{_path(widget)}: {fault}"
        for kind in KINDS
        for widget in window.findChildren(kind)
        if widget.isVisible() and not isinstance(widget.parentWidget(), QComboBox)
        for fault in _faults(widget, window)
    ]


def _faults(widget: QWidget, window: QWidget) -> Iterator[str]:
    yield from _outside(widget, window)
    if isinstance(widget, QLabel):
        needed = _label_size(widget)
    elif isinstance(widget, QAbstractButton) and widget.text():
        needed = _button_size(widget)
    else:
        return
    if widget.width() + SLACK < needed.width() or widget.height() + SLACK < needed.height():
        yield f"{widget.text()!r} needs {needed.toTuple()}, has {widget.size().toTuple()}"


def _outside(widget: QWidget, window: QWidget) -> Iterator[str]:
    """Name the first widget around one that cuts it, and cannot scroll to it."""
    place, around = QRect(widget.rect()), widget
    while around is not window:
        place.translate(around.pos())
        around = around.parentWidget()
        if isinstance(around, Header):  # it scrolls sideways with the rows
            return
        seen = around.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK)
        area = around.parentWidget()
        if isinstance(area, QScrollArea):
            sideways = area.horizontalScrollBarPolicy() != Qt.ScrollBarPolicy.ScrollBarAlwaysOff
            if not sideways and (place.left() < seen.left() or place.right() > seen.right()):
                yield f"{place.getRect()} is beside {_path(around)} {around.rect().getRect()}"
            return
        if not seen.contains(place):
            yield f"{place.getRect()} is outside of {_path(around)} {around.rect().getRect()}"
            return


def _label_size(label: QLabel) -> QSize:
    """Return the size that a label needs for its text, in pixels."""
    if isinstance(label, ElidedLabel) or not label.text():
        return QSize(0, 0)
    if label.wordWrap():
        parts = re.split(r"\s+|(?<=/)", label.text())  # a path breaks behind a slash
        words = max(map(label.fontMetrics().horizontalAdvance, parts), default=0)
        return QSize(words, label.heightForWidth(label.width()))
    metrics, lines = label.fontMetrics(), label.text().splitlines()
    width = max(map(metrics.horizontalAdvance, lines))
    return QSize(width, metrics.tightBoundingRect(label.text()).height())


def _button_size(button: QAbstractButton) -> QSize:
    """Return the size that a button needs for its text and its icon, in pixels."""
    metrics = button.fontMetrics()
    if isinstance(button, RunButton):  # it wraps
        room = QRect(0, 0, button.width() - PADDING, button.height())
        return metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, button.text()).size()
    width = metrics.size(Qt.TextFlag.TextShowMnemonic, button.text()).width()
    size = QSize(width, metrics.tightBoundingRect(button.text()).height())
    below = Qt.ToolButtonStyle.ToolButtonTextUnderIcon
    if button.icon().isNull():
        return size
    if isinstance(button, QToolButton) and button.toolButtonStyle() == below:
        return size + QSize(0, button.iconSize().height())
    return size + QSize(button.iconSize().width(), 0)


def _path(widget: QWidget) -> str:
    """Return the names of a widget and of three around it."""
    names: list[str] = []
    around: QWidget | None = widget
    while around is not None and len(names) < 4:
        names.insert(0, around.objectName() or type(around).__name__)
        around = around.parentWidget()
    return "/".join(names)


def cards_with_cut_texts(window: Window, lesson: str) -> dict[int, list[str]]:
    """Open a lesson and turn its cards: index of a card -> what is cut beside it."""
    assert window.lesson_panel.open_named(lesson)
    found = {}
    while not window.lesson_controller.finished:
        settle()
        if cut := cut_texts(window):
            found[window.lesson_controller.index] = cut
        window.lesson_controller.next()
    return found
