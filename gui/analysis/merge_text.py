"""What the merge page says: how much of what was learned survives fewer bits."""

from __future__ import annotations

import math

from engine.protocol.messages import Frame, Merge
from engine.protocol.settings import MAX_STUDIED_WEIGHTS
from gui.analysis.spectrum_text import body, is_zero
from gui.text.numbers import MINUS, number_text, percent

NAMES = {
    "float32": ("float32", 32),
    "float16": ("float16", 16),
    "bfloat16": ("bfloat16", 16),
    "int8": ("int8", 8),
    "nf4": ("NF4", 4),
}
"""Format -> (its name, bits that each weight itself takes)."""
WAITING = "Rounding W′ to 32, 16, 8 and 4 bits…"
TOO_LARGE = f"W′ is rounded only in a body of at most {MAX_STUDIED_WEIGHTS:,} weights."
ADAPTERS = (
    "Adapters cannot be merged: each is a layer of its own, with a ReLU inside. "
    "The table is about W′ of the body."
)


def bits_text(bits: float) -> str:
    """Bits per weight, exact.

    >>> bits_text(32.0), bits_text(4.126953125)
    ('32', '4.1270')
    """
    return f"{bits:.0f}" if bits == round(bits) else f"{bits:.4f}"


def error_text(share: float) -> str:
    """An error as a share, however small or large it is."""
    if not math.isfinite(share):
        return "–"
    if share == 0:
        return "0"
    if share < 1e-6:
        return "< 0.0001\u202f%"
    if share < 0.0995:
        return f"{number_text(100 * share)}\u202f%"
    if share < 10:
        return f"{100 * share:.{1 if share < 1 else 0}f}\u202f%"
    return f"× {number_text(share)}"


def change_text(merged: float | None, exact: float | None) -> str:
    """By how many points an accuracy changes; empty where what is written does not."""
    if merged is None or exact is None or percent(merged) == percent(exact):
        return ""
    points = 100 * (merged - exact)
    return f"{MINUS if points < 0 else '+'}{abs(points):.1f}"


def exact_of(merges: tuple[Merge, ...]) -> Merge:
    """W′ as it is, to compare with: the merges may be a few steps older than the frame."""
    return max(merges, key=lambda merge: (merge.bits_per_weight, -merge.weight_error))


def sentence(frame: Frame) -> str:
    """What is to be seen, at the fewest bits."""
    if not frame.merges:
        large = not frame.settings.is_studied
        return TOO_LARGE if large else WAITING
    coarsest = min(frame.merges, key=lambda merge: merge.bits_per_weight)
    bits = NAMES[coarsest.format][1]
    outcome = _outcome(coarsest, exact_of(frame.merges))
    if any(layer.name.startswith("adapter") for layer in frame.layers):
        return f"{ADAPTERS} At {bits} bits {outcome}."
    if all(map(is_zero, body(frame))) or not math.isfinite(coarsest.delta_error):
        off = error_text(coarsest.weight_error)
        return f"ΔW is zero: nothing to merge yet. At {bits} bits W is off by {off}; {outcome}."
    size = coarsest.delta_error
    times = f"{size:.1f} times" if size >= 1 else error_text(size)
    return f"Merging at {bits} bits makes an error {times} as large as ΔW; {outcome}."


def _outcome(merge: Merge, exact: Merge) -> str:
    which, merged, now = "target", merge.target_accuracy, exact.target_accuracy
    if merged is None or now is None:
        which, merged, now = "source", merge.source_accuracy, exact.source_accuracy
    there, here = percent(merged), percent(now)
    if there == here:
        return f"{which} accuracy stays at {here}"
    return f"{which} accuracy {'falls' if merged < now else 'rises'} from {here} to {there}"
