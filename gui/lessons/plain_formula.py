"""Short formulas as text: those that need no more than letters, signs, and small figures."""

from __future__ import annotations

import re
from dataclasses import dataclass

NARROW, FIXED = "\u202f", "\u00a0"
"""Spaces at which no line breaks: between two factors, and round a sign."""
LETTERS = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eta": "η",
    "theta": "θ", "lambda": "λ", "mu": "μ", "sigma": "σ", "phi": "φ", "Delta": "Δ",
    "partial": "∂", "infty": "∞", "ell": "ℓ",
}  # fmt: skip
"""TeX's command -> letter."""
SIGNS = {"times": "×", "cdot": "·", "approx": "≈", "le": "≤", "ge": "≥", "ne": "≠", "to": "→",
         "pm": "±", "=": "=", "+": "+", "-": "−", "<": "<", ">": ">"}  # fmt: skip
"""TeX's command or sign -> sign between two terms."""
BREAKING = frozenset("=≈≤≥≠→<>")
"""Signs after which a line may break."""
PREFIXES = frozenset("Δ∂")
"""Letters that belong to the one behind them."""
FUNCTIONS = {"ln": "ln", "log": "log", "min": "min", "max": "max"}
PLAIN = {"|": "‖", ",": NARROW, " ": FIXED, ";": FIXED}
"""Command of one character -> what it stands for."""
_TOKEN = re.compile(
    r"\\mathrm\{(?P<word>\w+)\}|\\(?P<command>[A-Za-z]+|.)|(?P<script>[_^])|(?P<prime>'+)"
    r"|(?P<number>\d+(?:\.\d+)?)|(?P<letter>[A-Za-z])|(?P<sign>[-+=<>])|(?P<other>[()/,*])"
    r"|(?P<group>[{}])|(?P<space>\s+)"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a formula."""

    text: str
    script: str = ""
    """“_” below the line, “^” above it, empty on it."""


def plain_formula(tex: str) -> list[Piece] | None:
    r"""Return a formula as pieces of text; None: it needs more than text can do.

    >>> "".join(piece.text for piece in plain_formula(r"W' = W + \Delta W"))
    'W′\xa0= W\xa0+\xa0ΔW'
    >>> plain_formula(r"\frac{a}{b}")
    """
    pieces: list[Piece] = []
    script, in_group, position = "", False, 0
    while position < len(tex):
        match = _TOKEN.match(tex, position)
        if match is None:
            return None
        position = match.end()
        if match["space"]:
            continue
        if match["script"]:
            if script:
                return None
            script = match["script"]
        elif match["group"]:
            opens = match["group"] == "{"
            if not script or opens == in_group:
                return None
            in_group, script = opens, script if opens else ""
        else:
            begins = bool(script) and (not pieces or pieces[-1].script != script)
            text = _text(match, [] if begins else pieces)
            if text is None:
                return None
            pieces.append(Piece(text, script))
            script = script if in_group else ""
    return None if script else pieces


def _text(match: re.Match[str], before: list[Piece]) -> str | None:
    """Return the text of a token, with the space before it; None: there is none."""
    command = match["command"] or match["sign"]
    last = before[-1].text if before else ""
    if match["prime"]:
        return "′" * len(match["prime"])
    if match["number"]:
        return match["number"]
    if match["other"]:
        return {"*": "∗", ",": ", "}.get(match["other"], match["other"])
    if command in SIGNS:
        sign = SIGNS[command]
        if sign == "−" and (not last or last[-1] in " (," or last[-1] in BREAKING):
            return sign  # of a negative number
        return f"{FIXED}{sign}{' ' if sign in BREAKING else FIXED}"
    if command in PLAIN:
        return PLAIN[command]
    letter = match["letter"] or match["word"] or LETTERS.get(command or "")
    if letter is None:
        letter = FUNCTIONS.get(command or "")
        if letter is None:
            return None
        return f"{letter}{NARROW}"
    joined = not before or not (last[-1].isalpha() or last[-1] == "′") or last in PREFIXES
    return letter if joined else f"{NARROW}{letter}"
