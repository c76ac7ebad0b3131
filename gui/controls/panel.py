"""Control panel: all settings of a run, in a scroll area."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from engine.protocol.messages import StrategyInfo, TaskInfo
from engine.protocol.setting import Choice, Flag, Section as Place
from engine.protocol.settings import SETTINGS, Settings, fields_in
from gui.controls.boxes import BatchBox, ChoiceBox, SeedBox, Toggle
from gui.controls.rate_curve import RateCurve
from gui.controls.value_slider import AlphaSlider, ValueSlider
from gui.session import Session
from gui.state.notices import STARTING
from gui.state.preferences import Preferences
from gui.text.setting_text import shown_text
from gui.text.settings_change import non_default_texts
from gui.theme import SPACE, TINY
from gui.widgets.box import vbox
from gui.widgets.collapsible import Section
from gui.widgets.label import Label
from gui.widgets.surface import SCROLL_BAR_WIDTH, ScrollArea

MIN_WIDTH = 240
"""Pixels."""
ALWAYS_SHOWN = ("rank", "alpha")
"""Fields that are disabled with a reason where a strategy does not use them; others are hidden."""
MAX_NAMED_USERS = 2
"""Strategies that a short reason names; where there are more, it names their kind."""


def new_control(session: Session, field: str) -> ChoiceBox | Toggle | ValueSlider:
    """Make the control of a settings field."""
    kind = SETTINGS[field].kind
    if isinstance(kind, Choice):
        return ChoiceBox(session, field)
    if isinstance(kind, Flag):
        return Toggle(session, field)
    return AlphaSlider(session) if field == "alpha" else ValueSlider(session, field)


class SettingsSection(Section):
    """Controls of a place, toggles last; while it is closed, its header says what is set inside."""

    def __init__(self, session: Session, place: Place, name: str) -> None:
        super().__init__(place, name)
        self._session = session
        fields = sorted(fields_in(place), key=lambda field: isinstance(SETTINGS[field].kind, Flag))
        self._controls = {field: new_control(session, field) for field in fields}
        for control in self._controls.values():
            self.add(control)
        self.show_settings()
        session.state.settings_changed.connect(self.show_settings)

    def summarise(self, settings: Settings) -> str:
        """Return a few words on what is set inside."""
        return ", ".join(non_default_texts(settings, self._controls)) or "nothing set"

    @Slot()
    def show_settings(self) -> None:
        """Show which controls have an effect, and the summary."""
        settings = self._session.state.settings
        for field, control in self._controls.items():
            why_unused = SETTINGS[field].why_unused
            if why_unused is not None and self.isAncestorOf(control):
                control.set_reason(*why_unused(settings))
        self.set_summary(self.summarise(settings))


class ScheduleSection(SettingsSection):
    """Schedule of the learning rate over the steps."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "schedule", "Schedule")
        fields = list(self._controls)
        self.add(RateCurve(session), fields.index("schedule") + 1)
        self._total = self._controls["total_steps"]
        self._total_index = fields.index("total_steps") + 1  # the curve stands above it

    def summarise(self, settings: Settings) -> str:
        """Return the schedule, and the warm-up unless the schedule has its own."""
        fields = () if settings.schedule == "slanted" else ("warmup_steps",)
        return ", ".join((shown_text("schedule", settings), *non_default_texts(settings, fields)))

    def place_total(self, outside: QVBoxLayout | None) -> None:
        """Move the slider of T out, as some strategies need it at a constant rate; None: back."""
        if outside is None and not self.isAncestorOf(self._total):
            self.add(self._total, self._total_index)
            self.show_settings()
        elif outside is not None and self.isAncestorOf(self._total):
            outside.addWidget(self._total)
            self._total.set_reason("")


