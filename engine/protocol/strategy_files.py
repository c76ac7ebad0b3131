"""The strategies' files, listed, and the names that the engine's files state, without torch."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_ENGINE = Path(__file__).parent.parent
_FOLDER = _ENGINE / "strategies"


@lru_cache(maxsize=1)
def strategy_names() -> tuple[str, ...]:
    """Return the names of all strategies: those of the files."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("[!_.]*.py")))


def strategy_label(name: str) -> str:
    """Return the label that a strategy's file states; empty: none. Args: name: the strategy's."""
    file = _FOLDER / f"{name}.py"
    source = file.read_text(encoding="utf-8") if name in strategy_names() else ""
    stated = re.search(r'^    label="(.+)",$', source, re.MULTILINE)
    return stated[1] if stated else ""


@lru_cache(maxsize=64)
def strategy_facts(name: str) -> Mapping[str, Any]:
    """Return the arguments that a strategy's file states in so many words: defaults, frozen …

    Args: name: the strategy's.  Returns: argument -> value; what is computed is left out.

    >>> strategy_facts("freeze")["frozen"], strategy_facts("ewc")["defaults"]
    (('layer1', 'layer2'), {'penalty': 20.0})
    """
    tree = ast.parse((_FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    calls = (
        node.value.keywords
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "Strategy"
    )  # fmt: skip
    facts = {}
    for keyword in next(calls, []):
        try:
            facts[keyword.arg or ""] = ast.literal_eval(keyword.value)
        except ValueError:
            continue
    return MappingProxyType(facts)


@lru_cache(maxsize=1)
def tasks_with_new_labels() -> frozenset[str]:
    """Return the names of the tasks whose labels are new, so that the old head does not serve."""
    source = (_ENGINE / "tasks.py").read_text(encoding="utf-8")
    stated = re.findall(r'name="([\w-]+)",\s+label=[\s\S]*?shares_head=(\w+)', source)
    return frozenset(name for name, shared in stated if shared == "False")


@lru_cache(maxsize=1)
def matrix_names() -> frozenset[str]:
    """Return the names of all matrices that a layer can have beside W, ΔW and W′."""
    stated = re.compile(r'MatrixInfo\(\s*name="(\w+)"')  # without \b: five times as fast
    sources = (file.read_text(encoding="utf-8") for file in _ENGINE.rglob("[!.]*.py"))
    return frozenset(name for source in sources for name in stated.findall(source))
