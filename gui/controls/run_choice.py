"""Run choice: the two boxes for strategy and task."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.protocol.messages import StrategyInfo
from gui.session import Session
from gui.text.settings_change import fallback_label
from gui.theme import SPACE, TINY, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.combo_box import ComboBox
from gui.widgets.label import Label

STRATEGY_WIDTH, TASK_WIDTH, MIN_WIDTH = 208, 200, 88
"""Pixels at the ordinary text size; they do not depend on the choice, so that none moves others."""


class RunChoice(QWidget):
    """Lists what the engine offers; before it is ready, what is set."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._strategy = ComboBox("strategyBox", "Strategy")
        self._task = ComboBox("taskBox", "Task")
        columns = []
        for name, box in (("Strategy", self._strategy), ("Task", self._task)):
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            caption = Label(name, scale=TINY, colour="muted")
            caption.setObjectName(f"{box.objectName()}Caption")
            columns.append(vbox(caption, box, spacing=1))
        hbox(*columns, on=self, spacing=SPACE)
        self._fill()
        self._on_appearance_changed()
        self._strategy.currentIndexChanged.connect(self._on_strategy_current_index_changed)
        self._task.currentIndexChanged.connect(self._on_task_current_index_changed)
        session.state.settings_changed.connect(self._show)
        session.state.catalogue_changed.connect(self._fill)
        appearance.changed.connect(self._on_appearance_changed)

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
        self._show()

    @Slot()
    def _show(self) -> None:
        settings = self._session.state.settings
        self._strategy.set_current_data(settings.strategy)
        self._task.set_current_data(settings.task)
        strategy, task = self._session.state.strategy_info(), self._session.state.task_info()
        self._strategy.setToolTip("" if strategy is None else strategy.summary)
        self._task.setToolTip(
            "" if task is None else f"Pretrained on {task.source}, tuned for {task.target}"
        )

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

    @Slot()
    def _on_appearance_changed(self) -> None:
        for box, width in ((self._strategy, STRATEGY_WIDTH), (self._task, TASK_WIDTH)):
            box.setMinimumWidth(round(MIN_WIDTH * appearance.text_scale))
            box.setMaximumWidth(round(width * appearance.text_scale))
        self.setMaximumWidth(self._strategy.maximumWidth() + SPACE + self._task.maximumWidth())


def grouped(strategies: tuple[StrategyInfo, ...]) -> dict[str, list[tuple[str, str]]]:
    """Return heading -> (name, label) of its strategies, all in the order of the catalogue."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for info in strategies:
        groups.setdefault(info.group, []).append((info.name, info.label))
    return groups
