"""The right column: how many weights move, what steers them, what came of it."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from engine.protocol.messages import Catalogue, StrategyInfo
from engine.protocol.network_shape import MAX_RANK
from engine.protocol.settings import MAX_WIDTH, OPTIMIZERS, Settings
from gui.controls.alpha_slider import AlphaSlider
from gui.controls.batch_box import BatchBox
from gui.controls.change_text import OPTIMIZER_NAMES
from gui.controls.choice import Choice
from gui.controls.moving_weights import MovingWeights
from gui.controls.readouts import Readouts
from gui.controls.scales import LogScale, Quantity, WholeScale
from gui.controls.seed_box import SeedBox
from gui.controls.text import Text
from gui.controls.value_slider import SMALL, ValueSlider
from gui.notices import STARTING
from gui.session import Session
from gui.theme import SPACE

WIDTH = 240

LEARNING_RATE = Quantity("learning_rate", "Learning rate", LogScale(-500, 0, 5, 50), ("10⁻⁵", "1"))
RANK = Quantity("rank", "Rank r", WholeScale(1, MAX_RANK), ("1", str(MAX_RANK)))
BOTTLENECK = Quantity(
    "bottleneck", "Bottleneck width", WholeScale(1, MAX_WIDTH), ("1", str(MAX_WIDTH))
)
HEAD_WIDTH = Quantity("head_width", "Head width", WholeScale(1, MAX_WIDTH), ("1", str(MAX_WIDTH)))

CHOSEN_BY_STRATEGY = ("rank", "alpha", "bottleneck", "head_width")
"""Settings that only some strategies use."""


class ControlPanel(QWidget):
    """Every control of a run, in one column, as high as it needs to be."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._sliders = {
            "learning_rate": ValueSlider(session, LEARNING_RATE, "learningRateSlider"),
            "rank": ValueSlider(session, RANK, "rankSlider"),
            "alpha": AlphaSlider(session),
            "bottleneck": ValueSlider(session, BOTTLENECK, "bottleneckSlider"),
            "head_width": ValueSlider(session, HEAD_WIDTH, "headWidthSlider"),
        }
        self._optimizer = Choice("optimizerBox", "Optimizer")
        self._optimizer.setToolTip("Acts at the next step; a new optimizer remembers nothing")
        self._optimizer.offer(
            ((name, OPTIMIZER_NAMES[name]) for name in OPTIMIZERS), session.settings.optimizer
        )
        self._lay_out(session)
        self._follow(session.settings)
        self._optimizer.currentIndexChanged.connect(self._on_optimizer_current_index_changed)
        session.settings_changed.connect(self._on_session_settings_changed)
        session.catalogue_changed.connect(self._on_session_catalogue_changed)

    # ------------------------------------------------------------ building

    def _lay_out(self, session: Session) -> None:
        self.setProperty("role", "panel")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * SPACE, SPACE + 4, 2 * SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(MovingWeights(session))
        for slider in self._sliders.values():
            column.addWidget(slider)
        column.addLayout(self._boxes(session))
        column.addWidget(_rule())
        column.addWidget(Readouts(session))
        column.addStretch()
        self.setMinimumWidth(WIDTH)

    def _boxes(self, session: Session) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(2)
        boxes = (("Optimizer", self._optimizer, 5), ("Batch", BatchBox(session), 4),
                 ("Seed", SeedBox(session), 3))  # fmt: skip
        for column, (name, box, share) in enumerate(boxes):
            caption = Text(name, scale=SMALL, colour="muted")
            caption.setToolTip(box.toolTip())
            grid.addWidget(caption, 0, column)
            grid.addWidget(box, 1, column)
            grid.setColumnStretch(column, share)
            box.setMinimumWidth(40)
        return grid

    # ------------------------------------------------------------ following

    def _follow(self, settings: Settings) -> None:
        info = self._session.strategy_info()
        self._optimizer.show_choice(settings.optimizer)
        for name in CHOSEN_BY_STRATEGY:
            self._sliders[name].set_reason(*_reason(name, info, self._session.strategies()))
        has_head_width = info is not None and "head_width" in info.controls
        # One place for a width: that of the head, or else that of the bottleneck.
        self._sliders["head_width"].setVisible(has_head_width)
        self._sliders["bottleneck"].setVisible(not has_head_width)

    @Slot(object, object)
    def _on_session_settings_changed(self, _old: Settings, new: Settings) -> None:
        self._follow(new)

    @Slot(object)
    def _on_session_catalogue_changed(self, _catalogue: Catalogue) -> None:
        self._follow(self._session.settings)

    @Slot()
    def _on_optimizer_current_index_changed(self) -> None:
        self._session.update(optimizer=self._optimizer.currentData())


def _reason(
    field: str, info: StrategyInfo | None, offered: tuple[StrategyInfo, ...]
) -> tuple[str, str]:
    """Why a control is greyed, in short and in full; empty where the strategy uses it."""
    if info is None:
        return "…", STARTING.text  # nothing says yet what the strategy uses
    if field in info.controls:
        return "", ""
    users = " and ".join(other.label for other in offered if field in other.controls)
    if not users:
        return "no strategy uses it", ""
    return f"only with {users}", f"{info.label} does not have it; {users} does."


def _rule() -> QFrame:
    rule = QFrame()
    rule.setProperty("role", "rule")
    rule.setFixedHeight(1)
    return rule
