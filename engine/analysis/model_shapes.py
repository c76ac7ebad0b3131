"""The shapes of well-known transformers, as data; their published parameter counts follow."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Projection:
    """One matrix of a block, W of shape (out, inputs)."""

    name: str
    out: int
    inputs: int

    @property
    def weights(self) -> int:
        """How many weights it has, its bias not counted."""
        return self.out * self.inputs


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """What stands outside the blocks, or between their matrices."""

    name: str
    weights: int
    biases: int = 0


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
    """A transformer: `blocks` equal blocks, and what stands before and after them."""

    label: str
    source: str
    """Where its numbers were published."""
    width: int
    """d, of what flows from block to block."""
    blocks: int
    """L"""
    context: int
    """Tokens it can read at once."""
    projections: tuple[Projection, ...]
    """The matrices of one block; attention's are split even where a library fuses them."""
    biased: bool
    """Whether every projection has a bias, one per output."""
    norms: Part
    """The two normalisations of one block."""
    outside: tuple[Part, ...]

    @property
    def parameters(self) -> int:
        """All weights and biases, as published."""
        weights = self.block_weights + self.blocks * self.norms.weights
        return weights + sum(part.weights for part in self.outside) + self.biases

    @property
    def block_weights(self) -> int:
        """Weights of the matrices in all blocks: what a quantised model stores in few bits."""
        return self.blocks * sum(projection.weights for projection in self.projections)

    @property
    def biases(self) -> int:
        """Every bias there is, those of the normalisations included."""
        block = self.norms.biases
        if self.biased:
            block += sum(projection.out for projection in self.projections)
        return self.blocks * block + sum(part.biases for part in self.outside)

    def projection(self, name: str) -> Projection:
        """The projection of that name; KeyError where there is none."""
        return {projection.name: projection for projection in self.projections}[name]


def _projections(width: int, hidden: int, keys: int, gated: bool) -> tuple[Projection, ...]:
    """Args: hidden: width of the feed-forward layer.  keys: outputs of k and of v."""
    attention = (
        Projection("q", width, width),
        Projection("k", keys, width),
        Projection("v", keys, width),
        Projection("o", width, width),
    )
    forward = (Projection("up", hidden, width), Projection("down", width, hidden))
    gate = (Projection("gate", hidden, width),) if gated else ()
    return (*attention, *forward, *gate)


def _roberta(label: str, width: int, blocks: int) -> ModelShape:
    return ModelShape(
        label=label,
        source=f"arXiv:1907.11692 table 9; FacebookAI/{label.lower()}, config.json",
        width=width,
        blocks=blocks,
        context=512,
        projections=_projections(width, 4 * width, width, gated=False),
        biased=True,
        norms=Part("norms", 2 * width, 2 * width),
        outside=(
            Part("token embedding", 50265 * width),
            Part("position embedding", 514 * width),
            Part("token type embedding", width),
            Part("embedding norm", width, width),
            # The language-model head is left out, as fine-tuning for a new task leaves it out.
            Part("pooler", width * width, width),
        ),
    )


def _gpt(label: str, source: str, width: int, blocks: int, context: int) -> ModelShape:
    return ModelShape(
        label=label,
        source=source,
        width=width,
        blocks=blocks,
        context=context,
        projections=_projections(width, 4 * width, width, gated=False),
        biased=True,
        norms=Part("norms", 2 * width, 2 * width),
        outside=(
            Part("token embedding, also the head", 50257 * width),
            Part("position embedding", context * width),
            Part("final norm", width, width),
        ),
    )


def _llama3(size: str, width: int, hidden: int, blocks: int) -> ModelShape:
    return ModelShape(
        label=f"Llama-3-{size}",
        source=f"arXiv:2407.21783 table 3; meta-llama/Meta-Llama-3-{size}, config.json",
        width=width,
        blocks=blocks,
        context=8192,
        # Grouped queries: eight heads of 128 for the keys and values, whatever the width.
        projections=_projections(width, hidden, 8 * 128, gated=True),
        biased=False,
        norms=Part("norms", 2 * width),
        outside=(
            Part("token embedding", 128256 * width),
            Part("final norm", width),
            Part("head", 128256 * width),
        ),
    )


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
