"""Parts of the window that a lesson's card may speak of, and the widgets they are; without Qt."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gui.matrices.factor_kinds import FACTOR_KINDS, LAYER_MATRICES

Together = tuple[str, ...]
"""Object names of the widgets that make up a part."""


def _one(name: str) -> tuple[Together, ...]:
    return ((name,),)


def _captioned(box: str) -> tuple[Together, ...]:
    return ((box, f"{box}Caption"),)


def _figures(*keys: str) -> tuple[Together, ...]:
    return (tuple(name for key in keys for name in (f"readoutName.{key}", f"readout.{key}")),)


PARTS: Mapping[str, tuple[Together, ...]] = {
    "play": _one("playButton"),
    "step": _one("stepButton"),
    "reset": _one("resetButton"),
    "speed": _one("speed"),
    "strategy": _captioned("strategyBox"),
    "task": _captioned("taskBox"),
    "rate": _one("control.learning_rate"),
    "rank": _one("control.rank"),
    "alpha": _one("control.alpha"),
    "bottleneck": _one("control.bottleneck"),
    "head_width": _one("control.head_width"),
    "optimizer": _captioned("optimizerBox"),
    "batch": _captioned("batchBox"),
    "seed": _captioned("seedBox"),
    "moving": _one("moving"),
    "accuracies": (*_figures("target", "source", "forgotten"), ("presentedAccuracies",)),
    "losses": _figures("train", "validation"),
    "schedule": _one("controls.schedule"),
    "warmup_steps": _one("control.warmup_steps"),
    "overfitting": _one("controls.overfitting"),
    "weight_decay": _one("control.weight_decay"),
    "dropout": _one("control.dropout"),
    "patience": _one("control.patience"),
    "label_noise": _one("control.label_noise"),
    "train_samples": _one("control.train_samples"),
    "network": _one("controls.network"),
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
"""The names that never change -> what they are, in order: the first that is seen counts."""
READ = frozenset({"moving", "accuracies", "losses", "sample", "timeline", "stage"})
ON_PAGES = frozenset({"curves", "spectrum", "scale", "merge", "situations", "pitfalls"})
HANDLED = frozenset(PARTS) - READ - ON_PAGES
"""Parts for which a presenter has to bring the controls back."""

_UNIT = re.compile(r"layer[1-9]\d*|head|adapter[1-9]\d*")
_LAYER = re.compile(r"layer[1-9]\d*|head(\.(hidden|output))?|adapter[1-9]\d*\.(down|up)")
_WITHOUT_W = re.compile(r"adapter[1-9]\d*\.(down|up)")
"""Of these the stage shows what the network computes with, and nothing else."""


def is_part(name: str) -> bool:
    """Whether a part of the window may be called so; it need not be there at every moment.

    >>> is_part("rank"), is_part("layer1.lora_B"), is_part("adapter2.down"), is_part("rnak")
    (True, True, True, False)
    """
    return bool(widgets_of(name))


def widgets_of(name: str) -> tuple[Together, ...]:
    """What a part is, in order: the first of which something is seen counts.

    Returns: empty: no part is called so.

    >>> widgets_of("layer2.lock"), widgets_of("adapter1.up")
    ((('freeze.layer2',),), (('heatmap.adapter1.up.updated',),))
    """
    if name in PARTS:
        return PARTS[name]
    layer, _, matrix = name.rpartition(".")
    if matrix == "lock" and _UNIT.fullmatch(layer):
        return _one(f"freeze.{layer}")
    if _WITHOUT_W.fullmatch(name):
        return _one(f"heatmap.{name}.updated")
    if name == "head":
        return ("row.head",), ("row.head.hidden", "row.head.output")
    if _UNIT.fullmatch(name) and name.startswith("adapter"):
        return _one(f"view.{name}")
    if _LAYER.fullmatch(name):
        return _one(f"row.{name}")
    if _LAYER.fullmatch(layer) and (matrix in LAYER_MATRICES or matrix in FACTOR_KINDS):
        return _one(f"heatmap.{name}")
    return ()
