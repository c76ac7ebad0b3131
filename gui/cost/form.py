"""What the user asks: a model, a method and its numbers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.protocol.messages import CostCatalogue, CostMethod, CostModel
from gui.cost.fields import CountField, FormRow, Switch
from gui.cost.shape_form import ShapeForm
from gui.theme import SPACE, appearance
from gui.widgets.combo_box import ComboBox

WIDTH = 384
"""Pixels at the ordinary text size."""
OWN = ""
"""Stands for a model that is typed in."""
FIRST_MODEL, FIRST_METHOD, FIRST_PRECISION = "roberta-base", "lora", 16
COUNTS = {
    "rank": ("Rank r", "of each ΔW", 8),
    "bottleneck": ("Bottleneck", "width of an adapter", 64),
    "tokens": ("Prefix", "tokens put in front", 20),
    "tasks": ("Tasks", "each with a checkpoint of its own", 10),
}
"""Field of the plan -> caption, hint and first value."""
TARGETS = ("q", "k", "v", "o", "up", "down", "gate")
TARGET_NAMES = {
    "q": "queries", "k": "keys", "v": "values", "o": "attention's output",
    "up": "into the feed-forward layer", "down": "out of the feed-forward layer",
    "gate": "the feed-forward layer's gate",
}  # fmt: skip
PRECISION_NAMES = {8: "LLM.int8()", 4: "NF4 with double quantisation"}


class PlanForm(QWidget):
    """Every field of a plan; those that the method does not use are greyed with the reason."""

    changed = Signal()
    """The plan is another one."""

    def __init__(self) -> None:
        super().__init__()
        self._models: dict[str, CostModel] = {}
        self._methods: dict[str, CostMethod] = {}
        self._brought: dict[str, object] = {}
        self._model = ComboBox("costModelBox", "Model")
        self._method = ComboBox("costMethodBox", "Method")
        self._shape = ShapeForm()
        self._counts = {
            field: CountField(f"cost.{field}", name) for field, (name, _, _) in COUNTS.items()
        }
        self._targets = {
            name: Switch(name, f"cost.target.{name}", f"Change {name}: {TARGET_NAMES[name]}")
            for name in TARGETS
        }
        self._precisions: dict[int, Switch] = {}
        self._precision_line = QWidget()
        self._rows = self._new_rows()
        self._lay_out()
        for field, (_, _, first) in COUNTS.items():
            self._counts[field].show_value(first)
            self._counts[field].changed.connect(self.changed)
        for switch in self._targets.values():
            switch.clicked.connect(self.changed)
        self._model.currentIndexChanged.connect(self._on_model_current_index_changed)
        self._method.currentIndexChanged.connect(self._on_method_current_index_changed)
        self._shape.changed.connect(self._on_shape_changed)

    def sizeHint(self) -> QSize:
        """As wide as the rows want to be; with less room the notes take more lines."""
        return QSize(round(WIDTH * max(1.0, appearance.text_scale)), super().sizeHint().height())

    # ------------------------------------------------------------ building

    def _new_rows(self) -> dict[str, FormRow]:
        rows = {
            "preset": FormRow("Model", self._model, wide=True),
            "method": FormRow("Method", self._method, wide=True),
        }
        for field in ("rank", "bottleneck", "tokens"):
            name, hint, _ = COUNTS[field]
            rows[field] = FormRow(name, self._counts[field], hint)
        rows["targets"] = FormRow("Matrices", _line(*self._targets.values()), wide=True)
        rows["precision"] = FormRow(
            "Precision", self._precision_line, "per frozen weight", wide=True
        )
        name, hint, _ = COUNTS["tasks"]
        rows["tasks"] = FormRow(name, self._counts["tasks"], hint)
        for target, switch in self._targets.items():
            switch.setToolTip(TARGET_NAMES[target].capitalize())
        return rows

    def _lay_out(self) -> None:
        _fill(self._precision_line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        for field, row in self._rows.items():
            column.addWidget(row)
            if field == "preset":
                column.addWidget(self._shape)
        column.addStretch()

    def offer(self, catalogue: CostCatalogue) -> None:
        """Let the user choose among these; what was chosen before stays."""
        first = not self._models
        model = FIRST_MODEL if first else self._model.currentData()
        method = self._method.currentData() or FIRST_METHOD
        self._models = {model.name: model for model in catalogue.models}
        self._methods = {method.name: method for method in catalogue.methods}
        pairs = [(model.name, model.label) for model in catalogue.models]
        self._model.set_items([*pairs, (OWN, "Own shape…")], model)
        self._method.set_items(((one.name, one.label) for one in catalogue.methods), method)
        self._shape.offer(catalogue.families)
        if first:
            self._shape.show_dimensions(self._models[model].dimensions)
        self._offer_precisions(catalogue.precisions)
        self._follow_method()
        self._follow_model()

    def _offer_precisions(self, precisions: tuple[int, ...]) -> None:
        line = self._precision_line.layout()
        assert isinstance(line, QHBoxLayout)
        for bits in precisions:
            if bits not in self._precisions:
                switch = Switch(
                    f"{bits}-bit", f"cost.precision.{bits}", f"{bits} bits per frozen weight",
                    one_of_many=True,
                )  # fmt: skip
                switch.setToolTip(PRECISION_NAMES.get(bits, "floating point"))
                switch.setChecked(bits == FIRST_PRECISION)
                switch.clicked.connect(self.changed)
                self._precisions[bits] = switch
                line.insertWidget(line.count() - 1, switch)

    # ------------------------------------------------------------ what is asked

    def plan(self) -> dict[str, Any]:
        """The plan as the fields have it, right or wrong; only what its method uses."""
        model, method = self._model.currentData(), self._methods[self._method.currentData()]
        plan: dict[str, Any] = {"preset": model}
        if model == OWN:
            plan = {"dimensions": self._shape.dimensions()}
        plan["method"] = method.name
        for field in method.uses:
            plan[field] = self._chosen() if field == "targets" else self._counts[field].value()
        bits = (bits for bits, switch in self._precisions.items() if switch.isChecked())
        return {**plan, "precision": next(bits), "tasks": self._counts["tasks"].value()}

    def model_label(self) -> str:
        """Of the chosen model."""
        model = self._models.get(self._model.currentData())
        return "your own model" if model is None else model.label

    def method_label(self) -> str:
        """Of the chosen method."""
        return self._methods[self._method.currentData()].label

    def show_problem(self, field: str, problem: str) -> None:
        """Say beside a field what is wrong with it, and of no other; empty: all is well."""
        rows = {**self._rows, **self._shape.rows()}
        place = rows.get(field, self._rows["preset"])
        for row in rows.values():
            row.set_problem(problem if problem and row is place else "")

    def _chosen(self) -> tuple[str, ...]:
        return tuple(
            name
            for name, switch in self._targets.items()
            if switch.isChecked() and not switch.isHidden()
        )

    # ------------------------------------------------------------ following

    def _follow_model(self) -> None:
        model = self._models.get(self._model.currentData())
        self._shape.setVisible(model is None)
        if model is None:
            known = set(TARGETS)
            if not self._shape.dimensions()["gated"]:
                known.discard("gate")
        else:
            known = set(model.projections)
        for name, switch in self._targets.items():
            switch.setVisible(name in known)

    def _follow_method(self) -> None:
        """Grey what it does not use; bring its defaults where an older method's still stand."""
        method = self._methods[self._method.currentData()]
        for field in ("rank", "bottleneck", "tokens", "targets"):
            users = [one.label for one in self._methods.values() if field in one.uses]
            self._rows[field].set_reason(
                "" if field in method.uses else f"only with {_listed(users)}"
            )
        rank = self._counts["rank"]
        if "rank" in method.uses and rank.value() == self._brought.get("rank", rank.value()):
            rank.show_value(method.rank)
            self._brought["rank"] = method.rank
        chosen = self._chosen()
        if "targets" in method.uses and chosen in ((), self._brought.get("targets", chosen)):
            for name, switch in self._targets.items():
                switch.setChecked(name in method.targets)
            self._brought["targets"] = method.targets

    @Slot()
    def _on_model_current_index_changed(self) -> None:
        if self._model.currentData() != OWN:
            self._shape.show_dimensions(self._models[self._model.currentData()].dimensions)
        self._follow_model()
        self.changed.emit()

    @Slot()
    def _on_method_current_index_changed(self) -> None:
        self._follow_method()
        self.changed.emit()

    @Slot()
    def _on_shape_changed(self) -> None:
        self._follow_model()
        self.changed.emit()


def _fill(line: QWidget, *widgets: QWidget) -> QWidget:
    layout = QHBoxLayout(line)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACE // 2)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch()
    return line


def _line(*widgets: QWidget) -> QWidget:
    return _fill(QWidget(), *widgets)


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
