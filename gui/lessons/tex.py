r"""Formulas in TeX: found in a text, checked, and set as SVG. Without Qt, network or other files.

ziamath, which sets them, is imported with the first formula: a window without one does without.
"""

from __future__ import annotations

import re
import warnings
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType

FORMULA = re.compile(
    r"(?<!\\)(?P<sign>\$\$?)(?=[^\s$])(?P<tex>(?:[^$\\]|\\.)*?)(?<=[^\s])(?P=sign)(?!\d)", re.DOTALL
)
"""As elsewhere in Markdown: no space inside the signs, no digit behind; `$5` alone is money."""
LONGEST = 400
"""Signs of one formula; what is longer belongs on a page of its own."""
DEEPEST = 8
"""Braces, brackets and tables within each other: the converter takes twice as long with each."""
OPENING = frozenset({"{", r"\left", r"\begin"})
CLOSING = frozenset({"}", r"\right", r"\end"})
WIDEST = 60.0
"""Of a formula and its height, in multiples of the text's size."""
CHECKED_AT = 16.0
_NESTS = re.compile(r"\\[A-Za-z]+|\\.|[{}]", re.DOTALL)
OPEN_PRIME = re.compile(r"(?<=W)'(?!')")
"""After the widest of letters a prime would stand apart, as if it were of the next sign."""
TIGHT_PRIME = r"^{\\!\\prime}"
SIGN = re.compile(r"((?:^|[=<>(,]|\\(?:cdot|times|approx|le|ge)(?![A-Za-z]))\s*)-")
"""A minus that is a number's sign: the converter would set it apart, as between two numbers."""
CLOSE_SIGN = r"\1{-}"
DRAWN = frozenset({"svg", "g", "path", "rect"})
"""What a formula is made of: nothing that could name another file."""


class TexError(ValueError):
    """A formula that cannot be set; says why."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as a picture, in the unit of the text's size."""

    svg: bytes
    width: float
    ascent: float
    """Above the baseline."""
    descent: float
    """Below it, ≥ 0."""


def formulas(text: str) -> list[str]:
    r"""The formulas of a text, in order, as TeX.

    >>> formulas(r"$W' = W + \\Delta W$ costs $5 or \\$6, $r$ more.")
    ["W' = W + \\\\Delta W", 'r']
    """
    return [match["tex"] for match in FORMULA.finditer(text)]


def warm_up() -> None:
    """Import what sets formulas, so that the first one does not hold the window up."""
    check_formula("W")


def check_formula(tex: str) -> None:
    """Raises: FormulaError: it cannot be set."""
    set_formula(tex, CHECKED_AT, "#000000")


@lru_cache(maxsize=256)
def set_formula(tex: str, size: float, colour: str, *, display: bool = False) -> Formula:
    """Set one formula.

    Args: size: of the text around it, in pixels.  colour: #rrggbb.  display: fractions and sums
    in full height, as on a line of their own.
    Raises: FormulaError: it cannot be set.
    """
    _check_text(tex)
    ziamath = _ziamath()
    drawn = SIGN.sub(CLOSE_SIGN, OPEN_PRIME.sub(TIGHT_PRIME, tex))
    # What the converter raises has no class in common.
    try:
        mathml = ziamath.zmath.tex2mml(drawn, inline=not display)
        _check_signs(ziamath, ET.fromstring(mathml))
        math = ziamath.Latex(drawn, size=size, color=colour, inline=not display, margin=0)
        picture, box = math.svgxml(), math.node.bbox
    except TexError:
        raise
    except Exception as error:
        raise TexError(f"{tex}: {_reason(error)}") from error
    left, right = min(box.xmin, 0.0), box.xmax
    if not (0 < right - left <= WIDEST * size and 0 < box.ymax - box.ymin <= WIDEST * size):
        raise TexError(f"{tex}: is empty or far too large")
    if {element.tag for element in picture.iter()} - DRAWN:
        raise TexError(f"{tex}: has more in it than a formula")
    ascent, descent = max(box.ymax, 0.0), max(-box.ymin, 0.0)
    picture.set("viewBox", f"{left} {-ascent} {right - left} {ascent + descent}")
    picture.set("width", f"{right - left}")
    picture.set("height", f"{ascent + descent}")
    return Formula(ET.tostring(picture), right - left, ascent, descent)


def _check_text(tex: str) -> None:
    if len(tex) > LONGEST:
        raise TexError(f"{tex[:20]}…: is longer than {LONGEST} signs")
    depth = deepest = 0
    for token in _NESTS.findall(tex):
        opens = token in OPENING
        depth += opens or -(token in CLOSING)
        deepest = max(depth, deepest)
        if depth < 0:
            break
    if depth:
        raise TexError(f"{tex}: a brace {{ or }}, a \\left or a \\begin has no partner")
    if deepest > DEEPEST:
        raise TexError(f"{tex[:20]}…: is nested more than {DEEPEST} deep")


def _check_signs(ziamath: ModuleType, mathml: ET.Element) -> None:
    """The converter takes an unknown command for its letters, and the font a strange sign for □."""
    font = ziamath.zmath.loadedfonts["default"]
    for element in mathml.iter():
        text = (element.text or "").strip()
        if text.startswith("\\"):
            raise TexError(f"{text}: no such command")
        for sign in text:
            if not sign.isspace() and font.glyphindex(sign) == 0 and sign.isprintable():
                raise TexError(f"{sign}: the font has no such sign")


def _reason(error: Exception) -> str:
    """What the converter says, where it says more than the name of its error."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).removesuffix("Error")
    known = {
        "No Available Tokens": "something is missing",
        "Assertion": "a brace or an argument is missing",
        "Double Superscripts": "two superscripts, one above the other, want braces",
        "Double Subscripts": "two subscripts, one below the other, want braces",
        "Missing Super Script Or Subscript": "_ or ^ with nothing beside it",
    }
    return known.get(words.strip(), "cannot be read as TeX")


@lru_cache(maxsize=1)
def _ziamath() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of how it finds its own fonts
        import ziamath
        from ziamath.config import config

    config.svg2 = False  # SVG 1.1, all that QtSvg reads
    config.precision = 4
    return ziamath
