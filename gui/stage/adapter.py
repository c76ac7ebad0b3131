"""An adapter as it stands in the network: D → ReLU → U, added to what the layer hands on."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.protocol.messages import LayerFrame
from gui.stage.heatmap import INSET, Heatmap
from gui.stage.linked import LinkedMaps
from gui.stage.name_block import NameBlock
from gui.stage.plan import Plan, adapter_axis
from gui.stage.scale import Scales, part
from gui.stage.text import SMALL, Text
from gui.stage.words import moving, title
from gui.theme import SPACE

FLOW = "→ ReLU →"
SUM = "⊕"
TITLES = {"down": "D", "up": "U"}


class AdapterView(QWidget):
    """The two matrices of an adapter, true to shape, under its name and lock."""

    def __init__(self, down: str, up: str, parent: QWidget) -> None:
        """Args: down, up: names of its two layers, adapter1.down and adapter1.up."""
        super().__init__(parent)
        self.unit = down.partition(".")[0]
        self.name = NameBlock(self.unit, self)
        self._maps = (self._make_map(down), self._make_map(up))
        self.linked = tuple(
            LinkedMaps(name, (heatmap,), self)
            for name, heatmap in zip((down, up), self._maps, strict=True)
        )
        self._flow = Text(FLOW, self, scale=SMALL, role="muted")
        self._sum = Text(SUM, self, role="muted")

    def _make_map(self, layer: str) -> Heatmap:
        heatmap = Heatmap(f"{TITLES[part(layer)]} of {title(self.unit).lower()}", self)
        heatmap.setObjectName(f"heatmap.{layer}.updated")
        return heatmap

    def draw(self, down: LayerFrame, up: LayerFrame, scales: Scales) -> None:
        """Show the matrices that the network computes with."""
        for layer, heatmap in zip((down, up), self._maps, strict=True):
            heatmap.draw(layer.updated, scales[part(layer.name)])
        trainable = down.trainable_parameters + up.trainable_parameters
        total = down.total_parameters + up.total_parameters
        bottleneck, inputs = down.updated.shape
        shape = f"{inputs} → {bottleneck} → {up.updated.shape[0]}"
        short = f"{trainable:,}" if trainable else ""
        self.name.say(shape, moving(trainable, total), short)

    def sign_widths(self) -> tuple[int, int]:
        """Pixels that "→ ReLU →" and "⊕" take, with the air beside them."""
        return self._flow.width() + 2 * SPACE, self._sum.width() + SPACE

    def height_in(self, plan: Plan) -> int:
        """Pixels from the upper edge of the name to the lower edge of the pictures."""
        return self._axis(plan)[1]

    def _axis(self, plan: Plan) -> tuple[int, int]:
        name = self.name.height_for(self._name_width(plan), short=True)
        return adapter_axis(self._maps[0].matrix().shape, plan.factor_cell, name)

    def _name_width(self, plan: Plan) -> int:
        down = self._maps[0].picture_size(plan.factor_cell).width() + self._flow.width() + SPACE
        return max(down, self.name.stacked_width())

    def arrange(self, plan: Plan, top: int) -> None:
        """Stand with the upper edge at `top`, in the plan's slot."""
        down, up = self._maps
        for heatmap in self._maps:
            heatmap.set_cell(plan.factor_cell)
        down_size = down.picture_size(plan.factor_cell)
        up_size = up.picture_size(plan.factor_cell)
        width = self._name_width(plan)
        self.name.arrange(width, short=True)
        self.name.move(INSET, top)
        axis = top + self._axis(plan)[0]
        down.place(INSET, axis - down_size.height() // 2)
        flow_x = INSET + down_size.width() + SPACE
        self._flow.move(flow_x, axis - self._flow.height() // 2)
        up_x = INSET + width + SPACE
        up.place(up_x, axis - up_size.height() // 2)
        self._sum.move(up_x + up_size.width() + SPACE, axis - self._sum.height() // 2)

    def set_lock(self, frozen: bool, reason: str = "") -> None:
        """Lock and hatching. Args: reason: why it cannot be unlocked; empty: it can."""
        self.name.set_lock(frozen, reason)
        for heatmap in self._maps:
            heatmap.set_frozen(frozen)

    def restyle(self) -> None:
        """Take the theme and the text size in force."""
        self.name.restyle()
        self._flow.restyle()
        self._sum.restyle()
