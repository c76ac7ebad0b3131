"""Shapes of transformers, from the few numbers that describe one; well-known ones as data."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Self

from engine.cost.validation import check_choice, check_flag, check_known, check_whole

MAX_DIMENSIONS = {
    "blocks": 1_000,
    "width": 100_000,
    "inner": 1_000_000,
    "vocabulary": 10_000_000,
    "context": 10_000_000,
}
"""Dimension that must be given -> its largest value, ten times what has been built or more."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Dimensions:
    """Dimensions of a transformer with equal blocks.

    Raises: SettingsError: a field outside its range; the message names field, value and range.
    """

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
            check_whole(field, getattr(self, field), most)
        for field, default in (
            ("keys", self.width),
            ("gated", FAMILIES[self.family].gated),
            ("biases", FAMILIES[self.family].biases),
        ):
            if getattr(self, field) is None:
                object.__setattr__(self, field, default)
        check_whole("keys", self.keys, self.width)
        check_flag("gated", self.gated)
        check_flag("biases", self.biases)

    @classmethod
    def from_mapping(cls, values: object) -> Self:
        """Make dimensions from plain values.

        Args: values: field -> value.
        Raises: SettingsError: unknown field or bad value.
        """
        return cls(**{**dict.fromkeys(MAX_DIMENSIONS), **check_known("dimensions", values, cls)})


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
class ShapePart:
    """Parameters outside the blocks, or between their matrices."""

    name: str
    weights: int
    biases: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Family:
    """A family of transformers: what the dimensions alone do not determine."""

    label: str
    note: str
    """The layers around the blocks, in words."""
    gated: bool
    biases: bool
    outer_parts: Callable[[Dimensions], tuple[ShapePart, ...]]


@dataclasses.dataclass(frozen=True, slots=True)
class ModelShape:
    """A transformer: equal blocks, and the layers before and after them."""

    label: str
    source: str
    """Publication or page that states its numbers."""
    dimensions: Dimensions

    @property
    def width(self) -> int:
        """d, the hidden size."""
        return self.dimensions.width

    @property
    def blocks(self) -> int:
        """L, the number of blocks."""
        return self.dimensions.blocks

    @property
    def context(self) -> int:
        """Tokens of the longest input."""
        return self.dimensions.context

    @property
    def projections(self) -> tuple[Projection, ...]:
        """The matrices of one block; attention's are split even where a library fuses them."""
        d, inner = self.width, self.dimensions.inner
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
    def norms(self) -> ShapePart:
        """The two normalisations of one block."""
        return _norm("norms", self.dimensions, 2)

    @property
    def outer_parts(self) -> tuple[ShapePart, ...]:
        """Parameters around the blocks."""
        return FAMILIES[self.dimensions.family].outer_parts(self.dimensions)

    @property
    def parameters(self) -> int:
        """Number of weights and biases, as published."""
        weights = self.block_weights + self.blocks * self.norms.weights
        return weights + sum(part.weights for part in self.outer_parts) + self.biases

    @property
    def block_weights(self) -> int:
        """Weights of the matrices in all blocks, which a quantised model stores in few bits."""
        return self.blocks * sum(projection.weights for projection in self.projections)

    @property
    def biases(self) -> int:
        """Number of biases, those of the normalisations included."""
        block = self.norms.biases
        if self.dimensions.biases:
            block += sum(projection.out for projection in self.projections)
        return self.blocks * block + sum(part.biases for part in self.outer_parts)

    def projection(self, name: str) -> Projection:
        """Return the projection of one block with this name.

        Args: name: q, k, v, o, up, down or gate.
        Raises: KeyError: there is none.
        """
        return {projection.name: projection for projection in self.projections}[name]


def make_typed_model(dimensions: Dimensions) -> ModelShape:
    """Return the shape of a model that need not be published.

    Args: dimensions: as typed in.
    """
    family = FAMILIES[dimensions.family]
    gate = "gated" if dimensions.gated else "not gated"
    biases = "with biases" if dimensions.biases else "without biases"
    source = f"typed in, {gate}, {biases}; around the blocks as {family.label}: {family.note}"
    return ModelShape("the typed-in model", source, dimensions)


def _norm(name: str, dimensions: Dimensions, count: int = 1) -> ShapePart:
    """Return `count` normalisations: with biases LayerNorm, without them RMSNorm."""
    size = count * dimensions.width
    return ShapePart(name, size, size if dimensions.biases else 0)


def _embedding(name: str, rows: int, dimensions: Dimensions) -> ShapePart:
    return ShapePart(name, rows * dimensions.width)


def _roberta_outer_parts(dimensions: Dimensions) -> tuple[ShapePart, ...]:
    # The language-model head is left out, as fine-tuning for a new task leaves it out.
    d = dimensions.width
    return (
        _embedding("token embedding", dimensions.vocabulary, dimensions),
        # Two more than there are tokens: its positions begin after the index of padding.
        _embedding("position embedding", dimensions.context + 2, dimensions),
        _embedding("token type embedding", 1, dimensions),
        _norm("embedding norm", dimensions),
        ShapePart("pooler", d * d, d if dimensions.biases else 0),
    )


def _gpt2_outer_parts(dimensions: Dimensions) -> tuple[ShapePart, ...]:
    return (
        _embedding("token embedding, also the head", dimensions.vocabulary, dimensions),
        _embedding("position embedding", dimensions.context, dimensions),
        _norm("final norm", dimensions),
    )


def _llama_outer_parts(dimensions: Dimensions) -> tuple[ShapePart, ...]:
    return (
        _embedding("token embedding", dimensions.vocabulary, dimensions),
        _norm("final norm", dimensions),
        _embedding("head", dimensions.vocabulary, dimensions),
    )


FAMILIES = {
    "llama": Family(
        "Llama", "no weights for positions, a final norm, a head of its own",
        gated=True, biases=False, outer_parts=_llama_outer_parts,
    ),
    "gpt2": Family(
        "GPT-2", "an embedding of positions, a final norm, the token embedding as head",
        gated=False, biases=True, outer_parts=_gpt2_outer_parts,
    ),
    "roberta": Family(
        "RoBERTa", "embeddings of positions and token types, a norm, a pooler, no head",
        gated=False, biases=True, outer_parts=_roberta_outer_parts,
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
