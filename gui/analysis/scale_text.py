"""Text of the scale page: the present scaling, its origin and its effect."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from engine.protocol.messages import Frame, StrategyInfo
from gui.text.layers import layer_title
from gui.text.numbers import number_text, short_number

BY_RANK, BY_ROOT, BY_START_RANK = "α/r", "α/√r", "α/r₀"
"""As in `StrategyInfo.scaling_rule`."""
RELATIVE_TOLERANCE = 1e-4
"""Relative difference up to which two scalings count as equal: s is a float32."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """Scaling s of a low-rank update, and the numbers it is computed from."""

    value: float
    """s."""
    alpha: float
    alpha_follows_rank: bool
    """True: α is kept equal to r."""
    rank: int
    rule: str
    """BY_RANK, BY_ROOT, or empty: neither gives s."""

    @property
    def by_rank(self) -> float:
        """α / r."""
        return self.alpha / self.rank

    @property
    def by_root(self) -> float:
        """α / √r."""
        return self.alpha / math.sqrt(self.rank)


def scaling_of(frame: Frame, strategy: StrategyInfo | None) -> Scaling | None:
    """Return the scaling of the layers that train; None where the strategy has none."""
    scaled = [layer for layer in frame.layers if layer.scaling is not None]
    if not scaled:
        return None
    # A locked layer keeps the s it had.
    layer = next((layer for layer in scaled if layer.trainable), scaled[0])
    settings = frame.settings
    value = layer.scaling or 0.0
    plain = Scaling(value, settings.scaling_alpha, settings.alpha is None, settings.rank, "")
    by_root = strategy is not None and strategy.scaling_rule == BY_ROOT
    rule, expected = (BY_ROOT, plain.by_root) if by_root else (BY_RANK, plain.by_rank)
    fits = math.isclose(value, expected, rel_tol=RELATIVE_TOLERANCE)
    return replace(plain, rule=rule) if fits else plain


def scaling_text(scaling: Scaling) -> str:
    """Return α, r and s as one line."""
    rule = f" = {scaling.rule}" if scaling.rule else ""
    alpha, s = short_number(scaling.alpha), short_number(scaling.value)
    return f"α = {alpha}   r = {scaling.rank}   s{rule} = {s}"


def sentence(frame: Frame, strategy: StrategyInfo | None) -> str:
    """Return the sentence that explains the present scaling."""
    scaling = scaling_of(frame, strategy)
    if scaling is None:
        return f"This method has no α, so there is no s. {_farthest_layer_text(frame)}"
    if strategy is not None and strategy.scaling_rule == BY_START_RANK:
        return _start_rank_text(frame, strategy, scaling)
    moved = "V = W + s·BA" if _has_scale(frame) else "W′"
    effect = _effect_text(scaling.value, moved)
    if not scaling.rule:
        s = short_number(scaling.value)
        return f"s = {s} is neither α/r nor α/√r of now: {effect}."
    return f"{_origin_text(scaling)}: {effect}. {_rank_change_text(scaling)}"


def _origin_text(scaling: Scaling) -> str:
    s = short_number(scaling.value)
    if scaling.rule == BY_ROOT:
        return f"α/√r makes s = {s}"
    times = scaling.by_rank
    tenths = round(10 * times)
    if tenths and math.isclose(10 * times, tenths, rel_tol=1e-9):
        factor = "" if tenths == 10 else short_number(tenths / 10)
        return f"α = {factor}r makes s = {s}"
    return f"α = {short_number(scaling.alpha)} at r = {scaling.rank} makes s = {s}"


def _effect_text(s: float, moved: str) -> str:
    """Return the effect of s on a step of B and A, from ΔW = s · B A."""
    if math.isclose(s, 1.0, rel_tol=RELATIVE_TOLERANCE):
        return "ΔW is BA itself" if moved == "W′" else "V = W + BA"
    words = {2.0: "twice as far", 0.5: "half as far"}
    times_text = words.get(round(s, 6), f"{short_number(s)} times as far")
    return f"the same step of B and A moves {moved} {times_text} as with s = 1"


def _rank_change_text(scaling: Scaling) -> str:
    """Return the sentence about s at another rank."""
    s = scaling.value
    if scaling.rule == BY_ROOT:
        if scaling.alpha_follows_rank:
            return "As α follows r, s = √r grows with the rank."
        return (
            f"At twice the rank s would be {short_number(s / math.sqrt(2))}; by α/r it would halve."
        )
    if scaling.alpha_follows_rank:
        return "As α follows r, s stays 1 whatever the rank."
    return (
        f"At twice the rank s would be {short_number(s / 2)}; "
        f"α = {short_number(2 * scaling.alpha)} would keep it."
    )


def _start_rank_text(frame: Frame, strategy: StrategyInfo, scaling: Scaling) -> str:
    ranks = (
        factor.values.shape[factor.info.rank_axis]
        for layer in frame.layers
        for factor in layer.factors
        if factor.info.rank_axis is not None
    )
    return (
        f"{strategy.label} divides α by the rank it began with, {next(ranks, scaling.rank)}: "
        f"s = {short_number(scaling.value)}, and it stays so while directions are pruned."
    )


def _has_scale(frame: Frame) -> bool:
    """Return whether the rows of W + s · B A are scaled, as in DoRA."""
    return any(factor.info.role == "scale" for layer in frame.layers for factor in layer.factors)


def _farthest_layer_text(frame: Frame) -> str:
    moved = [layer for layer in frame.layers if layer.weight_norm > 0 and layer.delta_norm != 0]
    if not moved:
        return "Nothing has moved yet."
    layer = max(moved, key=lambda layer: layer.relative_change)
    share = layer.relative_change
    if not math.isfinite(share):
        return f"{layer_title(layer.name)} has moved beyond all bounds."
    return f"{layer_title(layer.name)} has moved farthest: ‖ΔW‖ / ‖W‖ = {number_text(share)}."
