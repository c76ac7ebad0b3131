"""pip's settings: of the user's those that lead to packages, none that lead them elsewhere."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

NETWORK = (
    "index-url", "extra-index-url", "no-index", "find-links", "trusted-host", "cert", "client-cert",
    "proxy", "timeout", "default-timeout", "retries", "resume-retries", "cache-dir", "no-cache-dir",
    "keyring-provider", "constraint", "use-feature", "use-deprecated", "prefer-binary", "log",
)  # fmt: skip
"""Options of pip that say where packages come from, and how; all others, such as `target`, go."""
ASTRAY = (
    "PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "PYTHONPLATLIBDIR", "PYTHONEXECUTABLE",
    "PYTHONUSERBASE", "PYTHONSTARTUP", "PYTHONINSPECT", "__PYVENV_LAUNCHER__",
)  # fmt: skip
"""Variables that would have .venv's Python take modules of another."""
_SECTIONS = ("global", "install", ":env:")
"""Of `pip config list`, the later before the earlier."""


def python_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which .venv's Python has its own modules alone.

    File names are UTF-8 there where they are so here, by `engine.protocol.startup`.

    Args: environment: the user's.
    """
    own = {name: value for name, value in environment.items() if name not in ASTRAY}
    return {**own, "PYTHONUTF8": "1"} if sys.flags.utf8_mode else own


def pip_environment(python: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which pip installs into .venv, from where the user gets packages.

    Args: python: of .venv.  environment: the user's.
    """
    plain = python_environment(environment)
    done = subprocess.run(
        [str(python), "-P", "-m", "pip", "config", "list"],
        env={name: value for name, value in plain.items() if name not in ("PIP_QUIET", "PIP_LOG")},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        return {name: plain[name] for name in plain if not _leads_astray(name)}
    own = {name: value for name, value in plain.items() if not name.startswith("PIP_")}
    return {**own, **network_settings(done.stdout), "PIP_CONFIG_FILE": os.devnull}


def network_settings(listed: str) -> dict[str, str]:
    r"""Return the variables that say the same of the network. Args: listed: by `pip config list`.

    >>> network_settings("global.target='/x'\nglobal.proxy='a'\ninstall.proxy='b'")
    {'PIP_PROXY': 'b'}
    """
    found: dict[str, tuple[int, str]] = {}
    for line in listed.splitlines():
        place, _, value = line.partition("=")
        section, _, key = place.rpartition(".")
        if section in _SECTIONS and key in NETWORK and value[:1] in ("'", '"'):
            name = f"PIP_{key.upper().replace('-', '_')}"
            ranked = (_SECTIONS.index(section), " ".join(ast.literal_eval(value).split()))
            found[name] = max(ranked, found.get(name, ranked), key=lambda each: each[0])
    return {name: value for name, (_, value) in found.items()}


def _leads_astray(name: str) -> bool:
    key = name.removeprefix("PIP_").lower().replace("_", "-")
    return name.startswith("PIP_") and key not in (*NETWORK, "config-file")
