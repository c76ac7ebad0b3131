"""The house: two processes, one seam. What may import what, and what stands where."""

import subprocess
import sys
from pathlib import Path

import pytest
from pytest_archon import archrule

ROOT = Path(__file__).resolve().parents[1]
QT = ("PySide6*", "pyqtgraph*", "shiboken6*")


def test_the_window_never_imports_torch() -> None:
    archrule("no torch in gui").match("gui*").should_not_import("torch*").check("gui")


def test_the_window_knows_of_the_engine_only_its_protocol() -> None:
    (
        archrule("gui sees engine.protocol alone")
        .match("gui*")
        .should_not_import("engine*")
        .may_import("engine", "engine.protocol*")
        .check("gui", only_direct_imports=True)
    )


def test_the_engine_never_imports_qt_or_the_window() -> None:
    archrule("no Qt in engine").match("engine*").should_not_import(*QT, "gui*").check("engine")


def test_the_protocol_needs_neither_torch_nor_qt_nor_the_rest_of_the_engine() -> None:
    # `_run_engine` imports the worker in the engine process alone, inside the function.
    (
        archrule("the protocol stands alone")
        .match("engine.protocol*")
        .should_not_import("torch*", *QT, "engine*")
        .may_import("engine", "engine.protocol*")
        .check("engine", only_toplevel_imports=True)
    )


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("gui.app, gui.window, gui.charts, gui.screenshot, gui.frame_benchmark", ("torch",)),
        ("engine.process.loop, engine.cli, engine.pretraining", ("PySide6", "pyqtgraph", "gui")),
        ("engine.protocol.host, engine.process.worker, main", ("torch", "PySide6", "pyqtgraph")),
        ("gui.app, gui.window", ("pyqtgraph",)),
    ],
)
def test_what_a_process_loads(modules: str, absent: tuple[str, ...]) -> None:
    code = f"import {modules}, sys; print([m for m in {absent!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_main_only_hands_over() -> None:
    assert len((ROOT / "main.py").read_text(encoding="utf-8").splitlines()) <= 40


def test_no_module_has_grown_past_splitting() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for folder in ("engine", "gui")
        for file in (ROOT / folder).rglob("*.py")
        if (lines := len(file.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_the_top_level_holds_what_it_is_meant_to() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {Path(name).parts[0] for name in tracked.stdout.splitlines()}
    folders = {"gui", "engine", "resources", "tests"}
    files = {"main.py", "run.py", "pyproject.toml", "README.md", "LICENSE", "CONTRIBUTING.md"}
    assert {name for name in top if not name.startswith(".")} <= folders | files