class NetworkSection(SettingsSection):
    """Size of the network, its head, BatchNorm, and whether “frozen” includes its statistics."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "network", "Network")
        session.state.catalogue_changed.connect(self.show_settings)

    def summarise(self, settings: Settings) -> str:
        """Return the size, and whether there are a new head and a BatchNorm."""
        frozen = ", statistics frozen" if settings.freeze_statistics else ""
        norm = f", BatchNorm{frozen}" if settings.batch_norm else ""
        head = ", new head" if settings.new_head else ""
        return f"{settings.depth} × {settings.width:,}{head}{norm}"

    @Slot()
    def show_settings(self) -> None:
        """Show also whether the head is new anyway."""
        super().show_settings()
        head, state = self._controls["new_head"], self._session.state
        assert isinstance(head, Toggle)
        reason, long_reason = why_new_head(state.strategy_info(), state.task_info())
        head.set_reason(reason, long_reason)
        head.set_forced(bool(reason))


class ControlPanel(QWidget):
    """Shows the control of every setting."""

    height_changed = Signal()
    """`natural_height` is another."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__()
        self._session, self._preferences = session, preferences
        self._strategy_controls = {
            field: new_control(session, field) for field in fields_in("strategy")
        }
        self._schedule = ScheduleSection(session)
        overfitting = SettingsSection(session, "overfitting", "Overfitting")
        self._sections = (self._schedule, overfitting, NetworkSection(session))
        self._controls = self._new_controls()
        self._area = ScrollArea(self._controls, keeps_place=True)
        self._area.verticalScrollBar().rangeChanged.connect(self._on_area_range_changed)
        self._on_area_range_changed(0, 0)
        vbox(self._area, on=self)
        self._opened_section = ""
        self.setProperty("role", "panel")
        self.setMinimumWidth(MIN_WIDTH)
        self._show()
        for section in self._sections:
            section.set_open(section.key in preferences.open_sections)
            section.toggled.connect(self._on_section_toggled)
        session.state.settings_changed.connect(self._show)
        session.state.catalogue_changed.connect(self._show)

    def natural_height(self) -> int:
        """Return the height in which nothing scrolls, in pixels."""
        return self._controls.sizeHint().height()

    # ------------------------------------------------------------ building

    def _new_controls(self) -> QWidget:
        general = [new_control(self._session, field) for field in fields_in("general")]
        self._sliders = vbox(*general, *self._strategy_controls.values(), spacing=6)
        margins = 2 * SPACE, 6, 2 * SPACE - SCROLL_BAR_WIDTH, 2
        column = vbox(
            self._sliders, self._new_boxes(), vbox(*self._sections), 0,
            spacing=SPACE, margins=margins,
        )  # fmt: skip
        controls = QWidget()
        controls.setProperty("role", "panel")
        vbox(column, on=controls)
        return controls

    def _new_boxes(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(2)
        boxes = (
            ("Optimizer", ChoiceBox(self._session, "optimizer"), 5),
            ("Batch", BatchBox(self._session), 4),
            ("Seed", SeedBox(self._session), 3),
        )
        for column, (name, box, share) in enumerate(boxes):
            caption = Label(name, scale=TINY, colour="muted")
            caption.setObjectName(f"{box.objectName()}Caption")
            caption.setToolTip(box.toolTip())
            grid.addWidget(caption, 0, column)
            grid.addWidget(box, 1, column)
            grid.setColumnStretch(column, share)
            box.setMinimumWidth(40)
        return grid

    # ------------------------------------------------------------ following

    @Slot()
    def _show(self) -> None:
        info = self._session.state.strategy_info()
        used = () if info is None else info.controls
        for field, control in self._strategy_controls.items():
            if field in ALWAYS_SHOWN:
                control.set_reason(*_reason(field, info, self._session.state.strategies()))
            else:
                control.setVisible(field in used)
        self._schedule.place_total(self._sliders if "total_steps" in used else None)
        self.height_changed.emit()

    @Slot(str, bool)
    def _on_section_toggled(self, key: str, is_open: bool) -> None:
        if is_open:
            self._opened_section = key
            QTimer.singleShot(0, self._show_opened)  # once it has its height
        others = self._preferences.open_sections - {key}
        self._preferences.open_sections = others | {key} if is_open else others
        self.height_changed.emit()

    @Slot()
    def _show_opened(self) -> None:
        """Scroll just far enough to show the section just opened, its header above all."""
        for section in self._sections:
            if section.key == self._opened_section:
                bar, end = self._area.verticalScrollBar(), section.geometry().bottom()
                below = end + 1 - self._area.viewport().height()
                bar.setValue(min(max(bar.value(), below), section.y()))

    @Slot(int, int)
    def _on_area_range_changed(self, low: int, high: int) -> None:
        self._area.verticalScrollBar().setEnabled(low < high)  # the theme hides it where not


def _reason(
    field: str, info: StrategyInfo | None, offered: tuple[StrategyInfo, ...]
) -> tuple[str, str]:
    """Return why a control is disabled, in short and in full; empty where the strategy uses it."""
    if info is None:
        return "…", STARTING.text  # nothing says yet what the strategy uses
    if field in info.controls:
        return "", ""
    users = [other.label for other in offered if field in other.controls]
    if not users:
        return "not used", ""
    long_reason = f"{info.label} does not use it. Strategies that do: {', '.join(users)}."
    if any(other in info.controls for other in ALWAYS_SHOWN):
        return f"not with {info.label}", long_reason  # of the kind that the line below would name
    short = " and ".join(users) if len(users) <= MAX_NAMED_USERS else "LoRA methods"
    return f"{short} only", long_reason


def why_new_head(strategy: StrategyInfo | None, task: TaskInfo | None) -> tuple[str, str]:
    """Return why the head is new or random anyway, in short and in full; empty: it need not be.

    Args: strategy, task: of the settings; None: not known yet.
    """
    if strategy is not None and not strategy.pretrained:
        return "random anyway", f"{strategy.label} starts from random weights, head and all"
    if strategy is not None and strategy.new_head:
        return f"always, with {strategy.label}", f"{strategy.label} trains a new head on any task"
    if task is not None and not task.shares_head:
        return "always, on this task", "the pretrained head has other classes than the target"
    return "", ""
