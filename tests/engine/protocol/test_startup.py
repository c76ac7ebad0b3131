"""The program is the same in all surroundings: encodings, locales, folders, search paths.

Each process here ends before torch or Qt is imported, but for the ones marked slow.
"""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.protocol import startup

ROOT = Path(__file__).resolve().parents[3]
COST = ("cost", "--preset", "gpt2")


def _program(*arguments: str, folder: Path = ROOT, cwd: Path = ROOT, **environment: str) -> bytes:
    """Run main.py to its end, which must be good. Returns: what it printed."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(folder / "main.py"), *arguments],
        cwd=cwd, env={**plain, **environment}, capture_output=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the process's own streams."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    yield


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [
        ("utf-8", "W + ΔW = W′, −3 × 4 ± 2, ‖ΔW‖ α 二"),
        ("cp1252", "W + dW = W', -3 × 4 ± 2, |dW| ? ?"),
        ("ascii", "W + dW = W', -3 x 4 +- 2, |dW| ? ?"),
    ],
)
def test_a_sign_that_the_encoding_lacks_is_replaced(
    monkeypatch: pytest.MonkeyPatch, output: None, encoding: str, printed: str
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, newline=""))
    startup.settle()
    sys.stdout.write("W + ΔW = W′, −3 × 4 ± 2, ‖ΔW‖ α 二")
    sys.stdout.flush()
    assert raw.getvalue().decode(encoding) == printed


def test_without_an_output_it_prints_to_nowhere(
    monkeypatch: pytest.MonkeyPatch, output: None
) -> None:
    """As under pythonw, or after `>&-`."""
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    startup.settle()
    for stream in (sys.stdout, sys.stderr):
        stream.write("ΔW")
        stream.close()


def test_help_is_whole_in_any_encoding() -> None:
    whole = _program("--help", PYTHONIOENCODING="utf-8").decode()
    for encoding in ("cp1252", "ascii"):
        printed = _program("--help", PYTHONIOENCODING=encoding).decode(encoding)
        assert len(printed.splitlines()) == len(whole.splitlines())
        assert "W, dW and W'" in printed


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="UTF-8 in every locale there")
def test_a_folder_beyond_ascii_in_a_locale_of_ascii(tmp_path: Path) -> None:
    folder = tmp_path / "Übung ΔW 二"
    shutil.copytree(ROOT / "engine", folder / "engine")
    shutil.copy(ROOT / "main.py", folder)
    printed = _program(*COST, folder=folder, LC_ALL="C", PYTHONUTF8="0", HOME=str(folder))
    assert "1 x 1,024 tokens" in printed.decode("ascii")  # what is printed is in the locale's signs


def test_a_search_path_without_the_scripts_folder_will_do(tmp_path: Path) -> None:
    assert b"GPT-2" in _program(*COST, cwd=tmp_path, PYTHONSAFEPATH="1")


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder of modules that cannot be imported."""
    for name in ("numpy", "torch", "msgspec", "random", "tempfile"):
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('a foreign {name}')")
    return tmp_path


def test_foreign_modules_come_last(monkeypatch: pytest.MonkeyPatch, foreign: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(foreign)]))
    monkeypatch.setattr(sys, "path", [str(ROOT), str(foreign), *sys.path])
    before = list(sys.path)
    startup.settle()
    assert sys.path[0] == str(ROOT)
    assert sys.path[-1] == str(foreign)
    assert sorted(sys.path) == sorted(before)


def test_the_engine_begins_without_them(monkeypatch: pytest.MonkeyPatch, foreign: Path) -> None:
    monkeypatch.setenv("PYTHONPATH", str(foreign))
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    before = dict(os.environ)
    with startup.no_foreign_modules():
        code = "import random, numpy, msgspec"
        done = subprocess.run([sys.executable, "-c", code], cwd=foreign, check=False)
    assert done.returncode == 0
    assert dict(os.environ) == before


def test_foreign_modules_on_the_path_or_beside_one_change_nothing(foreign: Path) -> None:
    assert b"GPT-2" in _program(*COST, cwd=foreign, PYTHONPATH=str(foreign))


@pytest.mark.slow
@pytest.mark.parametrize("arguments", ["train --steps 1", "--screenshot x.png --steps 1"])
def test_the_engine_and_the_window_as_well(foreign: Path, arguments: str) -> None:
    _program(*arguments.split(), cwd=foreign, PYTHONPATH=str(foreign), HOME=str(foreign))


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="UTF-8 in every locale there")
def test_the_window_in_a_folder_beyond_ascii(tmp_path: Path) -> None:
    folder = tmp_path / "Übung ΔW 二"
    for name in ("engine", "gui", "resources"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "main.py", folder)
    home = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    _program("--screenshot", "Ü.png", "--steps", "1", folder=folder, cwd=folder,
             LC_ALL="C", PYTHONUTF8="0", **home)  # fmt: skip
    assert (folder / "Ü.png").exists()
