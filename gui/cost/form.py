"""Form of the cost dialog: a model, perhaps with a shape of its own; a method and its numbers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from engine.protocol.catalogue import CostCatalogue, CostFamily, CostMethod, CostModel
from gui.cost.fields import CountField, FormRow, Switch, toggle_row
from gui.theme import SPACE, appearance
from gui.widgets.box import vbox
from gui.widgets.combo_box import ComboBox

PREFERRED_WIDTH = 384
"""Pixels at the ordinary text size."""
OWN_SHAPE = ""
"""Stands for a model whose shape is typed in."""
DEFAULT_MODEL, DEFAULT_METHOD, DEFAULT_PRECISION = "roberta-base", "lora", 16
DIMENSIONS = {
    "blocks": ("Blocks", "identical blocks"),
    "width": ("Width d", "of the residual stream"),
    "inner": ("Inner width", "of the feed-forward layer"),
    "keys": ("Key width", "of keys and values; d without grouped queries"),
    "vocabulary": ("Vocabulary", "size of the vocabulary"),
    "context": ("Context", "longest context"),
}
"""Dimension of the user's own model -> (caption, hint)."""
COUNTS = {
    "rank": ("Rank r", "of each ΔW"),
    "bottleneck": ("Bottleneck", "width of an adapter"),
    "tokens": ("Prefix", "prepended tokens"),
    "tasks": ("Tasks", "each with its own checkpoint"),
}
"""Field of the plan -> (caption, hint)."""
DEFAULTS = {"rank": 8, "bottleneck": 64, "tokens": 20, "tasks": 10}
TARGETS = ("q", "k", "v", "o", "up", "down", "gate")
TARGET_NAMES = {
    "q": "queries", "k": "keys", "v": "values", "o": "attention's output",
    "up": "into the feed-forward layer", "down": "out of the feed-forward layer",
    "gate": "the feed-forward layer's gate",
}  # fmt: skip
PRECISION_NAMES = {8: "LLM.int8()", 4: "NF4 with double quantisation"}


