"""Names by which a lesson highlights parts of the window, and their widgets; without Qt."""

from __future__ import annotations

import re

from engine.protocol.settings import SETTINGS
from engine.protocol.strategy_files import matrix_names
from gui.lessons.suggestion import did_you_mean
from gui.matrices.factor_kinds import LAYER_MATRICES

SECTIONS = ("schedule", "overfitting", "network")
"""Sections of the control panel, which can be highlighted as a whole."""


def _settings() -> dict[str, str]:
    """Return the controls of settings and their sections, by the names that lessons use."""
    widgets = {}
    for field, setting in SETTINGS.items():
        key = setting.key or field
        if setting.section in ("header", "boxes"):
            widgets[key] = f"{key}Box {key}BoxCaption"
        elif setting.section:
            widgets[key] = f"control.{field}"
    return {**widgets, **{section: f"controls.{section}" for section in SECTIONS}}


def _readouts(*keys: str) -> str:
    return " ".join(f"readoutName.{key} readout.{key}" for key in keys)


CONTROL_TARGETS = {
    "play": "playButton", "step": "stepButton", "reset": "resetButton", "speed": "speed",
    **_settings(),
    "inspector": "inspector | cellReadout | presentedFigures",
    "compare": "compareButton | comparePage",
    "costs": "costButton",
}  # fmt: skip
"""Names of controls, which a presenter has to show again before they can be highlighted."""
TARGETS = {
    **CONTROL_TARGETS,
    "moving": "moving",
    "accuracies": f"{_readouts('target', 'source', 'forgotten')} | presentedAccuracies",
    "losses": f"{_readouts('train', 'validation')} | lossChart | curvesPage",
    "sample": "sampleCard | networkPrevious networkNext",
    "timeline": "timeline",
    "curves": "curvesPage", "spectrum": "spectrumPage", "scale": "scalePage", "merge": "mergePage",
    "situations": "choicesSituations", "pitfalls": "choicesPitfalls",
    "stage": "stage", "moments": "microscopeStrip",
}  # fmt: skip
"""Fixed name -> object names of widgets; behind each | those for when none before is visible."""
TARGETS_HINT = f"there are {', '.join(TARGETS)}, and of a layer layer1, layer1.delta, head.lock …"

_BLOCK = re.compile(r"layer[1-9]\d*|head|adapter[1-9]\d*")
_LAYER = re.compile(r"layer[1-9]\d*|head(\.(hidden|output))?|adapter[1-9]\d*\.(down|up)")
_WITHOUT_W = re.compile(r"adapter[1-9]\d*\.(down|up)")
"""Layers of which the stage shows W′ only."""


class Target(str):
    """A name by which a lesson highlights a part of the window, which need not exist now."""

    def __init__(self, name: str) -> None:
        """Check the name. Raises: ValueError."""
        if not widget_names(name):
            meant = did_you_mean(name, TARGETS)
            raise ValueError(f"{name!r} is no part of the window; {meant}{TARGETS_HINT}")


def widget_names(name: str) -> tuple[tuple[str, ...], ...]:
    """Return the object names of a highlight's widgets; empty: the name is unknown.

    Alternatives are in order: the first that is visible is highlighted.

    >>> widget_names("layer2.lock"), widget_names("head"), widget_names("layer1.lora_C")
    ((('freeze.layer2',),), (('row.head',), ('row.head.hidden', 'row.head.output')), ())
    """
    widgets = TARGETS.get(name) or _widgets_of_layer(name)
    return tuple(tuple(group.split()) for group in widgets.split("|") if group)


def _widgets_of_layer(name: str) -> str:
    layer, _, matrix = name.rpartition(".")
    if matrix == "lock":
        return f"freeze.{layer}" if _BLOCK.fullmatch(layer) else ""
    if _WITHOUT_W.fullmatch(name):
        return f"heatmap.{name}.updated"
    if name == "head":
        return "row.head | row.head.hidden row.head.output"
    if _BLOCK.fullmatch(name) and name.startswith("adapter"):
        return f"view.{name}"
    if _LAYER.fullmatch(name):
        return f"row.{name}"
    if _LAYER.fullmatch(layer) and (matrix in LAYER_MATRICES or matrix in matrix_names()):
        return f"heatmap.{name}"
    return ""
