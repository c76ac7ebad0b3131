"""The boxes for strategy and task, each behind its name."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

from engine.protocol.messages import StrategyInfo
from gui.session import Session
from gui.text.settings_change import fallback_label
from gui.theme import SMALL, SPACE, appearance
from gui.widgets.box import Part, hbox
from gui.widgets.combo_box import ComboBox
from gui.widgets.label import Label

FRAME_WIDTH, ARROW_WIDTH = 16, 20
"""Pixels of a box beside its text; the arrow grows with icons, as in the style sheet."""
MIN_TEXT_WIDTH = 60
"""Pixels that are left of a text at least, at the ordinary text size."""


class FittedComboBox(ComboBox):
    """As wide as its longest item, where there is room; else its text ends in “…”."""

    @staticmethod
    def _frame_width() -> int:
        return FRAME_WIDTH + round(ARROW_WIDTH * appearance.icon_scale)

    def _text_width(self) -> int:
        """Return the width of the longest item; headings do not count."""
        items = (self.itemText(i) for i in range(self.count()) if self.itemData(i) is not None)
        return max(map(self.fontMetrics().horizontalAdvance, items), default=0) + 1

    def sizeHint(self) -> QSize:
        """Qt's hook: room for the longest item."""
        return QSize(self._text_width() + self._frame_width(), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: room for the beginning of a name."""
        least = round(MIN_TEXT_WIDTH * appearance.text_scale) + self._frame_width()
        return QSize(min(least, self.sizeHint().width()), super().sizeHint().height())

    def showPopup(self) -> None:
        """Qt's hook: the list is as wide as its longest item, also where the box is not."""
        self.view().setMinimumWidth(self._text_width() + self._frame_width())
        super().showPopup()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt's hook: shorten the text; Qt would cut it."""
        option, painter = QStyleOptionComboBox(), QStylePainter(self)
        self.initStyleOption(option)
        width = self.width() - self._frame_width() + 1
        elided = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, width
        )
        option.currentText = elided
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


class RunChoice(QWidget):
    """Lists what the engine offers; before it is ready, what is set."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._strategy = FittedComboBox("strategyBox", "Strategy")
        self._task = FittedComboBox("taskBox", "Task")
        parts: list[Part] = []
        for name, box in (("Strategy", self._strategy), ("Task", self._task)):
            box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
            caption = Label(name, scale=SMALL, colour="muted")
            caption.setObjectName(f"{box.objectName()}Caption")
            parts += [caption, box]
        row = hbox(*parts, on=self, spacing=SPACE // 2)
        row.insertSpacing(2, SPACE // 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._fill()
        self._strategy.currentIndexChanged.connect(self._on_strategy_current_index_changed)
        self._task.currentIndexChanged.connect(self._on_task_current_index_changed)
        session.state.settings_changed.connect(self._show)
        session.state.catalogue_changed.connect(self._fill)

    @Slot()
    def _fill(self) -> None:
        settings, catalogue = self._session.state.settings, self._session.state.catalogue
        for box in (self._strategy, self._task):
            box.setEnabled(catalogue is not None)
        strategies = {"": [(settings.strategy, fallback_label(settings.strategy))]}
        tasks = [(settings.task, fallback_label(settings.task))]
        if catalogue is not None:
            strategies = grouped(catalogue.strategies)
            tasks = [(info.name, info.label) for info in catalogue.tasks]
        self._strategy.set_grouped_items(strategies, settings.strategy)
        self._task.set_items(tasks, settings.task)
        for box in (self._strategy, self._task):
            box.updateGeometry()
        self._show()

    @Slot()
    def _show(self) -> None:
        settings = self._session.state.settings
        self._strategy.set_current_data(settings.strategy)
        self._task.set_current_data(settings.task)
        strategy, task = self._session.state.strategy_info(), self._session.state.task_info()
        if strategy is not None:
            self._strategy.setToolTip(f"{strategy.label}: {strategy.summary}")
        if task is not None:
            hint = f"{task.label}. Source: {task.source}. Target: {task.target}."
            self._task.setToolTip(hint)

    @Slot()
    def _on_strategy_current_index_changed(self) -> None:
        name = self._strategy.currentData()
        if name is None:  # a heading
            self._strategy.set_current_data(self._session.state.settings.strategy)
        else:
            self._session.editor.choose_strategy(name)

    @Slot()
    def _on_task_current_index_changed(self) -> None:
        self._session.editor.update(task=self._task.currentData())


def grouped(strategies: tuple[StrategyInfo, ...]) -> dict[str, list[tuple[str, str]]]:
    """Return heading -> (name, label) of its strategies, all in the order of the catalogue."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for info in strategies:
        groups.setdefault(info.group, []).append((info.name, info.label))
    return groups
