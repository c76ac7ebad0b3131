"""A display is asked before Qt is started, which ends in a crash where there is none."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from engine.protocol.display import opens_on_x11, why_no_window, why_plugin_fails

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux alone")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def wayland(tmp_path: Path) -> dict[str, str]:
    """Variables of a Wayland display that takes connections for as long as the test runs."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))
        server.listen()
        yield {"XDG_RUNTIME_DIR": str(tmp_path), "WAYLAND_DISPLAY": "wayland-0"}


@pytest.mark.parametrize(
    "variables",
    [
        {"DISPLAY": "BANG"}, {"DISPLAY": ":32109"}, {"DISPLAY": "127.0.0.1:59000"},
        {"WAYLAND_DISPLAY": "dead"}, {"WAYLAND_DISPLAY": "/nowhere/dead", "DISPLAY": "BANG"},
        {"DISPLAY": "BANG", "QT_QPA_PLATFORM": "xcb"}, {"QT_QPA_PLATFORM": "wayland;xcb"},
    ],
)  # fmt: skip
def test_a_display_that_does_not_answer_is_named(variables: dict[str, str]) -> None:
    problem = why_no_window(variables)
    assert problem.startswith("no display answers at ")
    for name, value in variables.items():
        assert f"{name}={value!r}" in problem


def test_no_display_at_all_is_another_sentence() -> None:
    assert why_no_window({"DISPLAY": "", "HOME": "/"}) == "there is no display to open a window on"


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "OFFSCREEN:size=8x8", "vnc;xcb"])
def test_an_unseen_or_unusual_platform_needs_none(platform: str) -> None:
    assert why_no_window({"QT_QPA_PLATFORM": platform, "DISPLAY": "BANG"}) == ""


def test_one_display_that_answers_will_do(wayland: dict[str, str]) -> None:
    assert why_no_window({**wayland, "DISPLAY": "BANG"}) == ""
    assert not opens_on_x11({**wayland, "DISPLAY": ":0"})
    assert opens_on_x11({**wayland, "DISPLAY": ":0", "WAYLAND_DISPLAY": "dead"})
    assert why_no_window({**wayland, "QT_QPA_PLATFORM": "wayland"}) == ""


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_only_linux_lacks_a_display(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert why_no_window({}) == ""


def test_a_library_that_the_plugin_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / "platforms").mkdir()
    assert why_plugin_fails(tmp_path, {"DISPLAY": ":0"}) == ""  # Qt's own, elsewhere
    (tmp_path / "platforms" / "libqxcb.so").write_bytes(b"broken")
    assert "libqxcb.so" in why_plugin_fails(tmp_path, {"DISPLAY": ":0"})
    assert why_plugin_fails(tmp_path, {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}) == ""


@pytest.mark.parametrize("script", ["main.py", "run.py"])
def test_the_program_says_so_in_a_sentence(script: str) -> None:
    plain = {k: v for k, v in os.environ.items() if k not in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    done = subprocess.run(
        [sys.executable, script], cwd=ROOT, env={**plain, "DISPLAY": "BANG"},
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "no display answers at DISPLAY='BANG'" in done.stderr
    assert "--screenshot" in done.stderr
