"""Files shipped with the program, and the error when one is missing or damaged."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.protocol.shipped import RESOURCES


class ResourceError(RuntimeError):
    """A shipped file is missing or damaged. Args: file: its path.  problem: what is wrong."""

    def __init__(self, file: Path, problem: object) -> None:
        place = file.relative_to(RESOURCES.parent) if file.is_relative_to(RESOURCES) else file
        super().__init__(f"{place}: {problem}; install the program again to restore it")
        self.file = file


def read_table(name: str, shape: tuple[int, int], skip_lines: int = 0) -> NDArray[np.float64]:
    """Read a comma-separated table from resources/data.

    Args: name: of the file; .gz is unpacked.  shape: (rows, columns) that it must have.
    skip_lines: at its beginning.
    Returns: (rows, columns) float64.
    Raises: ResourceError: missing, damaged, or of another shape.
    """
    file = RESOURCES / "data" / name
    try:
        raw = file.read_bytes()
        text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode()
        table = np.loadtxt(text.splitlines(), delimiter=",", skiprows=skip_lines, ndmin=2)
    except FileNotFoundError as error:
        raise ResourceError(file, "is missing") from error
    except (OSError, EOFError, ValueError) as error:
        raise ResourceError(file, f"cannot be read ({error})") from error
    if table.shape != shape:
        raise ResourceError(file, f"holds {table.shape} numbers where {shape} are expected")
    return table
