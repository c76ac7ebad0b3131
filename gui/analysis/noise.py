"""Whether two accuracies differ by more than the test samples can show."""

from __future__ import annotations

from engine.protocol.frames import SplitFacts
from engine.protocol.uncertainty import accuracy_margin


def within_noise(one: float, other: float, facts: SplitFacts) -> bool:
    """Return whether the difference of two accuracies may be chance.

    Args: one, other: 0…1.  facts: of the split that both are measured on.

    >>> facts = SplitFacts(samples=400)
    >>> within_noise(0.853, 0.855, facts), within_noise(0.853, 0.80, facts)
    (True, False)
    """
    return abs(one - other) < accuracy_margin(other, facts.samples)
