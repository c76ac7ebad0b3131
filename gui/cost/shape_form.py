"""Form for the dimensions of the user's own model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import CostFamily
from gui.cost.fields import CountField, FormRow, Switch, toggle_row
from gui.theme import SPACE
from gui.widgets.box import vbox
from gui.widgets.combo_box import ComboBox

COUNTS = {
    "blocks": ("Blocks", "all alike"),
    "width": ("Width d", "of what flows from block to block"),
    "inner": ("Inner width", "of the feed-forward layer"),
    "keys": ("Key width", "of keys and values; d unless queries are grouped"),
    "vocabulary": ("Vocabulary", "tokens it knows"),
    "context": ("Context", "tokens it reads at once"),
}
"""Dimension -> (caption, hint)."""


class ShapeForm(QWidget):
    """Form with one row for each dimension."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._families: dict[str, CostFamily] = {}
        self._family = ComboBox("cost.family", "Built like")
        self._counts = {
            field: CountField(f"cost.{field}", name) for field, (name, _) in COUNTS.items()
        }
        self._gated = Switch("gate", "cost.gated", "Feed-forward layer with a gate")
        self._biases = Switch("biases", "cost.biases", "Matrices and norms with biases")
        self._rows = {"family": FormRow("Built like", self._family, wide=True)}
        for field, (name, hint) in COUNTS.items():
            self._rows[field] = FormRow(name, self._counts[field], hint)
        self._rows["gated"] = FormRow(
            "Has", toggle_row(self._gated, self._biases), "in every block"
        )
        self._rows["biases"] = self._rows["gated"]
        vbox(*dict.fromkeys(self._rows.values()), on=self, spacing=SPACE // 2)
        self._family.currentIndexChanged.connect(self._on_family_current_index_changed)
        for count in self._counts.values():
            count.changed.connect(self.changed)
        for toggle in (self._gated, self._biases):
            toggle.clicked.connect(self.changed)

    def set_families(self, families: tuple[CostFamily, ...]) -> None:
        """Offer the families that a model can belong to."""
        chosen = self._family.currentData() or families[0].name
        self._families = {family.name: family for family in families}
        self._family.set_items(((family.name, family.label) for family in families), chosen)

    def show_dimensions(self, dimensions: dict[str, Any]) -> None:
        """Show dimensions without emitting `changed`."""
        self._family.set_current_data(dimensions["family"])
        for field, count in self._counts.items():
            count.show_value(dimensions[field])
        self._gated.setChecked(dimensions["gated"])
        self._biases.setChecked(dimensions["biases"])
        self._describe()

    def dimensions(self) -> dict[str, Any]:
        """Return the dimensions, valid or not."""
        return {
            "family": self._family.currentData(),
            **{field: count.value() for field, count in self._counts.items()},
            "gated": self._gated.isChecked(),
            "biases": self._biases.isChecked(),
        }

    def rows(self) -> dict[str, FormRow]:
        """Return dimension -> its row."""
        return self._rows

    def _describe(self) -> None:
        family = self._families.get(self._family.currentData())
        if family is not None:
            self._family.setToolTip(f"Around the blocks: {family.note}")

    @Slot()
    def _on_family_current_index_changed(self) -> None:
        family = self._families[self._family.currentData()]
        self._gated.setChecked(family.gated)
        self._biases.setChecked(family.biases)
        self._describe()
        self.changed.emit()
