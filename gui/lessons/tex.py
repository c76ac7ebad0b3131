r"""TeX formulas: found in a text, validated, and converted to SVG. Without Qt, network or files."""

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
"""Pandoc's rule: no space inside the $ signs, no digit behind them; `$5` alone is money."""
MAX_CHARACTERS = 400
"""Longest formula."""
MAX_DEPTH = 8
"""Deepest nesting of braces, brackets and tables: each level doubles the conversion time."""
OPENING = frozenset({"{", r"\left", r"\begin"})
CLOSING = frozenset({"}", r"\right", r"\end"})
MAX_SIZE_RATIO = 60.0
"""Largest width and height of a formula, in multiples of the text's size."""
CHECK_SIZE_PIXELS = 16.0
_NESTS = re.compile(r"\\[A-Za-z]+|\\.|[{}]", re.DOTALL)
OPEN_PRIME = re.compile(r"(?<=W)'(?!')")
"""A prime after W, the widest letter: it would be set too far away."""
TIGHT_PRIME = r"^{\\!\\prime}"
SIGN_MINUS = re.compile(r"((?:^|[=<>(,]|\\(?:cdot|times|approx|le|ge)(?![A-Za-z]))\s*)-")
"""A minus that is a number's sign: the converter would space it as a binary operator."""
TIGHT_MINUS = r"\1{-}"
ALLOWED_TAGS = frozenset({"svg", "g", "path", "rect"})
"""SVG elements that a formula may consist of: none can refer to another file."""


class TexError(ValueError):
    """A formula that cannot be converted; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as SVG; all sizes in pixels."""

    svg: bytes
    width: float
    ascent: float
    """Extent above the baseline, ≥ 0."""
    descent: float
    """Extent below the baseline, ≥ 0."""


def check_formula(tex: str) -> None:
    """Validate a formula. Raises: TexError: it cannot be converted."""
    set_formula(tex, CHECK_SIZE_PIXELS, "#000000")


@lru_cache(maxsize=256)
def set_formula(tex: str, size: float, colour: str, *, display: bool = False) -> Formula:
    """Convert a formula.

    Args: tex: the formula.  size: of the text around it, in pixels.  colour: #rrggbb.
    display: whether fractions and sums have full height, as on a line of their own.
    Raises: TexError: it cannot be converted.
    """
    _check_text(tex)
    ziamath = _import_ziamath()
    drawn = SIGN_MINUS.sub(TIGHT_MINUS, OPEN_PRIME.sub(TIGHT_PRIME, tex))
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
    if not (
        0 < right - left <= MAX_SIZE_RATIO * size
        and 0 < box.ymax - box.ymin <= MAX_SIZE_RATIO * size
    ):
        raise TexError(f"{tex}: is empty or far too large")
    if {element.tag for element in picture.iter()} - ALLOWED_TAGS:
        raise TexError(f"{tex}: has more in it than a formula")
    ascent, descent = max(box.ymax, 0.0), max(-box.ymin, 0.0)
    picture.set("viewBox", f"{left} {-ascent} {right - left} {ascent + descent}")
    picture.set("width", f"{right - left}")
    picture.set("height", f"{ascent + descent}")
    return Formula(ET.tostring(picture), right - left, ascent, descent)


def _check_text(tex: str) -> None:
    if len(tex) > MAX_CHARACTERS:
        raise TexError(f"{tex[:20]}…: is longer than {MAX_CHARACTERS} signs")
    depth = deepest = 0
    for token in _NESTS.findall(tex):
        opens = token in OPENING
        depth += opens or -(token in CLOSING)
        deepest = max(depth, deepest)
        if depth < 0:
            break
    if depth:
        raise TexError(f"{tex}: a brace {{ or }}, a \\left or a \\begin has no partner")
    if deepest > MAX_DEPTH:
        raise TexError(f"{tex[:20]}…: is nested more than {MAX_DEPTH} deep")


def _check_signs(ziamath: ModuleType, mathml: ET.Element) -> None:
    """Refuse unknown commands, which would be set as letters, and signs missing in the font."""
    font = ziamath.zmath.loadedfonts["default"]
    for element in mathml.iter():
        text = (element.text or "").strip()
        if text.startswith("\\"):
            raise TexError(f"{text}: no such command")
        for sign in text:
            if not sign.isspace() and font.glyphindex(sign) == 0 and sign.isprintable():
                raise TexError(f"{sign}: the font has no such sign")


def _reason(error: Exception) -> str:
    """Return the reason of a converter's error, in words where it is known."""
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
def _import_ziamath() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of how it finds its own fonts
        import ziamath
        from ziamath.config import config

    config.svg2 = False  # SVG 1.1, all that QtSvg reads
    config.precision = 4
    return ziamath
