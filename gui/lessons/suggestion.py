"""The known name that somebody who wrote an unknown one may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CLOSE = 0.55
"""Least likeness, 0…1."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that names the closest of the known names; empty: none is close.

    A word of the name that is known is closer than any likeness.

    >>> did_you_mean("LoRA", ["lora", "dora"]), did_you_mean("x", ["lora"])
    ('did you mean lora? ', '')
    >>> did_you_mean("target_accuracy", ["target", "validation_accuracy"])
    'did you mean target? '
    """
    by_lower = {entry.lower(): entry for entry in known}
    plain = name.lower().replace(" ", "_")
    words = [word for word in plain.split("_") if word in by_lower]
    close = words or difflib.get_close_matches(plain, by_lower, n=1, cutoff=CLOSE)
    return f"did you mean {by_lower[close[0]]}? " if close else ""
