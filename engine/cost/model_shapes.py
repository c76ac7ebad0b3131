"""Shapes of transformers, from the few numbers that describe one; well-known ones as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Self

from engine.model.bits import int8_bits, nf4_bits
from engine.protocol.setting import Flag, Integer, SettingsError, check_fields, check_value

MAX_DIMENSIONS = {
    "blocks": 1_000,
    "width": 100_000,
    "inner": 1_000_000,
    "vocabulary": 10_000_000,
    "context": 10_000_000,
}
"""Dimension that must be given -> its largest value, ten times what has been built or more."""


def check_choice(
    field: str, value: object, allowed: tuple[object, ...], words: str = "one of"
) -> None:
    """Check that a value is one of those allowed.

    Args: field: its name.  value: to check.  allowed: all of one type.  words: before the allowed
    values in the message.
    Raises: SettingsError: it is not.
    """
    if type(value) is not type(allowed[0]) or value not in allowed:
        raise SettingsError(field, value, f"{words} {', '.join(map(str, allowed))}")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """Dimensions of a transformer, equal blocks. Raises: SettingsError: a field out of range."""

    blocks: int
    """L, 1…1,000."""
    width: int
    """d, the model's hidden size, 1…100,000."""
    inner: int
    """Width of the feed-forward layer, 1…1,000,000."""
    vocabulary: int
    """Tokens of the embedding, 1…10,000,000."""
    context: int
    """Tokens of the longest input, 1…10,000,000."""
    keys: int | None = None
    """Outputs of k and of v, 1…d; None: d, every head has keys of its own."""
    family: str = "llama"
    """A name in `FAMILIES`: the layers around the blocks."""
    gated: bool | None = None
    """Whether the feed-forward layer has a gate; None: as the family has it."""
    biases: bool | None = None
    """Whether matrices and norms have a bias per output; None: as the family has them."""

    def __post_init__(self) -> None:
        check_choice("family", self.family, tuple(FAMILIES))
        for field, most in MAX_DIMENSIONS.items():
            check_value(field, getattr(self, field), Integer(1, most))
        family = FAMILIES[self.family]
        for field, default, kind in (
            ("keys", self.width, Integer(1, self.width)),
            ("gated", family.gated, Flag()),
            ("biases", family.biases, Flag()),
        ):
            if getattr(self, field) is None:
                object.__setattr__(self, field, default)
            check_value(field, getattr(self, field), kind)

    @classmethod
    def from_mapping(cls, values: object) -> Self:
        """Make dimensions. Args: values: by field.  Raises: SettingsError: a bad field or value."""
        return cls(**{**dict.fromkeys(MAX_DIMENSIONS), **check_fields("dimensions", values, cls)})


@dataclasses.dataclass(frozen=True, slots=True)
class Projection:
    """One matrix of a block, W of shape (out, inputs)."""

    name: str
    out: int
    inputs: int

    @property
    def weights(self) -> int:
        """Number of weights, without the bias."""
        return self.out * self.inputs


@dataclasses.dataclass(frozen=True, slots=True)
class Family:
    """A family of transformers: what the dimensions alone do not determine."""

    label: str
    note: str
    """The layers around the blocks, in words."""
    gated: bool
    biases: bool
    outer_rows: Callable[[Dimensions], int]
    """Rows, of width d each, of the embeddings and the head around the blocks."""
    pooler: bool = False
    """Whether a d × d matrix with biases follows the blocks."""


