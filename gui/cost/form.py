"""Form of the costs page: a model, perhaps typed in; a method, a batch, and bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.catalogue import CostCatalogue, CostFamily, CostMethod, CostModel
from gui.cost.field_texts import (
    ADAPTER_HINT,
    CHECKPOINTING_HINT,
    COUNTS,
    DIMENSIONS,
    FIRST_COUNTS,
    FLAGS,
    PRECISION_HINT,
    PRECISION_NAMES,
    STATE_HINT,
    TARGET_NAMES,
    TARGETS,
)
from gui.cost.fields import CountField, FormRow, Switch, SwitchRow
from gui.cost.flow_row import FlowRow
from gui.theme import SPACE
from gui.widgets.box import vbox
from gui.widgets.combo_box import ComboBox

OWN_SHAPE = ""
"""Stands for a model whose shape is typed in."""
DEFAULT_MODEL, DEFAULT_METHOD, DEFAULT_PRECISION, DEFAULT_STATE = "llama-3-8b", "lora", 16, 16
FUSED, FUSED_PARTS = "qkv", {"q", "k", "v"}
METHOD_FIELDS = ("rank", "bottleneck", "tokens", "targets", "adapter_bytes")
"""Fields that some methods alone read; the others' rows are hidden."""


class PlanForm(QWidget):
    """Form with the fields of a plan that its method reads."""

    changed = Signal()
    """Emitted when the plan changes."""

    def __init__(self) -> None:
        super().__init__()
        self._models: dict[str, CostModel] = {}
        self._methods: dict[str, CostMethod] = {}
        self._families: dict[str, CostFamily] = {}
        self._defaults: dict[str, object] = {}
        self._sequence = FIRST_COUNTS["sequence_length"]
        """Sequence length that was typed last; a model with a shorter context gets less."""
        self._chose_checkpointing = False
        self._model = ComboBox("costModelBox", "Model")
        self._family = ComboBox("cost.family", "Architecture")
        self._method = ComboBox("costMethodBox", "Method")
        self._counts = {
            field: CountField(f"cost.{field}", name)
            for field, (name, _) in {**DIMENSIONS, **COUNTS}.items()
        }
        self._flags = {
            field: Switch(name, f"cost.{field}", hint, hint)
            for field, (name, hint) in FLAGS.items()
        }
        self._targets = {
            name: Switch(name, f"cost.target.{name}", f"Change {name}: {hint}", hint)
            for name, hint in TARGET_NAMES.items()
        }
        self._targets[FUSED].setChecked(True)
        self._precision = SwitchRow("cost.precision", DEFAULT_PRECISION)
        self._state = SwitchRow("cost.state", DEFAULT_STATE)
        self._adapter = SwitchRow("cost.adapter", 4)
        self._checkpointing = Switch(
            "checkpointing", "cost.checkpointing", "Checkpointing", CHECKPOINTING_HINT
        )
        self._rows = self._new_rows()
        vbox(*dict.fromkeys(self._rows.values()), 0, on=self, spacing=SPACE // 2)
        for field, first in FIRST_COUNTS.items():
            self._counts[field].show_value(first)
        self._connect()

    # ------------------------------------------------------------ building

    def _new_rows(self) -> dict[str, FormRow]:
        """Return field -> its row, from the top; the shape's are there for the user's own model."""
        flags = FormRow("Has", FlowRow(*self._flags.values()), wide=True)
        targets = FlowRow(*self._targets.values())
        counts = {
            field: FormRow(name, self._counts[field], hint)
            for field, (name, hint) in {**DIMENSIONS, **COUNTS}.items()
        }
        again = FormRow("", FlowRow(self._checkpointing), CHECKPOINTING_HINT, wide=True)
        return {
            "preset": FormRow("Model", self._model, wide=True),
            "family": FormRow("Architecture", self._family, wide=True),
            **{field: counts[field] for field in DIMENSIONS},
            **dict.fromkeys(FLAGS, flags),
            "method": FormRow("Method", self._method, wide=True),
            **{field: counts[field] for field in ("rank", "bottleneck", "tokens")},
            "targets": FormRow("Matrices", targets, wide=True),
            "precision": FormRow("Weight bits", self._precision, PRECISION_HINT, wide=True),
            "batch_size": counts["batch_size"],
            "sequence_length": counts["sequence_length"],
            "checkpointing": again,
            "bytes_per_parameter": FormRow("Training bytes", self._state, STATE_HINT, wide=True),
            "adapter_bytes": FormRow("Adapter bytes", self._adapter, ADAPTER_HINT, wide=True),
            "tasks": counts["tasks"],
        }

    def _connect(self) -> None:
        self._counts["sequence_length"].changed.connect(self._on_sequence_length_changed)
        self._flags["biases"].clicked.connect(self._on_biases_clicked)
        for count in self._counts.values():
            count.changed.connect(self._on_field_changed)
        for switch in (*self._targets.values(), *self._flags.values()):
            switch.clicked.connect(self._on_field_changed)
        self._checkpointing.clicked.connect(self._on_checkpointing_clicked)
        self._precision.changed.connect(self._on_precision_changed)
        self._state.changed.connect(self._on_state_changed)
        self._adapter.changed.connect(self.changed)
        self._model.currentIndexChanged.connect(self._on_model_current_index_changed)
        self._family.currentIndexChanged.connect(self._on_family_current_index_changed)
        self._method.currentIndexChanged.connect(self._on_method_current_index_changed)

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
        self._precision.offer(
            {bits: (f"{bits} bits", PRECISION_NAMES.get(bits, "floating point"))
             for bits in catalogue.precisions}
        )  # fmt: skip
        self._state.offer({s.bytes: (str(s.bytes), f"{s.label}. {s.source}")
                           for s in catalogue.states})  # fmt: skip
        self._adapter.offer({size: (f"{size}", f"{8 * size} bits each")
                             for size in catalogue.adapter_bytes})  # fmt: skip
        self._update_method()
        self._update_targets()

    # ------------------------------------------------------------ the plan

    def plan(self) -> dict[str, Any]:
        """Return the plan, valid or not, with only the fields that its method uses."""
        model, method = self._model.currentData(), self._methods[self._method.currentData()]
        plan: dict[str, Any] = {"preset": model}
        if model == OWN_SHAPE:
            plan = {"dimensions": self._dimensions()}
        plan["method"] = method.name
        for field in method.uses:
            if field == "targets":
                plan[field] = self._chosen_targets()
            elif field == "adapter_bytes":
                plan[field] = self._adapter.value
            else:
                plan[field] = self._counts[field].value()
        return {
            **plan,
            "precision": self._precision.value,
            "bytes_per_parameter": self._state.value,
            "checkpointing": self._checkpointing.isChecked(),
            **{
                field: self._counts[field].value()
                for field in ("batch_size", "sequence_length", "tasks")
            },
        }

    def show_plan(self, plan: Mapping[str, Any]) -> None:
        """Fill in fields. Args: plan: preset, method, rank, precision, adapter_bytes, or some."""
        self._chose_checkpointing = False
        for field, box in (("preset", self._model), ("method", self._method)):
            place = box.findData(plan.get(field))
            box.setCurrentIndex(box.currentIndex() if place < 0 else place)
        if "rank" in plan:
            self._counts["rank"].show_value(plan["rank"])
        if "precision" in plan:
            self._precision.choose(plan["precision"])
            self._on_precision_changed()
        if "adapter_bytes" in plan:
            self._adapter.choose(plan["adapter_bytes"])
        self.changed.emit()

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
        self._counts["sequence_length"].show_value(min(self._sequence, dimensions["context"]))
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
        """Offer the matrices that the model has; a fused one as a whole, as PEFT adapts it."""
        model = self._models.get(self._model.currentData())
        for field in ("family", *DIMENSIONS, *self._flags):
            self._rows[field].setVisible(model is None)
        shape = self._dimensions() if model is None else model.dimensions
        offered = set(TARGETS) - (set() if shape["gated"] else {"gate"})
        if shape["fused"]:
            offered = offered - FUSED_PARTS | {FUSED}
        for name, switch in self._targets.items():
            switch.setVisible(name in offered)

    def _update_method(self) -> None:
        """Show the fields that are used; apply defaults where the user kept the old ones."""
        method = self._methods[self._method.currentData()]
        for field in METHOD_FIELDS:
            self._rows[field].setVisible(field in method.uses)
        rank = self._counts["rank"]
        if "rank" in method.uses and rank.value() == self._defaults.get("rank", rank.value()):
            rank.show_value(method.rank)
            self._defaults["rank"] = method.rank
        chosen = tuple(name for name in TARGETS if self._targets[name].isChecked())
        if "targets" in method.uses and chosen in ((), self._defaults.get("targets", chosen)):
            for name in TARGETS:
                self._targets[name].setChecked(name in method.targets)
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
        for field in ("gated", "biases", "tied", "fused"):
            self._flags[field].setChecked(getattr(family, field))
        self._flags["qkv_biases"].setChecked(family.biases)
        self._describe_family()
        self._on_field_changed()

    @Slot()
    def _on_precision_changed(self) -> None:
        if not self._chose_checkpointing:
            self._checkpointing.setChecked(self._precision.value < 16)
        if self._precision.value == 32:  # so are its adapters
            self._adapter.choose(4)
            self._state.choose(max(self._state.value, DEFAULT_STATE))
        self.changed.emit()

    @Slot()
    def _on_state_changed(self) -> None:
        self._adapter.choose(4 if self._state.value >= DEFAULT_STATE else 2)
        self.changed.emit()

    @Slot()
    def _on_checkpointing_clicked(self) -> None:
        self._chose_checkpointing = True
        self.changed.emit()

    @Slot()
    def _on_sequence_length_changed(self) -> None:
        typed = self._counts["sequence_length"].value()
        self._sequence = typed if isinstance(typed, int) else self._sequence

    @Slot()
    def _on_biases_clicked(self) -> None:
        self._flags["qkv_biases"].setChecked(self._flags["biases"].isChecked())

    @Slot()
    def _on_field_changed(self) -> None:
        self._update_targets()
        self.changed.emit()
