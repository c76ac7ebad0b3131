"""Versions of the program and its libraries, without loading one, and licences of all that ships.

Torch belongs to the engine, and the window must not load it: the installed metadata is asked.
"""

from __future__ import annotations

import platform
import tomllib
from functools import cache
from importlib import metadata
from typing import NamedTuple

from PySide6.QtCore import QLibraryInfo

from engine.protocol.shipped import RESOURCES

UNKNOWN = "unknown"
"""Stands for a version that nothing tells."""


class Shipped(NamedTuple):
    """A part that ships with the program, or a library that it runs with."""

    name: str
    what: str
    licence: str
    version: str = ""


def _installed(distribution: str) -> str:
    """Return the version of an installed package."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return UNKNOWN


@cache
def libraries() -> tuple[Shipped, ...]:
    """Return what is installed beside the program."""
    python, qt = platform.python_version(), QLibraryInfo.version().toString()
    packages = (
        ("PySide6", "Qt for Python", "LGPL-3.0", "PySide6-Essentials"),
        ("pyqtgraph", "charts", "MIT", "pyqtgraph"),
        ("NumPy", "arrays of numbers", "BSD-3-Clause", "numpy"),
        ("PyTorch", "training, in the engine’s process", "BSD-3-Clause", "torch"),
        ("safetensors", "files of weights", "Apache-2.0", "safetensors"),
        ("msgspec", "messages and checked files", "BSD-3-Clause", "msgspec"),
        ("ziamath", "formulas", "MIT", "ziamath"),
    )
    return (
        Shipped("Python", "the language", "PSF-2.0", python),
        Shipped("Qt", "windows and painting", "LGPL-3.0", qt),
        *(
            Shipped(name, what, licence, _installed(distribution))
            for name, what, licence, distribution in packages
        ),
    )


RESOURCE_PARTS = (
    Shipped("Inter", "font of text", "OFL-1.1"),
    Shipped("DejaVu Sans", "font of symbols and code", "Bitstream Vera"),
    Shipped("Lucide", "icons, some of them altered", "ISC, MIT"),
    Shipped("Digits", "data: Alpaydin and Kaynak, UCI, 1998", "CC BY 4.0"),
    Shipped("Breast cancer", "data: Wolberg and others, UCI, 1993", "CC BY 4.0"),
    Shipped("Pretrained weights", "made by the program from these data", "MIT"),
)
"""What lies in resources/."""


def program_version() -> str:
    """Return the version of the program: of its source, else of the package."""
    try:
        text = (RESOURCES.parent / "pyproject.toml").read_text(encoding="utf-8")
        return str(tomllib.loads(text)["project"]["version"])
    except (OSError, ValueError, LookupError):
        return _installed("deltaw")


def version_lines() -> str:
    """Return the versions of the program and of what it runs with, and the platform."""
    names = [f"ΔW {program_version()}", *(f"{part.name} {part.version}" for part in libraries())]
    return f"{' · '.join(names)}\n{platform.platform()}"
