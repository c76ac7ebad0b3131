"""Text about the shown sample."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import SampleFrame

OTHER_CLASSES = "This network has no outputs for the target's classes, so no sample is shown."
DRAWN = "Your drawing"


def verdict(sample: SampleFrame, probabilities: NDArray[np.float32]) -> str:
    """Return the predicted class, its probability, and whether it is right.

    A drawing has no true class, so that part is left out.
    """
    if not np.isfinite(probabilities).all():
        return "not a number"
    best = int(probabilities.argmax())
    text = f"{sample.classes[best]}, {100 * float(probabilities[best]):.0f}\u202f%"
    if sample.label is None:
        return text
    return f"{text}, {'right' if best == sample.label else 'wrong'}"
