"""The files of engine/strategies, listed and read without torch."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent.parent / "strategies"


@lru_cache(maxsize=1)
def strategy_names() -> tuple[str, ...]:
    """Return the names of all strategies: those of the files."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("[!_]*.py")))


def strategy_label(name: str) -> str:
    """Return the label that a strategy's file states; empty: there is none.

    Args: name: of the strategy.
    """
    file = _FOLDER / f"{name}.py"
    source = file.read_text(encoding="utf-8") if name in strategy_names() else ""
    stated = re.search(r'^    label="(.+)",$', source, re.MULTILINE)
    return stated[1] if stated else ""
