"""Processes that are measured: how they are started, and what they hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BARE_IMPORTS = "import torch, PySide6.QtWidgets, pyqtgraph"


def environment() -> dict[str, str]:
    """Offscreen, unless the caller has a display in mind; Python may keep bytecode, as a user's."""
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def run(*arguments: str) -> str:
    """What a Python process with these arguments prints, run in the repository's root."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment(),
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def run_json(*arguments: str) -> Any:
    """The JSON that it prints."""
    return json.loads(run(*arguments))


@dataclass(frozen=True, slots=True)
class Memory:
    """What one process, or several, hold of the machine's memory, in MiB."""

    rss: float
    """Resident; pages that processes share are counted in each."""
    pss: float
    """Resident, each shared page divided among those that share it, whosoever they are."""
    private: float
    """What nobody else maps, and no file could give back."""

    def __add__(self, other: Memory) -> Memory:
        return Memory(self.rss + other.rss, self.pss + other.pss, self.private + other.private)


def memory(process_id: int) -> Memory:
    """What a process holds. Raises: FileNotFoundError, ProcessLookupError: it is gone."""
    kibibytes = {}
    for line in Path(f"/proc/{process_id}/smaps_rollup").read_text().splitlines()[1:]:
        name, figure, *_ = line.split()
        kibibytes[name] = int(figure) / 1024
    return Memory(kibibytes["Rss:"], kibibytes["Pss:"], kibibytes["Anonymous:"])


def children(process_id: int) -> list[int]:
    """Process ids of what it started and what still runs."""
    tasks = Path(f"/proc/{process_id}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def threads(process_id: int) -> int:
    """How many it runs."""
    return len(list(Path(f"/proc/{process_id}/task").iterdir()))


def open_files(process_id: int) -> int:
    """How many it holds, sockets and pipes included."""
    return len(list(Path(f"/proc/{process_id}/fd").iterdir()))
