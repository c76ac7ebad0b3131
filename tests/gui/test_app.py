"""The command line with a window: pictures, figures, and what it says when it cannot."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

import gui.app
from tests.engine.cover import some_of
from tests.forked import run_main

ROOT = Path(__file__).resolve().parents[2]


def _environment(home: Path, changes: Mapping[str, str]) -> dict[str, str]:
    plain = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    plain |= {"XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home), "HOME": str(home)}
    return {**plain, **changes}


def _run(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return run_main(arguments, _environment(home, environment))


def _python(*arguments: str, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, env=_environment(home, environment), capture_output=True, text=True, timeout=110,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("theme", some_of(["dark", "light"], 2))
def test_screenshot(tmp_path: Path, theme: str) -> None:
    file = tmp_path / "window.png"
    done = _python("main.py", "--screenshot", str(file), "--steps", "20", "--size", "1280x720",
                   "--strategy", "lora", "--theme", theme, home=tmp_path)  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    picture = QImage(str(file))
    assert (picture.width(), picture.height()) == (1280, 720)
    corner = picture.pixelColor(1270, 10).lightness()
    assert corner < 80 if theme == "dark" else corner > 200
    colours = {picture.pixel(x, y) for x in range(0, 1280, 3) for y in range(0, 720, 3)}
    assert len(colours) > 200  # heatmaps, not a blank page


def test_a_picture_that_cannot_be_saved_is_named(tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "window.png"
    done = _run("--screenshot", str(file), "--steps", "1", home=tmp_path)
    assert done.returncode == 2
    assert str(file) in done.stderr
    assert done.stderr.count("\n") == 1


def test_measure_prints_one_json_object(tmp_path: Path) -> None:
    done = _run("--measure", "1", "--size", "1280x720", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    figures = json.loads(done.stdout)
    assert set(figures) == {
        "frames", "frame_ms", "paint_ms", "steps_per_second", "headless_steps_per_second",
        "stalls_over_100ms",
    }  # fmt: skip
    assert set(figures["frame_ms"]) == {"p50", "p95", "p99", "max"}
    assert set(figures["paint_ms"]) == set(figures["frame_ms"])
    assert figures["frames"] > 0
    assert figures["steps_per_second"] > 0


def test_without_a_display_it_says_so(tmp_path: Path) -> None:
    done = _run(home=tmp_path, QT_QPA_PLATFORM="")
    assert done.returncode == 2
    assert "no display" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_diverging_run_is_a_picture_of_the_explanation(tmp_path: Path) -> None:
    file = tmp_path / "window.png"
    done = _run("--screenshot", str(file), "--steps", "50", "--learning-rate", "1e30",
                home=tmp_path)  # fmt: skip
    assert done.returncode == 1
    assert "diverged" in done.stderr
    assert file.exists()


def test_a_run_that_stops_early_is_a_picture_of_its_best_step(tmp_path: Path) -> None:
    file = tmp_path / "window.png"
    done = _run("--screenshot", str(file), "--steps", "300", "--patience", "10",
                "--label-noise", "0.5", home=tmp_path)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert file.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--lesson", "nonsense"], ["lesson", "nonsense"]),
        (["--theme", "pink"], ["theme", "pink", "dark"]),
        (["--size", "10x10"], ["size", "10x10", "640x480"]),
        (["--measure", "0"], ["measure", "0"]),
    ],
)
def test_bad_options_are_one_line(tmp_path: Path, arguments: list[str], words: list[str]) -> None:
    done = _run(*arguments, home=tmp_path, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr


def test_a_damaged_network_is_named(tmp_path: Path) -> None:
    """A file of the program is cut off: one line names it."""
    code = f"""
import sys, pathlib, shutil
for name in ("engine", "gui", "resources"):
    shutil.copytree({str(ROOT)!r} + "/" + name, name)
shutil.copy({str(ROOT)!r} + "/main.py", "main.py")
file = pathlib.Path("resources/pretrained/digits-to-rotated.safetensors")
file.write_bytes(file.read_bytes()[:500])
"""
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    done = subprocess.run(
        [sys.executable, "main.py", "--screenshot", "x.png"],
        cwd=tmp_path, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "digits-to-rotated.safetensors" in done.stderr
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "x.png").exists()


def test_an_exception_in_the_window_is_told_logged_and_survived(tmp_path: Path) -> None:
    done = _python("-m", "tests.gui.mishap_at", home=tmp_path, QT_QPA_PLATFORM="offscreen")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr  # Qt for Python names the override, no more
    said = json.loads(done.stdout)
    (log,) = tmp_path.rglob("deltaw.log")
    for place in ("slot", "painting"):
        kind, text = said[place]
        assert kind == "error"
        assert "went wrong" in text
        assert str(log) in text
    assert said["goes on"]
    written = log.read_text(encoding="utf-8")
    for trace in ("ZeroDivisionError: in a slot", "KeyError: 'in a painting'",
                  "LookupError: in a thread"):  # fmt: skip
        assert trace in written
    assert said["collects by itself"] is False  # see gui/shell/gc_timer.py


def test_no_source_is_read_where_a_module_is_imported(tmp_path: Path) -> None:
    """PySide's own `import` would: 17 MiB of it, at a sixth of the time to the first picture."""
    code = """
from gui.app import import_qt
import_qt()
import linecache
before = set(linecache.cache)
import gui.window
print(len(set(linecache.cache) - before))
"""
    done = _python("-c", code, home=tmp_path, QT_QPA_PLATFORM="offscreen")
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_an_unusual_platform_is_tried_in_a_process_of_its_own(tmp_path: Path) -> None:
    problem = gui.app.why_qt_fails({**os.environ, "QT_QPA_PLATFORM": "bang"})
    assert "QT_QPA_PLATFORM='bang'" in problem
    assert "\n" not in problem
    assert not list(tmp_path.glob("core*"))


@pytest.mark.parametrize("platform", ["", "offscreen", "xcb", "wayland;xcb"])
def test_an_ordinary_one_is_not_tried(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(gui.app, "subprocess", None)
    assert gui.app.why_qt_fails({"QT_QPA_PLATFORM": platform}) == ""
