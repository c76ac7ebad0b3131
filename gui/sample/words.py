"""What is said of the sample that is looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import SampleFrame

OTHER_CLASSES = "This network has no outputs for the target's classes, so there is none to show."
DRAWN = "Your drawing"


def verdict(sample: SampleFrame, probabilities: NDArray[np.float32]) -> str:
    """The class it takes the sample for, how sure it is, and whether it is right.

    Of a drawing nobody knows the class, so that is left out.
    """
    if not np.isfinite(probabilities).all():
        return "not a number"
    best = int(probabilities.argmax())
    taken = f"{sample.classes[best]}, {100 * float(probabilities[best]):.0f}\u202f%"
    if sample.label is None:
        return taken
    return f"{taken}, {'right' if best == sample.label else 'wrong'}"
