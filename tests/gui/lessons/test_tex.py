"""Formulas: found in a text, set as SVG, refused with a reason."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtSvg import QSvgRenderer

from gui.lessons.tex import FORMULA, TexError, check_formula, set_formula

USED = (
    r"W' = W + \Delta W", r"\Delta W = \frac{\alpha}{r} B A",
    r"\lVert \Delta W \rVert / \lVert W \rVert", r"-\eta \, g", r"h' = h + U\,\mathrm{ReLU}(D h)",
    r"\eta^{\ell-1} = \eta^\ell / 2.6", r"W\,p", r"\mathbb{R}^{40\times 30}",
    r"\hat m / (\sqrt{\hat v} + \epsilon)", r"\lambda \sum_i F_i (\theta_i - \theta_i^*)^2",
)  # fmt: skip
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("tex", USED)
def test_what_lessons_write_is_set(tex: str) -> None:
    formula = set_formula(tex, 20.0, "#123456")
    assert formula.width > 10 and formula.ascent > 5 and formula.descent >= 0
    root = ET.fromstring(formula.svg)
    box = [float(part) for part in root.attrib["viewBox"].split()]
    assert box[2:] == pytest.approx([formula.width, formula.ascent + formula.descent])
    assert box[1] == pytest.approx(-formula.ascent)  # the baseline is at 0
    assert {e.attrib["fill"] for e in root.iter() if "fill" in e.attrib} == {"#123456"}
    assert QSvgRenderer(QByteArray(formula.svg)).isValid()


@pytest.mark.parametrize("before", ["g =", "(", "a,", r"2 \cdot", ""])
def test_the_sign_of_a_number_stands_at_the_number(before: str) -> None:
    signed, plain = (set_formula(f"{before} {number}", 20.0, "#000000") for number in ("-2", "2"))
    apart = set_formula("a - 2", 20.0, "#000000").width - set_formula("a 2", 20.0, "#000000").width
    assert 10 < signed.width - plain.width < 0.7 * apart


def test_a_formula_grows_with_its_text() -> None:
    small, large = (set_formula(USED[0], size, "#000000") for size in (10.0, 30.0))
    assert large.width == pytest.approx(3 * small.width, rel=1e-3)


def test_on_its_own_line_a_fraction_stands_in_full_height() -> None:
    inside = set_formula(USED[1], 16.0, "#000000")
    alone = set_formula(USED[1], 16.0, "#000000", display=True)
    assert alone.ascent + alone.descent > 1.3 * (inside.ascent + inside.descent)


@pytest.mark.parametrize(
    ("tex", "reason"),
    [
        (r"\foo + 1", r"\foo: no such command"),
        (r"\input{/etc/passwd}", r"\input: no such command"),
        (r"\includegraphics{x.png}", r"\includegraphics: no such command"),
        (r"\frac{a", "has no partner"),
        ("a}", "has no partner"),
        ("}a{", "has no partner"),
        ("a^b^c", "two superscripts"),
        ("a_", "with nothing beside it"),
        (r"\left( a", "has no partner"),
        (r"\sqrt", "something is missing"),
        ("a & b", "cannot be read as TeX"),
        ("中", "the font has no such sign"),
        (r"\frac{}{}", "empty or far too large"),
        (r"\rule{100000px}{10px}", "empty or far too large"),
        ("{" * 150 + "a" + "}" * 150, "more than 8 deep"),
        (r"\left(" * 20 + "a" + r"\right)" * 20, "more than 8 deep"),
        (r"\begin{matrix}" * 12 + "a" + r"\end{matrix}" * 12, "more than 8 deep"),
        ("a" * 401, "is longer than 400 signs"),
    ],
)
def test_what_cannot_be_set_says_why(tex: str, reason: str) -> None:
    with pytest.raises(TexError) as caught:
        check_formula(tex)
    assert reason in str(caught.value)


def test_formulas_are_told_from_money() -> None:
    text = r"$W' = W$ costs $5, or \$6 to $7; then $r$, $$a+b$$ and $4$5."
    assert [match["tex"] for match in FORMULA.finditer(text)] == ["W' = W", "r", "a+b"]


def test_checking_a_formula_needs_neither_qt_nor_the_net() -> None:
    code = r"""
import socket, sys
from gui.lessons.tex import check_formula
assert "ziamath" not in sys.modules
def refuse(*a, **k): raise OSError("no network")
socket.socket.connect = refuse
check_formula(r"\frac{\alpha}{r} B A")
print([m for m in sys.modules if m.startswith(("PySide6", "gui.theme"))])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          timeout=100, check=False)  # fmt: skip
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_the_window_starts_without_what_sets_formulas() -> None:
    code = "import gui.window, sys; print('ziamath' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          timeout=100, check=False)  # fmt: skip
    assert done.stdout.strip() == "False", done.stderr
