"""The one evaluator of arithmetic as a derivation shows it."""

import math
import re

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NAMES = {"sqrt": math.sqrt, "abs": abs, "inf": math.inf, "nan": math.nan}


def evaluate(text: str) -> float:
    """What numbers between + − · / √ ² | and brackets come to, as on a calculator."""
    plain = re.sub(r"√(\([^()]*\)|[\d.]+)", r"sqrt(\1)", text.replace("\u00a0", " "))
    plain = re.sub(r"\|([^|]*)\|", r"abs(\1)", plain)
    plain = plain.replace(",", "").replace("−", "-").replace("·", "*")
    plain = re.sub(r"[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: f"**({m[0].translate(_SUPERSCRIPTS)})", plain)
    return float(eval(plain, {"__builtins__": {}}, _NAMES))
