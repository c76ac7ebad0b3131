"""The strategies' files, listed, and the names that the engine's files state, without torch."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_ENGINE = Path(__file__).parent.parent
_FOLDER = _ENGINE / "strategies"


@lru_cache(maxsize=1)
def strategy_names() -> tuple[str, ...]:
    """Return the names of all strategies: those of the files."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("[!_]*.py")))


def strategy_label(name: str) -> str:
    """Return the label that a strategy's file states; empty: none. Args: name: the strategy's."""
    file = _FOLDER / f"{name}.py"
    source = file.read_text(encoding="utf-8") if name in strategy_names() else ""
    stated = re.search(r'^    label="(.+)",$', source, re.MULTILINE)
    return stated[1] if stated else ""


@lru_cache(maxsize=1)
def matrix_names() -> frozenset[str]:
    """Return the names of all matrices that a layer can have beside W, ΔW and W′."""
    stated = re.compile(r'\bMatrixInfo\(\s*name="(\w+)"')
    sources = (file.read_text(encoding="utf-8") for file in _ENGINE.rglob("*.py"))
    return frozenset(name for source in sources for name in stated.findall(source))