class PlanForm(QWidget):
    """Form with all fields of a plan; those that the method does not use are disabled."""

    changed = Signal()
    """Emitted when the plan changes."""

    def __init__(self) -> None:
        super().__init__()
        self._models: dict[str, CostModel] = {}
        self._methods: dict[str, CostMethod] = {}
        self._families: dict[str, CostFamily] = {}
        self._defaults: dict[str, object] = {}
        self._model = ComboBox("costModelBox", "Model")
        self._family = ComboBox("cost.family", "Architecture")
        self._method = ComboBox("costMethodBox", "Method")
        self._counts = {
            field: CountField(f"cost.{field}", name)
            for field, (name, _) in {**DIMENSIONS, **COUNTS}.items()
        }
        self._flags = {
            "gated": Switch("gate", "cost.gated", "Feed-forward layer with a gate"),
            "biases": Switch("biases", "cost.biases", "Matrices and norms with biases"),
        }
        self._targets = {
            name: Switch(name, f"cost.target.{name}", f"Change {name}: {TARGET_NAMES[name]}")
            for name in TARGETS
        }
        self._precisions: dict[int, Switch] = {}
        self._precision_row = toggle_row()
        self._rows = self._new_rows()
        vbox(*dict.fromkeys(self._rows.values()), 0, on=self, spacing=SPACE // 2)
        for field, first in DEFAULTS.items():
            self._counts[field].show_value(first)
        for target, switch in self._targets.items():
            switch.setToolTip(TARGET_NAMES[target].capitalize())
        for count in self._counts.values():
            count.changed.connect(self._on_field_changed)
        for switch in (*self._targets.values(), *self._flags.values()):
            switch.clicked.connect(self._on_field_changed)
        self._model.currentIndexChanged.connect(self._on_model_current_index_changed)
        self._family.currentIndexChanged.connect(self._on_family_current_index_changed)
        self._method.currentIndexChanged.connect(self._on_method_current_index_changed)

    def sizeHint(self) -> QSize:
        """Return the preferred size; with less width the notes wrap."""
        width = round(PREFERRED_WIDTH * appearance.layout_scale)
        return QSize(width, super().sizeHint().height())

    # ------------------------------------------------------------ building

    def _new_rows(self) -> dict[str, FormRow]:
        """Return field -> its row, from the top; the shape's are there for the user's own model."""
        flags = FormRow("Has", toggle_row(*self._flags.values()), "in every block")
        targets = toggle_row(*self._targets.values())
        counts = {
            field: FormRow(name, self._counts[field], hint)
            for field, (name, hint) in {**DIMENSIONS, **COUNTS}.items()
        }
        return {
            "preset": FormRow("Model", self._model, wide=True),
            "family": FormRow("Architecture", self._family, wide=True),
            **{field: counts[field] for field in DIMENSIONS},
            "gated": flags,
            "biases": flags,
            "method": FormRow("Method", self._method, wide=True),
            **{field: counts[field] for field in ("rank", "bottleneck", "tokens")},
            "targets": FormRow("Matrices", targets, wide=True),
            "precision": FormRow("Precision", self._precision_row, "per frozen weight", wide=True),
            "tasks": counts["tasks"],
        }

    def set_catalogue(self, catalogue: CostCatalogue) -> None:
        """Offer a catalogue; the present choice is kept."""
        is_first = not self._models
        model = DEFAULT_MODEL if is_first else self._model.currentData()
        method = self._method.currentData() or DEFAULT_METHOD
        self._models = {model.name: model for model in catalogue.models}
        self._methods = {method.name: method for method in catalogue.methods}
        pairs = [(model.name, model.label) for model in catalogue.models]
        self._model.set_items([*pairs, (OWN_SHAPE, "Custom model…")], model)
        self._method.set_items([(item.name, item.label) for item in catalogue.methods], method)
        self._families = {family.name: family for family in catalogue.families}
        family = self._family.currentData() or catalogue.families[0].name
        self._family.set_items([(item.name, item.label) for item in catalogue.families], family)
        if is_first:
            self._show_dimensions(self._models[model].dimensions)
        self._offer_precisions(catalogue.precisions)
        self._update_method()
        self._update_targets()

    def _offer_precisions(self, precisions: tuple[int, ...]) -> None:
        row = self._precision_row.layout()
        assert isinstance(row, QHBoxLayout)
        for bits in precisions:
            if bits not in self._precisions:
                switch = Switch(
                    f"{bits}-bit", f"cost.precision.{bits}", f"{bits} bits per frozen weight",
                    one_of_many=True,
                )  # fmt: skip
                switch.setToolTip(PRECISION_NAMES.get(bits, "floating point"))
                switch.setChecked(bits == DEFAULT_PRECISION)
                switch.clicked.connect(self.changed)
                self._precisions[bits] = switch
                row.insertWidget(row.count() - 1, switch)

    # ------------------------------------------------------------ the plan

    def plan(self) -> dict[str, Any]:
        """Return the plan, valid or not, with only the fields that its method uses."""
        model, method = self._model.currentData(), self._methods[self._method.currentData()]
        plan: dict[str, Any] = {"preset": model}
        if model == OWN_SHAPE:
            plan = {"dimensions": self._dimensions()}
        plan["method"] = method.name
        for field in method.uses:
            plan[field] = (
                self._chosen_targets() if field == "targets" else self._counts[field].value()
            )
        bits = (bits for bits, switch in self._precisions.items() if switch.isChecked())
        return {**plan, "precision": next(bits), "tasks": self._counts["tasks"].value()}

    def _dimensions(self) -> dict[str, Any]:
        """Return the dimensions of the user's own model, valid or not."""
        return {
            "family": self._family.currentData(),
            **{field: self._counts[field].value() for field in DIMENSIONS},
            **{field: switch.isChecked() for field, switch in self._flags.items()},
        }

    def _show_dimensions(self, dimensions: dict[str, Any]) -> None:
        self._family.set_current_data(dimensions["family"])
        for field in DIMENSIONS:
            self._counts[field].show_value(dimensions[field])
        for field, switch in self._flags.items():
            switch.setChecked(dimensions[field])
        self._describe_family()

    def _describe_family(self) -> None:
        family = self._families[self._family.currentData()]
        self._family.setToolTip(f"Around the blocks: {family.note}")

    def model_label(self) -> str:
        """Return the chosen model's label."""
        model = self._models.get(self._model.currentData())
        return "a custom model" if model is None else model.label

    def method_label(self) -> str:
        """Return the chosen method's label."""
        return self._methods[self._method.currentData()].label

    def show_problem(self, field: str, problem: str) -> None:
        """Show a problem beside its field and clear all others; empty: there is none."""
        problem_row = self._rows.get(field, self._rows["preset"])
        for row in self._rows.values():
            row.set_problem(problem if problem and row is problem_row else "")

    def _chosen_targets(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, switch in self._targets.items()
            if switch.isChecked() and not switch.isHidden()
        )

    # ------------------------------------------------------------ dependent fields

    def _update_targets(self) -> None:
        model = self._models.get(self._model.currentData())
        for field in ("family", *DIMENSIONS, *self._flags):
            self._rows[field].setVisible(model is None)
        if model is None:
            gated = self._flags["gated"].isChecked()
            projections = set(TARGETS) - (set() if gated else {"gate"})
        else:
            projections = set(model.projections)
        for name, switch in self._targets.items():
            switch.setVisible(name in projections)

    def _update_method(self) -> None:
        """Disable unused fields; apply the method's defaults where the user kept the old ones."""
        method = self._methods[self._method.currentData()]
        for field in ("rank", "bottleneck", "tokens", "targets"):
            users = [method.label for method in self._methods.values() if field in method.uses]
            self._rows[field].set_reason(
                "" if field in method.uses else f"{_join_names(users)} only"
            )
        rank = self._counts["rank"]
        if "rank" in method.uses and rank.value() == self._defaults.get("rank", rank.value()):
            rank.show_value(method.rank)
            self._defaults["rank"] = method.rank
        chosen = self._chosen_targets()
        if "targets" in method.uses and chosen in ((), self._defaults.get("targets", chosen)):
            for name, switch in self._targets.items():
                switch.setChecked(name in method.targets)
            self._defaults["targets"] = method.targets

    @Slot()
    def _on_model_current_index_changed(self) -> None:
        if self._model.currentData() != OWN_SHAPE:
            self._show_dimensions(self._models[self._model.currentData()].dimensions)
        self._update_targets()
        self.changed.emit()

    @Slot()
    def _on_method_current_index_changed(self) -> None:
        self._update_method()
        self.changed.emit()

    @Slot()
    def _on_family_current_index_changed(self) -> None:
        family = self._families[self._family.currentData()]
        self._flags["gated"].setChecked(family.gated)
        self._flags["biases"].setChecked(family.biases)
        self._describe_family()
        self._on_field_changed()

    @Slot()
    def _on_field_changed(self) -> None:
        self._update_targets()
        self.changed.emit()


def _join_names(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
