"""Well-known transformers as data: the numbers of their published configurations."""

from __future__ import annotations

from engine.cost.model_shapes import Dimensions, ModelShape


def _bert(label: str, source: str, family: str, width: int, blocks: int) -> ModelShape:
    return ModelShape(
        label,
        source,
        Dimensions(
            family=family, blocks=blocks, width=width, inner=4 * width,
            vocabulary=30522 if family == "bert" else 50265, context=512,
        ),
    )  # fmt: skip


def _roberta(label: str, width: int, blocks: int) -> ModelShape:
    source = f"arXiv:1907.11692 table 9; FacebookAI/{label.lower()}, config.json"
    return _bert(label, source, "roberta", width, blocks)


def _gpt(
    label: str, source: str, width: int, blocks: int, context: int, *, fused: bool = True
) -> ModelShape:
    return ModelShape(
        label,
        source,
        Dimensions(
            family="gpt2", blocks=blocks, width=width, inner=4 * width, vocabulary=50257,
            context=context, fused=fused,
        ),
    )  # fmt: skip


def _llama3(size: str, width: int, inner: int, blocks: int) -> ModelShape:
    return ModelShape(
        f"Llama-3-{size}",
        f"arXiv:2407.21783 table 3; meta-llama/Meta-Llama-3-{size}, config.json",
        Dimensions(
            blocks=blocks, width=width, inner=inner, vocabulary=128256, context=8192,
            # Grouped queries: eight heads of 128 for the keys and values, whatever the width.
            keys=8 * 128,
        ),
    )  # fmt: skip


def _llama32(size: str, width: int, blocks: int, head: int) -> ModelShape:
    return ModelShape(
        f"Llama-3.2-{size}",
        f"meta-llama/Llama-3.2-{size}, config.json",
        Dimensions(
            blocks=blocks, width=width, inner=8192, vocabulary=128256, context=131072,
            keys=8 * head, tied=True,
        ),
    )  # fmt: skip


def _qwen3(size: str, width: int, inner: int, *, tied: bool) -> ModelShape:
    return ModelShape(
        f"Qwen3-{size}",
        f"arXiv:2505.09388 table 1; Qwen/Qwen3-{size}, config.json",
        Dimensions(
            blocks=36, width=width, inner=inner, vocabulary=151936, context=40960,
            queries=32 * 128, keys=8 * 128, head_norm=128, tied=tied,
        ),
    )  # fmt: skip


_GPT2 = "Radford et al. 2019, table 2; openai-community"
_GEMMA3 = "arXiv:2503.19786 table 1; google"

MODELS = {
    "llama-3.2-1b": _llama32("1B", 2048, 16, 64),
    "llama-3.2-3b": _llama32("3B", 3072, 28, 128),
    "llama-3-8b": _llama3("8B", 4096, 14336, 32),
    "llama-3-70b": _llama3("70B", 8192, 28672, 80),
    "qwen3-4b": _qwen3("4B", 2560, 9728, tied=True),
    "qwen3-8b": _qwen3("8B", 4096, 12288, tied=False),
    "gemma-3-270m": ModelShape(
        "Gemma-3-270M",
        "google/gemma-3-270m, config.json",
        Dimensions(
            family="gemma3", blocks=18, width=640, inner=2048, vocabulary=262144, context=32768,
            queries=4 * 256, keys=256, head_norm=256,
        ),
    ),
    "gemma-3-4b": ModelShape(
        "Gemma-3-4B, text alone",
        f"{_GEMMA3}/gemma-3-4b-pt, config.json, text_config: the language model alone; with the "
        "part that reads images it has 4,300,079,472 parameters",
        Dimensions(
            family="gemma3", blocks=34, width=2560, inner=10240, vocabulary=262208,
            context=131072, queries=8 * 256, keys=4 * 256, head_norm=256,
        ),
    ),
    "mistral-7b": ModelShape(
        "Mistral-7B",
        "arXiv:2310.06825 table 1; mistralai/Mistral-7B-v0.1, config.json",
        Dimensions(
            blocks=32, width=4096, inner=14336, vocabulary=32000, context=32768, keys=8 * 128
        ),
    ),
    "gpt2": _gpt("GPT-2", f"{_GPT2}/gpt2, config.json", 768, 12, 1024),
    "gpt2-medium": _gpt("GPT-2 medium", f"{_GPT2}/gpt2-medium, config.json", 1024, 24, 1024),
    "gpt2-large": _gpt("GPT-2 large", f"{_GPT2}/gpt2-large, config.json", 1280, 36, 1024),
    # Its code is not public; the papers that adapt it count q, k and v one by one.
    "gpt3-175b": _gpt(
        "GPT-3 175B", "arXiv:2005.14165 table 2.1, §2.1", 12288, 96, 2048, fused=False
    ),
    "bert-base": _bert(
        "BERT-base", "arXiv:1810.04805 §3; google-bert/bert-base-uncased, config.json", "bert",
        768, 12,
    ),
    "roberta-base": _roberta("RoBERTa-base", 768, 12),
    "roberta-large": _roberta("RoBERTa-large", 1024, 24),
}  # fmt: skip
"""Name on the command line -> shape."""
