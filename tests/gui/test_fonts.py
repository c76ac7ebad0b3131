"""Labels are legible on a machine without a single font."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QRawFont
from PySide6.QtWidgets import QApplication

ROOT = Path(__file__).resolve().parents[2]
FONTS = ROOT / "resources" / "fonts"
FACES = [("Inter-Regular", "DejaVuSans"), ("Inter-SemiBold", "DejaVuSans-Bold")]
"""As `gui.theme.font` has them: the text's own, then the one for its signs; ordinary and bold."""
NEEDED = "∇∈ᵀ′‖−×Δηαλδ⊙·÷→∂∞₀≤≥…“”½²³"
"""What robustness asks for, and more that the window is known to show."""


def _literals(file: Path) -> Iterator[str]:
    """The strings in a module, but for its docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    documented = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in documented:
                yield node.value


def _signs() -> set[str]:
    """All characters that the window may show: of its own texts, the engine's, the lessons'."""
    modules = [*(ROOT / "gui").rglob("*.py"), *(ROOT / "engine").rglob("*.py")]
    texts = [text for file in modules for text in _literals(file)]
    lessons = list((ROOT / "resources" / "lessons").glob("*.md"))
    assert lessons
    texts += [file.read_text(encoding="utf-8") for file in lessons]
    return {sign for text in texts for sign in text if sign.isprintable()}


@pytest.mark.parametrize("faces", FACES, ids=["ordinary", "bold"])
def test_the_fonts_that_travel_along_have_every_sign(
    qapp: QApplication, faces: tuple[str, ...]
) -> None:
    signs = _signs() | set(NEEDED)
    assert len(signs) > 120
    fonts = [QRawFont(str(FONTS / f"{face}.ttf"), 16) for face in faces]
    assert all(font.isValid() for font in fonts)
    missing = {s for s in signs if not any(font.supportsCharacter(ord(s)) for font in fonts)}
    assert missing == set()


CODE = f"""
import sys
from PySide6.QtWidgets import QApplication
from gui.widgets.label import Label
from gui.theme import Scheme, appearance
app = QApplication([])
def ink(sign, bold):
    image = Label(sign, bold=bold, scale=2.0).grab().toImage()
    return [image.pixelColor(x, y).lightness() < 128
            for x in range(image.width()) for y in range(image.height())]
assert ink("A", False) == ink("W", False), "there are fonts"
appearance.start(Scheme.LIGHT)
for bold in (False, True):
    blank, box = ink(" ", bold), ink(chr(0x10FFFD), bold)
    for sign in {NEEDED!r}:
        drawn = ink(sign, bold)
        assert any(drawn) and drawn != box, (sign, bold)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="fontconfig is Linux's")
def test_labels_are_drawn_where_there_is_no_font(tmp_path: Path) -> None:
    """Without fonts of our own Qt draws every sign alike there, and says nothing."""
    config = tmp_path / "fonts.conf"
    config.write_text(f"<fontconfig><cachedir>{tmp_path}</cachedir></fontconfig>")
    environment = {**os.environ, "FONTCONFIG_FILE": str(config), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, env=environment, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
