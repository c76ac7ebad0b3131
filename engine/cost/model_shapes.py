"""Shapes of transformers, from the few numbers that describe one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Self

from engine.model.bits import int8_bits, nf4_bits
from engine.protocol.setting import (
    Flag,
    Integer,
    Kind,
    SettingsError,
    check_fields,
    check_value,
)

MAX_DIMENSIONS = {
    "blocks": 1_000,
    "width": 100_000,
    "inner": 1_000_000,
    "vocabulary": 10_000_000,
    "context": 10_000_000,
}
"""Dimension that must be given -> its largest value, ten times what has been built or more."""
_MAX_QUERIES = 1_000_000
FUSED = "qkv"
"""Name of the one matrix of q, k and v."""
FUSED_PARTS = ("q", "k", "v")


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
    queries: int | None = None
    """Outputs of q, heads times the width of one, 1…1,000,000; None: d."""
    keys: int | None = None
    """Outputs of k and of v, 1…outputs of q; None: as q, every head has keys of its own."""
    head_norm: int = 0
    """Width of the norms of q and of k in each block, 0…outputs of k; 0: there are none."""
    family: str = "llama"
    """A name in `FAMILIES`: the layers around the blocks."""
    gated: bool | None = None
    """Whether the feed-forward layer has a gate; None: as the family has it."""
    biases: bool | None = None
    """Whether matrices and norms have a bias per output; None: as the family has them."""
    qkv_biases: bool | None = None
    """Whether q, k and v have a bias per output; None: as `biases`."""
    tied: bool | None = None
    """Whether no matrix of its own stands at the end: the head is the token embedding, or left
    out; None: as the family has it."""
    fused: bool | None = None
    """Whether q, k and v are one matrix; None: as the family has them."""

    def __post_init__(self) -> None:
        check_choice("family", self.family, tuple(FAMILIES))
        for field, most in MAX_DIMENSIONS.items():
            check_value(field, getattr(self, field), Integer(1, most))
        family = FAMILIES[self.family]
        self._fill("queries", self.width, Integer(1, _MAX_QUERIES))
        self._fill("keys", self.queries, Integer(1, self.queries or 1))
        check_value("head_norm", self.head_norm, Integer(0, self.keys or 1))
        self._fill("gated", family.gated, Flag())
        self._fill("biases", family.biases, Flag())
        self._fill("qkv_biases", self.biases, Flag())
        self._fill("tied", family.tied, Flag())
        self._fill("fused", family.fused, Flag())
        if self.biases and not self.qkv_biases:
            raise SettingsError("qkv_biases", False, "true where all matrices have biases")

    def _fill(self, field: str, default: object, kind: Kind) -> None:
        """Put a default in the place of None, and check the field."""
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
    tied: bool
    fused: bool = False
    positions: Callable[[Dimensions], int] = lambda dimensions: 0
    """Rows, of width d each, of the embeddings of positions and token types."""
    norms: int = 2
    """Norms of width d in each block."""
    root_mean_square: bool = True
    """Whether its norms are RMSNorms, which transformers computes in float32; else LayerNorms."""
    scales_in_float32: bool = False
    """Whether its norms multiply with their weights in float32, too."""
    activation_values: int = 1
    """Numbers that the activation function keeps of each of its inputs, where there is no gate."""
    pooler: bool = False
    """Whether a d × d matrix with biases follows the blocks."""
    head: bool = True
    """Whether there is a prediction of the next token: logits."""


@dataclasses.dataclass(frozen=True, slots=True)
class ModelShape:
    """A transformer: equal blocks, and the layers before and after them."""

    label: str
    source: str
    """Publication or page that states its numbers."""
    dimensions: Dimensions

    @property
    def family(self) -> Family:
        """The layers around its blocks."""
        return FAMILIES[self.dimensions.family]

    @property
    def projections(self) -> tuple[Projection, ...]:
        """The matrices of one block, as the model stores them."""
        q, k, v, *rest = self._split_projections()
        if not self.dimensions.fused:
            return q, k, v, *rest
        return Projection(FUSED, q.out + k.out + v.out, q.inputs), *rest

    @property
    def targets(self) -> tuple[Projection, ...]:
        """Matrices of one block that a method can change, and parts of a fused one."""
        fused = self.projections[:1] if self.dimensions.fused else ()
        return *fused, *self._split_projections()

    def _split_projections(self) -> tuple[Projection, ...]:
        d, inner = self.dimensions.width, self.dimensions.inner
        queries, keys = self.dimensions.queries or d, self.dimensions.keys or d
        gate = (Projection("gate", inner, d),) if self.dimensions.gated else ()
        return (
            Projection("q", queries, d),
            Projection("k", keys, d),
            Projection("v", keys, d),
            Projection("o", d, queries),
            Projection("up", inner, d),
            Projection("down", d, inner),
            *gate,
        )

    @property
    def parameters(self) -> int:
        """Number of weights and biases, as published."""
        dimensions, family, d = self.dimensions, self.family, self.dimensions.width
        norms = d * (family.norms * dimensions.blocks + 1)
        head_norms = 2 * dimensions.head_norm * dimensions.blocks
        rows = family.positions(dimensions)
        rows += dimensions.vocabulary * (1 if dimensions.tied else 2)
        outer = d * rows + family.pooler * d * d
        return self.block_weights + norms + head_norms + outer + self.biases

    @property
    def block_weights(self) -> int:
        """Weights of the matrices in all blocks, which a quantised model stores in few bits."""
        return self.dimensions.blocks * sum(p.weights for p in self.projections)

    @property
    def biases(self) -> int:
        """Number of biases, those of LayerNorms included; an RMSNorm has none."""
        dimensions, d = self.dimensions, self.dimensions.width
        if not dimensions.biases:
            block = sum(self.projection(name).out for name in FUSED_PARTS)
            return dimensions.blocks * block if dimensions.qkv_biases else 0
        block = self.family.norms * d + sum(projection.out for projection in self.projections)
        return dimensions.blocks * block + d * (1 + self.family.pooler)

    def projection(self, name: str) -> Projection:
        """Return a projection of one block. Args: name: q, k, v …  Raises: KeyError: no such."""
        return {projection.name: projection for projection in self.targets}[name]

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
    if dimensions.qkv_biases and not dimensions.biases:
        biases = "biases of q, k and v"
    head = "the token embedding as head" if dimensions.tied else "a head of its own"
    if not family.head:
        head = "no head"
    around = f"around the blocks as {family.label}: {family.note}, {head}"
    source = f"typed in, {gate}, {biases}; {around}"
    return ModelShape("the typed-in model", source, dimensions)


FAMILIES = {
    "llama": Family(
        "Llama", "no weights for positions, a final norm",
        gated=True, biases=False, tied=False,
    ),
    "gemma3": Family(
        "Gemma 3", "four norms in each block, no weights for positions, a final norm",
        gated=True, biases=False, tied=True, norms=4, scales_in_float32=True,
    ),
    # transformers computes its GELU step by step.
    "gpt2": Family(
        "GPT-2", "an embedding of positions, a final norm",
        gated=False, biases=True, tied=True, fused=True, positions=lambda d: d.context,
        root_mean_square=False, activation_values=4,
    ),
    # The head for masked words is left out of both, as fine-tuning for a new task leaves it out.
    "bert": Family(
        "BERT", "embeddings of positions and two token types, a norm, a pooler",
        gated=False, biases=True, tied=True, positions=lambda d: d.context + 2,
        root_mean_square=False, pooler=True, head=False,
    ),
    # Two positions more than there are tokens: they begin after the index of padding.
    "roberta": Family(
        "RoBERTa", "embeddings of positions and token types, a norm, a pooler",
        gated=False, biases=True, tied=True, positions=lambda d: d.context + 2 + 1,
        root_mean_square=False, pooler=True, head=False,
    ),
}  # fmt: skip
"""Name on the command line -> family."""
