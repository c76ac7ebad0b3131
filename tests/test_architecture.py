"""The house: two processes and one seam, floors, no circles, and what stands where."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from pytest_archon import archrule

ROOT = Path(__file__).resolve().parents[1]
QT = ("PySide6*", "pyqtgraph*", "shiboken6*")

FLOORS = (
    ("engine.protocol",),
    ("engine.installation",),
    ("engine.model", "engine.resources"),
    ("engine.digit_images",),
    ("engine.strategies", "engine.tasks", "engine.cost", "engine.nf4"),
    ("engine.training",),
    ("engine.analysis", "engine.derivation", "engine.pretraining"),
    ("engine.frames", "engine.method_figures"),
    ("engine.trainer",),
    ("engine.history",),
    ("engine.catalogue",),
    ("engine.process", "engine.cli"),
    ("gui.palette",),
    ("gui.theme",),
    ("gui.text", "gui.widgets"),
    ("gui.actions",),
    ("gui.state",),
    ("gui.session",),
    ("gui.plots", "gui.matrices"),
    (
        "gui.analysis", "gui.charts", "gui.compare", "gui.controls", "gui.cost", "gui.help",
        "gui.inspector", "gui.lessons", "gui.method_guide", "gui.network_page", "gui.presenter",
        "gui.runs", "gui.sample", "gui.stage", "gui.step_view", "gui.timeline",
    ),
    ("gui.shell",),
    ("gui.tour",),
    ("gui.window",),
    ("gui.frame_benchmark",),
    ("gui.screenshot",),
    ("gui.launch",),
    ("gui.app",),
    ("main",),
)  # fmt: skip
"""Rooms from the ground up: a room imports from floors below and from itself."""
NEIGHBOURS = {"gui.analysis"}
"""Floors whose rooms may import each other, each named by its first room: the pages."""
UPWARD = {("engine.protocol.host", "engine.process.worker")}
"""Imported only in the engine's own process, inside the function that begins it."""


# ------------------------------------------------------------ the import graph


@cache
def modules() -> dict[str, Path]:
    """Dotted name -> file, of engine, gui and main."""
    files = [ROOT / "main.py"]
    files += [file for top in ("engine", "gui") for file in sorted((ROOT / top).rglob("*.py"))]
    names = (".".join(file.relative_to(ROOT).with_suffix("").parts) for file in files)
    return {
        name.removesuffix(".__init__"): file for name, file in zip(names, files, strict=True)
    }  # fmt: skip


@cache
def trees() -> dict[str, ast.Module]:
    return {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in modules().items()}


@cache
def imports() -> dict[str, set[str]]:
    """Module -> modules of ours that it imports anywhere, in functions and for types as well."""
    return {name: set(_imported(tree)) - {name} for name, tree in trees().items()}


def _imported(tree: ast.Module) -> Iterator[str]:
    known = modules()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name for name in inner if name in known)
            if node.module in known and any(name not in known for name in inner):
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def room_of(module: str) -> str:
    """engine.model of engine.model.layer; a loose file is a room of its own."""
    return ".".join(module.split(".")[:2])


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def circle_in(graph: dict[str, set[str]]) -> list[str]:
    """Some circle of the graph; empty: there is none."""
    done: set[str] = set()
    path: list[str] = []

    def visit(name: str) -> list[str]:
        if name in path:
            return path[path.index(name) :]
        if name in done:
            return []
        path.append(name)
        for other in sorted(graph.get(name, ())):
            if found := visit(other):
                return found
        done.add(path.pop())
        return []

    return next((found for name in sorted(graph) if (found := visit(name))), [])


def test_modules_import_each_other_in_no_circle() -> None:
    assert circle_in(imports()) == []


def test_rooms_import_each_other_in_no_circle() -> None:
    graph = defaultdict[str, set[str]](set)
    for name, others in imports().items():
        for other in others:
            if room_of(name) != room_of(other) and (name, other) not in UPWARD:
                graph[room_of(name)].add(room_of(other))
    assert circle_in(dict(graph)) == []


def test_every_room_has_its_floor() -> None:
    rooms = {room_of(name) for name in modules()} - {"engine", "gui"}
    assert rooms <= {room for floor in FLOORS for room in floor}


def test_imports_lead_down() -> None:
    wrong = []
    for name, others in imports().items():
        for other in others - {"engine", "gui"}:
            here, there = room_of(name), room_of(other)
            if here in ("engine", "gui") or here == there or (name, other) in UPWARD:
                continue
            beside = floor_of(here) == floor_of(there) and FLOORS[floor_of(here)][0] in NEIGHBOURS
            if floor_of(there) >= floor_of(here) and not beside:
                wrong.append(f"{name} → {other}")
    assert not wrong