@dataclasses.dataclass(frozen=True, slots=True)
class ModelShape:
    """A transformer: equal blocks, and the layers before and after them."""

    label: str
    source: str
    """Publication or page that states its numbers."""
    dimensions: Dimensions

    @property
    def projections(self) -> tuple[Projection, ...]:
        """The matrices of one block; attention's are split even where a library fuses them."""
        d, inner = self.dimensions.width, self.dimensions.inner
        keys = self.dimensions.keys or d
        gate = (Projection("gate", inner, d),) if self.dimensions.gated else ()
        return (
            Projection("q", d, d),
            Projection("k", keys, d),
            Projection("v", keys, d),
            Projection("o", d, d),
            Projection("up", inner, d),
            Projection("down", d, inner),
            *gate,
        )

    @property
    def parameters(self) -> int:
        """Number of weights and biases, as published."""
        family, d = FAMILIES[self.dimensions.family], self.dimensions.width
        norms = 2 * self.dimensions.blocks + 1
        outer = d * (family.outer_rows(self.dimensions) + norms) + family.pooler * d * d
        return self.block_weights + outer + self.biases

    @property
    def block_weights(self) -> int:
        """Weights of the matrices in all blocks, which a quantised model stores in few bits."""
        return self.dimensions.blocks * sum(p.weights for p in self.projections)

    @property
    def biases(self) -> int:
        """Number of biases, those of LayerNorms included; an RMSNorm has none."""
        if not self.dimensions.biases:
            return 0
        d, family = self.dimensions.width, FAMILIES[self.dimensions.family]
        block = 2 * d + sum(projection.out for projection in self.projections)
        return self.dimensions.blocks * block + d * (1 + family.pooler)

    def projection(self, name: str) -> Projection:
        """Return a projection of one block. Args: name: q, k, v …  Raises: KeyError: no such."""
        return {projection.name: projection for projection in self.projections}[name]

    def stored_bytes(self, precision: int) -> int:
        """Return the bytes of the whole model.

        Embeddings, norms, biases and head stay in 16 bits where the blocks' matrices have fewer.

        Args: precision: bits per weight, one of `PRECISIONS`.
        Source: arXiv:2208.07339 for 8 bits; arXiv:2305.14314 for 4 bits.
        """
        if precision >= 16:
            return self.parameters * precision // 8
        matrices = (
            int8_bits(p.out, p.inputs) if precision == 8 else nf4_bits(p.weights)
            for p in self.projections
        )
        block = sum(bits // 8 for bits in matrices)
        return 2 * (self.parameters - self.block_weights) + self.dimensions.blocks * block


def make_typed_model(dimensions: Dimensions) -> ModelShape:
    """Return the shape of a model that need not be published. Args: dimensions: as typed in."""
    family = FAMILIES[dimensions.family]
    gate = "gated" if dimensions.gated else "not gated"
    biases = "with biases" if dimensions.biases else "without biases"
    source = f"typed in, {gate}, {biases}; around the blocks as {family.label}: {family.note}"
    return ModelShape("the typed-in model", source, dimensions)


FAMILIES = {
    "llama": Family(
        "Llama", "no weights for positions, a final norm, a head of its own",
        gated=True, biases=False, outer_rows=lambda d: 2 * d.vocabulary,
    ),
    "gpt2": Family(
        "GPT-2", "an embedding of positions, a final norm, the token embedding as head",
        gated=False, biases=True, outer_rows=lambda d: d.vocabulary + d.context,
    ),
    # Two positions more than there are tokens: they begin after the index of padding. The
    # language-model head is left out, as fine-tuning for a new task leaves it out.
    "roberta": Family(
        "RoBERTa", "embeddings of positions and token types, a norm, a pooler, no head",
        gated=False, biases=True, outer_rows=lambda d: d.vocabulary + d.context + 2 + 1,
        pooler=True,
    ),
}  # fmt: skip
"""Name on the command line -> family."""


def _roberta(label: str, width: int, blocks: int) -> ModelShape:
    return ModelShape(
        label,
        f"arXiv:1907.11692 table 9; FacebookAI/{label.lower()}, config.json",
        Dimensions(
            family="roberta", blocks=blocks, width=width, inner=4 * width, vocabulary=50265,
            context=512,
        ),
    )  # fmt: skip


def _gpt(label: str, source: str, width: int, blocks: int, context: int) -> ModelShape:
    return ModelShape(
        label,
        source,
        Dimensions(
            family="gpt2", blocks=blocks, width=width, inner=4 * width, vocabulary=50257,
            context=context,
        ),
    )  # fmt: skip


def _llama3(size: str, width: int, inner: int, blocks: int) -> ModelShape:
    return ModelShape(
        f"Llama-3-{size}",
        f"arXiv:2407.21783 table 3; meta-llama/Meta-Llama-3-{size}, config.json",
        Dimensions(
            family="llama", blocks=blocks, width=width, inner=inner, vocabulary=128256,
            context=8192,
            # Grouped queries: eight heads of 128 for the keys and values, whatever the width.
            keys=8 * 128,
        ),
    )  # fmt: skip


_GPT2 = "Radford et al. 2019, table 2; openai-community"

MODELS = {
    "roberta-base": _roberta("RoBERTa-base", 768, 12),
    "roberta-large": _roberta("RoBERTa-large", 1024, 24),
    "gpt2-medium": _gpt("GPT-2 medium", f"{_GPT2}/gpt2-medium, config.json", 1024, 24, 1024),
    "gpt2-large": _gpt("GPT-2 large", f"{_GPT2}/gpt2-large, config.json", 1280, 36, 1024),
    "gpt3-175b": _gpt("GPT-3 175B", "arXiv:2005.14165 table 2.1, §2.1", 12288, 96, 2048),
    "llama-3-8b": _llama3("8B", 4096, 14336, 32),
    "llama-3-70b": _llama3("70B", 8192, 28672, 80),
}
"""Name on the command line -> shape."""
