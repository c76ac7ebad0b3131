"""The known name that somebody who wrote an unknown one may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CLOSE = 0.55
"""Least likeness, 0…1."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that names the closest of the known names; empty: none is close.

    >>> did_you_mean("LoRA", ["lora", "dora"]), did_you_mean("x", ["lora"])
    ('did you mean lora? ', '')
    """
    by_lower = {entry.lower(): entry for entry in known}
    plain = name.lower().replace(" ", "_")
    close = difflib.get_close_matches(plain, by_lower, n=1, cutoff=CLOSE)
    return f"did you mean {by_lower[close[0]]}? " if close else ""
