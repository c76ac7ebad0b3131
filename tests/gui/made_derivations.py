"""A made derivation of a cell and a made trace of a step, with numbers that fit together."""

from __future__ import annotations

import math

import numpy as np
from msgspec.structs import replace

from engine.protocol.messages import (
    CellAddress,
    CellDerivation,
    DerivationLine,
    Frame,
    LayerFrame,
    LayerTrace,
    StepTrace,
)

BATCH = 32
RATE = 0.003


def gradient_line(seed: int = 1) -> DerivationLine:
    """The mean of δ x over a batch."""
    products = np.random.default_rng(seed).normal(0, 0.2, (BATCH, 2)).astype(np.float32)
    value = float(products.astype(np.float64).prod(axis=1).sum() / BATCH)
    return DerivationLine("g", "1/n · Σ δᵢ · xⱼ", value, scale=1 / BATCH, products=products)


def adam_lines(before: float) -> tuple[DerivationLine, ...]:
    """One step of AdamW from `before` on."""
    g = gradient_line()
    m0, v0 = -0.0021, 3.7e-6
    m, v = 0.9 * m0 + 0.1 * g.value, 0.999 * v0 + 0.001 * g.value**2
    m_hat, v_hat = m / 0.7, v / 0.3
    after = before - RATE * m_hat / (math.sqrt(v_hat) + 1e-8) - RATE * 0.01 * before
    return (
        g,
        DerivationLine(
            "m", "β₁ · m + (1 − β₁) · g", m, "{} · {} + {} · {}", (0.9, m0, 0.1, g.value)
        ),
        DerivationLine(
            "v", "β₂ · v + (1 − β₂) · g²", v, "{} · {} + {} · {}²", (0.999, v0, 0.001, g.value)
        ),
        DerivationLine("m̂", "m / (1 − β₁ᵗ)", m_hat, "{} / {}", (m, 0.7)),
        DerivationLine("v̂", "v / (1 − β₂ᵗ)", v_hat, "{} / {}", (v, 0.3)),
        DerivationLine(
            "w after",
            "w − η · m̂ / (√v̂ + ε) − η · λ · w",
            after,
            "{} − {} · {} / (√{} + {}) − {} · {} · {}",
            (before, RATE, m_hat, v_hat, 1e-8, RATE, 0.01, before),
        ),
    )


def with_derivation(frame: Frame, cell: CellAddress) -> Frame:
    """The frame as it comes while this cell is asked for."""
    layer = next(one for one in frame.layers if one.name == cell.layer)
    i, j = cell.row, cell.column
    factors = dict(layer.factors)
    before = float(layer.updated[i, j]) if cell.matrix not in factors else 0.5
    made: tuple[DerivationLine, ...] = ()
    if cell.matrix == "delta" and "lora_B" in factors:
        products = np.stack([factors["lora_B"][i], factors["lora_A"][:, j]], axis=1)
        made = (DerivationLine("ΔW", "s · Σ Bₖ · Aₖ", float(layer.delta[i, j]), products=products),)
    elif cell.matrix == "delta":
        numbers = (float(layer.updated[i, j]), float(layer.weight[i, j]))
        made = (DerivationLine("ΔW", "W′ − W", float(layer.delta[i, j]), "{} − {}", numbers),)
    move = adam_lines(before) if frame.step else ()
    work = CellDerivation(cell, frame.step, before, made, f"{cell.layer}.weight", move)
    return replace(frame, derivation=work)


def with_trace(frame: Frame, *, label: int = 3) -> Frame:
    """The frame as it comes while the coming step is looked into."""
    return replace(frame, step_trace=step_trace(frame, label=label))


def step_trace(frame: Frame, *, label: int = 3) -> StepTrace:
    """The step that follows the frame."""
    generator = np.random.default_rng([5, frame.step])
    probabilities = np.full(10, 0.02, np.float32)
    probabilities[label] = 0.82
    return StepTrace(
        step=frame.step + 1,
        count=BATCH,
        picture=generator.uniform(0, 1, (8, 8)).astype(np.float32),
        names=(),
        label=label,
        classes=tuple("0123456789"),
        probabilities=probabilities,
        sample_loss=-math.log(0.82),
        loss=0.4567,
        learning_rate=RATE,
        layers=tuple(_layer(one, generator) for one in frame.layers),
    )


def _layer(layer: LayerFrame, generator: np.random.Generator) -> LayerTrace:
    out, inputs = layer.weight.shape
    x = generator.normal(0, 1, (1, inputs)).astype(np.float32)
    grad_output = generator.normal(0, 0.05, (out, 1)).astype(np.float32)
    gradient = (grad_output @ x).astype(np.float32)
    move = -RATE * np.sign(gradient) if layer.trainable else np.zeros_like(gradient)
    return LayerTrace(
        name=layer.name,
        inputs=x,
        outputs=(layer.updated @ x.T).astype(np.float32),
        grad_output=grad_output,
        gradient=gradient,
        move=move.astype(np.float32),
    )
