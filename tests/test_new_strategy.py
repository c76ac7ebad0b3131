"""A new strategy is one file: with that file alone in the folder everything else follows.

The program is copied, a made-up strategy is put into the copy, and the copy is run as a user, the
engine's tests and the window's tests would run it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("engine", "gui", "resources", "tests")
RECORD = """
from tests import recordings
from tests.record_frames import catalogue, record_strategy
recordings.write("gain", record_strategy("gain"))
recordings.write("_catalogue", [catalogue()])
"""
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a copy that has one strategy more."""
    folder = tmp_path_factory.mktemp("program")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part)
    for file in ("main.py", "pyproject.toml"):
        shutil.copy2(ROOT / file, folder)
    shutil.copy2(ROOT / "tests" / "data" / "gain.py", folder / "engine" / "strategies")
    return folder


def run(program: Path, *arguments: str) -> str:
    """Run Python there. Returns: what it printed."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=program, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_trains_from_the_command_line(program: Path) -> None:
    printed = json.loads(run(program, "main.py", "train", "--strategy", "gain", "--json"))
    assert printed["trainable_parameters"] == 30 + 40 + 40 + 410
    assert all(layer["delta_norm"] > 0 for layer in printed["layers"])


def test_the_engine_needs_no_line_for_it(program: Path) -> None:
    """It keeps the contract of all strategies, and its own: how many numbers it trains."""
    contract = ("tests/engine/strategies/test_strategies.py", "tests/engine/derivation")
    own = "tests/engine/strategies/new_strategy.py"
    run(program, "-m", "pytest", "-q", *contract, own, "-k", "gain and not counts or new_strategy")


def test_the_window_needs_no_line_for_it(program: Path) -> None:
    run(program, "-c", RECORD)
    run(program, "-m", "pytest", "-q", "tests/gui/stage/new_strategy.py")


def test_the_window_opens_with_it(program: Path) -> None:
    picture = program / "gain.png"
    run(program, "main.py", "--strategy", "gain", "--screenshot", str(picture), "--steps", "30")
    assert picture.stat().st_size > 10_000
