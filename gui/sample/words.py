"""Text about the shown sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import SampleFrame
from gui.text.numbers import NO_VALUE

OTHER_CLASSES = "This network has no outputs for the target's classes, so no sample is shown."
DRAWN = "Your drawing"
RIGHT_MARK, WRONG_MARK = "✓", "✗"


def predicted_class(probabilities: NDArray[np.float32]) -> int | None:
    """Return the index of the most probable class; None: they are no numbers.

    Args: probabilities: (classes,) float32.
    """
    return int(probabilities.argmax()) if np.isfinite(probabilities).all() else None


def verdict(sample: SampleFrame, probabilities: NDArray[np.float32]) -> str:
    """Return the predicted class, its probability, and whether it is right.

    A drawing has no true class, so that part is left out. Args: probabilities: (classes,) float32.
    """
    best = predicted_class(probabilities)
    if best is None:
        return "not a number"
    text = f"{sample.classes[best]}, {100 * float(probabilities[best]):.0f}\u202f%"
    if sample.label is None:
        return text
    return f"{text}, {'right' if best == sample.label else 'wrong'}"


def short_verdict(sample: SampleFrame, probabilities: NDArray[np.float32]) -> str:
    """Return the predicted class, marked as right or wrong where the true one is known.

    Args: probabilities: (classes,) float32.
    """
    best = predicted_class(probabilities)
    if best is None:
        return NO_VALUE
    mark = "" if sample.label is None else RIGHT_MARK if best == sample.label else WRONG_MARK
    return f"{sample.classes[best]} {mark}".strip()
