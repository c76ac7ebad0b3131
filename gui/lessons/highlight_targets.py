"""Names by which a lesson highlights parts of the window, and their widgets; without Qt."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from engine.protocol.settings import SETTINGS
from engine.protocol.strategy_files import matrix_names
from gui.matrices.factor_kinds import LAYER_MATRICES

WidgetNames = tuple[str, ...]
"""Object names of widgets that are highlighted together."""
SECTIONS = ("schedule", "overfitting", "network")
"""Sections of the control panel, which can be highlighted as a whole."""


def _one(name: str) -> tuple[WidgetNames, ...]:
    return ((name,),)


def _settings() -> dict[str, tuple[WidgetNames, ...]]:
    """Return the controls of settings and their sections, by the names that lessons use."""
    names: dict[str, tuple[WidgetNames, ...]] = {}
    for field, setting in SETTINGS.items():
        key = setting.key or field
        if setting.section in ("header", "boxes"):
            names[key] = ((f"{key}Box", f"{key}BoxCaption"),)
        elif setting.section:
            names[key] = _one(f"control.{field}")
    return {**names, **{section: _one(f"controls.{section}") for section in SECTIONS}}


def _readouts(*keys: str) -> tuple[WidgetNames, ...]:
    return (tuple(name for key in keys for name in (f"readoutName.{key}", f"readout.{key}")),)


TARGETS: Mapping[str, tuple[WidgetNames, ...]] = {
    "play": _one("playButton"),
    "step": _one("stepButton"),
    "reset": _one("resetButton"),
    "speed": _one("speed"),
    **_settings(),
    "moving": _one("moving"),
    "accuracies": (*_readouts("target", "source", "forgotten"), ("presentedAccuracies",)),
    "losses": _readouts("train", "validation"),
    "sample": (("sampleCard",), ("networkPrevious", "networkNext")),
    "timeline": _one("timeline"),
    "inspector": (("inspector",), ("presentedFigures",)),
    "curves": _one("curvesPage"),
    "spectrum": _one("spectrumPage"),
    "scale": _one("scalePage"),
    "merge": _one("mergePage"),
    "situations": _one("choicesSituations"),
    "pitfalls": _one("choicesPitfalls"),
    "compare": (("compareButton",), ("comparePage",)),
    "costs": _one("costButton"),
    "stage": _one("stage"),
}
"""Fixed name -> alternatives in order: the first that is visible is highlighted."""
DISPLAY_TARGETS = frozenset({"moving", "accuracies", "losses", "sample", "timeline", "stage"})
PAGE_TARGETS = frozenset({"curves", "spectrum", "scale", "merge", "situations", "pitfalls"})
CONTROL_TARGETS = frozenset(TARGETS) - DISPLAY_TARGETS - PAGE_TARGETS
"""Names of controls, which a presenter has to show again before they can be highlighted."""

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
            close = difflib.get_close_matches(name, TARGETS, n=1)
            suggestion = f"did you mean {close[0]}?" if close else TARGETS_HINT
            raise ValueError(f"{name!r} is no part of the window; {suggestion}")


def widget_names(name: str) -> tuple[WidgetNames, ...]:
    """Return the object names of a highlight's widgets; empty: the name is unknown.

    Alternatives are in order: the first that is visible is highlighted.

    >>> widget_names("layer2.lock"), widget_names("adapter1.up"), widget_names("layer1.lora_C")
    ((('freeze.layer2',),), (('heatmap.adapter1.up.updated',),), ())
    """
    if name in TARGETS:
        return TARGETS[name]
    layer, _, matrix = name.rpartition(".")
    if matrix == "lock":
        return _one(f"freeze.{layer}") if _BLOCK.fullmatch(layer) else ()
    if _WITHOUT_W.fullmatch(name):
        return _one(f"heatmap.{name}.updated")
    if name == "head":
        return ("row.head",), ("row.head.hidden", "row.head.output")
    if _BLOCK.fullmatch(name) and name.startswith("adapter"):
        return _one(f"view.{name}")
    if _LAYER.fullmatch(name):
        return _one(f"row.{name}")
    if _LAYER.fullmatch(layer) and (matrix in LAYER_MATRICES or matrix in matrix_names()):
        return _one(f"heatmap.{name}")
    return ()