# ------------------------------------------------------------ the seam


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
    # `UPWARD` names the one exception, imported in the engine process alone.
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
def test_a_process_loads_only_its_own_libraries(modules: str, absent: tuple[str, ...]) -> None:
    code = f"import {modules}, sys; print([m for m in {absent!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_names_that_others_import_are_there() -> None:
    code = (
        "from engine.protocol.settings import Settings; from engine.strategies import STRATEGIES;"
        "from engine.tasks import TASKS; from engine.trainer import Trainer;"
        "from engine.nf4 import quantize, dequantize"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=100)


# ------------------------------------------------------------ sizes, names and docstrings


def test_main_only_hands_over() -> None:
    assert len((ROOT / "main.py").read_text(encoding="utf-8").splitlines()) <= 40


def test_few_files_stand_beside_the_rooms() -> None:
    for top in ("engine", "gui"):
        loose = [file.stem for file in (ROOT / top).glob("*.py") if file.stem != "__init__"]
        assert len(loose) <= 12, loose


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {
        name: len(file.read_text(encoding="utf-8").splitlines())
        for name, file in modules().items()
    }  # fmt: skip
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def _functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name}.{node.name}", node


def test_no_function_is_longer_than_40_lines() -> None:
    lengths = {
        name: node.end_lineno - node.lineno + 1
        for name, node in _functions()
        if node.end_lineno is not None
    }
    assert {name: length for name, length in lengths.items() if length > 40} == {}


def test_no_class_name_comes_twice() -> None:
    places = defaultdict[str, list[str]](list)
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


DOCUMENTED = ("engine.", "gui.state.", "gui.text.", "gui.plots.", "gui.matrices.")
"""Rooms whose public functions name every parameter in their docstring."""


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Functions, and methods that no base class has, where the class has no underscore."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from (
                part
                for part in node.body
                if isinstance(part, ast.FunctionDef) and not _overrides(node, part.name)
            )


@cache
def _classes() -> dict[str, ast.ClassDef]:
    nodes = (node for tree in trees().values() for node in ast.walk(tree))
    return {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}


def _overrides(owner: ast.ClassDef, method: str) -> bool:
    """Whether a base class of ours has the method, and describes its parameters."""
    names = (base.id for base in owner.bases if isinstance(base, ast.Name))
    bases = [_classes()[name] for name in names if name in _classes()]
    own = (part.name for base in bases for part in base.body if isinstance(part, ast.FunctionDef))
    return method in own or any(_overrides(base, method) for base in bases)


def _undescribed(function: ast.FunctionDef) -> list[str]:
    """Parameters that the docstring's Args leave out; "Args" where there are none at all."""
    arguments = function.args
    names = [
        argument.arg
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        if argument.arg not in ("self", "cls")
    ]
    _, args, described = (ast.get_docstring(function) or "").partition("Args")
    if names and not args:
        return ["Args"]
    return [name for name in names if not re.search(rf"\b{re.escape(name)}\b", described)]


def test_public_functions_describe_their_parameters() -> None:
    """As ruff's D417, which sees only sections of several lines."""
    missing = {
        f"{name}.{function.name}": undescribed
        for name, tree in trees().items()
        if name.startswith(DOCUMENTED)
        for function in _public(tree)
        if not function.name.startswith("_")
        and not re.search("[A-Z]|^event$", function.name)  # Qt's own names: Qt documents them
        and not any(isinstance(each, ast.Attribute) for each in function.decorator_list)  # setters
        and (undescribed := _undescribed(function))
    }
    assert missing == {}


RIDDLE = re.compile(r"(What|Where|Which|How|When|Of|As|The same) ")
MAX_RIDDLES = 30


def test_docstrings_say_what_a_thing_is_or_does() -> None:
    riddles = [
        f"{name}: {doc.splitlines()[0]}"
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and RIDDLE.match(doc := ast.get_docstring(node) or "")
    ]
    assert len(riddles) < MAX_RIDDLES, riddles


# ------------------------------------------------------------ the top level


def test_the_top_level_holds_the_usual_project_files() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    top = {Path(name).parts[0] for name in tracked.stdout.splitlines()}
    folders = {"gui", "engine", "resources", "tests"}
    files = {"main.py", "run.py", "pyproject.toml", "README.md", "LICENSE", "CONTRIBUTING.md"}
    assert {name for name in top if not name.startswith(".")} <= folders | files
