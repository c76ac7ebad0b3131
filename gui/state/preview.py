"""Preview: frame 0 of the shipped network, drawn before the engine is ready."""

from __future__ import annotations

import numpy as np
from safetensors import SafetensorError, safe_open

from engine.protocol.messages import Frame, LayerFrame, Measurements
from engine.protocol.settings import Settings
from engine.protocol.shipped import RESOURCES, SHIPPED_SEED
from engine.protocol.strategy_files import strategy_facts


def preview_frame(settings: Settings) -> Frame | None:
    """Return run 0, step 0: W from the task's file; None where W is not the shipped one.

    A missing or damaged file gives None: the engine reports it. Args: settings: of the run.
    """
    shipped = settings.seed == SHIPPED_SEED and settings.is_lesson_size and not settings.batch_norm
    if not shipped or not strategy_facts(settings.strategy).get("pretrained", True):
        return None
    try:
        with safe_open(RESOURCES / "pretrained" / f"{settings.task}.safetensors", "numpy") as file:
            layers = tuple(
                _untrained_layer(key.removesuffix(".weight"), file.get_tensor(key))
                for key in sorted(file.keys(), key=lambda key: (key.startswith("head"), key))
                if key.endswith(".weight")
            )
            source_accuracy = float((file.metadata() or {})["source_accuracy"])
    except (OSError, SafetensorError, KeyError, ValueError):
        return None
    return Frame(
        run=0,
        step=0,
        layers=layers,
        losses=np.zeros(0, np.float32),
        start_source_accuracy=source_accuracy,
        trainable_parameters=0,
        total_parameters=0,
        body_trainable=0,
        sample=None,
        settings=settings,
        measurements=Measurements(
            step=0, source_accuracy=source_accuracy, source_accuracy_kept_head=source_accuracy
        ),
    )


def _untrained_layer(
    name: str, weight: np.ndarray[tuple[int, int], np.dtype[np.float32]]
) -> LayerFrame:
    return LayerFrame(
        name=name,
        weight=weight,
        delta=np.zeros_like(weight),
        updated=weight,
        trainable=True,
        trainable_parameters=0,
        total_parameters=weight.size,
        delta_norm=0.0,
        weight_norm=float(np.linalg.norm(weight)),
        randomly_initialised=False,
    )
