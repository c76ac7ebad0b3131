"""What transformers and PEFT count on tensors without numbers is what the calculator says."""

import dataclasses
from typing import Any

import pytest
import torch
from torch import nn

from engine.cost.cost import compute_cost
from engine.cost.model_shapes import Dimensions
from engine.cost.plan import CostPlan
from engine.cost.presets import MODELS
from tests.engine.cover import each_with

# PEFT still reads a name that transformers is about to drop.
pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

LLAMA_NAMES = {
    "q": "q_proj", "k": "k_proj", "v": "v_proj", "o": "o_proj", "up": "up_proj",
    "down": "down_proj", "gate": "gate_proj",
}  # fmt: skip
BERT_NAMES = {
    "q": "query", "k": "key", "v": "value", "o": "attention.output.dense",
    "up": "intermediate.dense", "down": r"(?<!attention.)output.dense",
}  # fmt: skip
GPT2_NAMES = {"qkv": "attn.c_attn", "o": "attn.c_proj", "up": "mlp.c_fc", "down": "mlp.c_proj"}
HEADS = {
    "llama-3.2-1b": (32, 8), "llama-3.2-3b": (24, 8), "llama-3-8b": (32, 8),
    "llama-3-70b": (64, 8), "qwen3-4b": (32, 8), "qwen3-8b": (32, 8), "gemma-3-270m": (4, 1),
    "gemma-3-4b": (8, 4), "mistral-7b": (32, 8),
}  # fmt: skip
"""Heads of q, and of k and v, by each published config.json; their widths are the calculator's."""
PRESETS = [name for name in MODELS if name != "gpt3-175b"]  # whose code is not public


def _config(preset: str, blocks: int) -> Any:
    import transformers

    d = MODELS[preset].dimensions
    if d.family in ("bert", "roberta"):
        extra = 2 if d.family == "roberta" else 0
        kind = transformers.RobertaConfig if extra else transformers.BertConfig
        return kind(
            vocab_size=d.vocabulary, hidden_size=d.width, num_hidden_layers=blocks,
            num_attention_heads=d.width // 64, intermediate_size=d.inner,
            max_position_embeddings=d.context + extra, type_vocab_size=1 if extra else 2,
        )  # fmt: skip
    if d.family == "gpt2":
        return transformers.GPT2Config(
            vocab_size=d.vocabulary, n_embd=d.width, n_layer=blocks, n_head=d.width // 64,
            n_positions=d.context,
        )  # fmt: skip
    kind = {"qwen3": transformers.Qwen3Config, "gemma": transformers.Gemma3TextConfig,
            "mistral": transformers.MistralConfig}.get(preset.split("-")[0],
                                                       transformers.LlamaConfig)  # fmt: skip
    heads, keys = HEADS[preset]
    return kind(
        vocab_size=d.vocabulary, hidden_size=d.width, intermediate_size=d.inner,
        num_hidden_layers=blocks, num_attention_heads=heads, num_key_value_heads=keys,
        head_dim=(d.queries or d.width) // heads, tie_word_embeddings=d.tied,
    )  # fmt: skip


def _model(preset: str, blocks: int) -> nn.Module:
    """A model of shapes alone, without a number in it."""
    from transformers import AutoModel, AutoModelForCausalLM

    family = MODELS[preset].dimensions.family
    kind = AutoModel if family in ("bert", "roberta") else AutoModelForCausalLM
    with torch.device("meta"):
        return kind.from_config(_config(preset, blocks))


def _count(model: nn.Module, only_trainable: bool = False) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad or not only_trainable)


def _shortened(preset: str) -> dict[str, Any]:
    """The preset with two blocks, as a typed-in model."""
    return {**dataclasses.asdict(MODELS[preset].dimensions), "blocks": 2}


def _names(preset: str) -> dict[str, str]:
    family = MODELS[preset].dimensions.family
    return {"bert": BERT_NAMES, "roberta": BERT_NAMES, "gpt2": GPT2_NAMES}.get(family, LLAMA_NAMES)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_has_the_parameters_that_transformers_counts(preset: str) -> None:
    one, two = (_count(_model(preset, blocks)) for blocks in (1, 2))
    blocks = MODELS[preset].dimensions.blocks
    assert MODELS[preset].parameters == one + (blocks - 1) * (two - one)


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_built_whole_has_these_parameters(preset: str) -> None:
    assert _count(_model(preset, MODELS[preset].dimensions.blocks)) == MODELS[preset].parameters


@pytest.mark.parametrize(
    ("preset", "parameters"),
    [
        ("llama-3.2-1b", 1_235_814_400),
        ("llama-3.2-3b", 3_212_749_824),
        ("qwen3-4b", 4_022_468_096),
        ("qwen3-8b", 8_190_735_360),
        ("gemma-3-270m", 268_098_176),
        ("gemma-3-4b", 3_880_263_168),
        ("mistral-7b", 7_241_732_096),
        ("gpt2", 124_439_808),
        ("bert-base", 109_482_240),
    ],
)
def test_published_parameters(preset: str, parameters: int) -> None:
    assert MODELS[preset].parameters == parameters


def test_lora_on_all_linear_layers_of_qwen3() -> None:
    plan = CostPlan(preset="qwen3-4b", rank=16, targets=tuple(LLAMA_NAMES))
    result = compute_cost(plan)
    assert result.trainable_parameters == 33_030_144
    assert result.total_parameters + result.added_parameters == 4_055_498_240


def _wrapped(preset: str, method: str, targets: tuple[str, ...]) -> nn.Module:
    from peft import IA3Config, LoraConfig, VeraConfig, get_peft_model

    names = _names(preset)
    common = {
        "target_modules": rf".*({'|'.join(names[name] for name in targets)})",
        "fan_in_fan_out": MODELS[preset].dimensions.family == "gpt2",
    }
    if method == "vera":
        config = VeraConfig(r=16, **common)
    elif method == "ia3":
        config = IA3Config(feedforward_modules=rf".*({names['down']})", **common)
    else:
        config = LoraConfig(r=16, use_dora=method == "dora", **common)
    with torch.device("meta"):
        return get_peft_model(_model(preset, 2), config)


def _attention(preset: str) -> tuple[str, ...]:
    """What PEFT's users adapt first: q and v, or the one matrix that holds them."""
    return ("qkv",) if MODELS[preset].dimensions.fused else ("q", "v")


@pytest.mark.parametrize(
    ("preset", "method"), each_with(("lora", "dora", "vera", "ia3"), ones=PRESETS)
)
def test_what_trains_is_what_peft_counts(preset: str, method: str) -> None:
    every = tuple(_names(preset))
    targets = (*_attention(preset), "down") if method == "ia3" else every
    peft = _wrapped(preset, method, targets)
    numbers = {} if method == "ia3" else {"rank": 16}
    plan = {"dimensions": _shortened(preset), "method": method, "targets": targets, **numbers}
    result = compute_cost(CostPlan.from_mapping(plan))
    assert _count(peft, only_trainable=True) == result.trainable_parameters
    if method != "vera":  # PEFT keeps its random matrices as buffers
        assert _count(peft) == result.total_parameters + result.added_parameters
    whole = CostPlan(preset=preset, method=method, targets=targets, **numbers)
    blocks = MODELS[preset].dimensions.blocks
    assert 2 * compute_cost(whole).trainable_parameters == blocks * result.trainable_parameters


@pytest.mark.parametrize("preset", PRESETS)
def test_what_trains_of_attention_alone_is_what_peft_counts(preset: str) -> None:
    targets = _attention(preset)
    plan = {"dimensions": _shortened(preset), "rank": 16, "targets": targets}
    result = compute_cost(CostPlan.from_mapping(plan))
    assert _count(_wrapped(preset, "lora", targets), only_trainable=True) == (
        result.trainable_parameters
    )


def test_by_default_a_fused_matrix_is_adapted_whole() -> None:
    """One A serves q, k and v: its B has their outputs all together."""
    plan = CostPlan(preset="gpt2", rank=8)
    assert plan.targets == ("qkv",)
    assert compute_cost(plan).trainable_parameters == 12 * 8 * (768 + 3 * 768)
    assert CostPlan(preset="gpt2", method="ia3").targets == ("qkv", "down")
    one_by_one = CostPlan(preset="gpt2", rank=8, targets=("q", "k", "v"))
    assert compute_cost(one_by_one).trainable_parameters == 12 * 8 * 3 * (768 + 768)


@pytest.mark.parametrize("preset", ["bert-base", "gpt2", "llama-3-8b", "qwen3-4b"])
def test_prefix_counts_are_those_of_peft(preset: str) -> None:
    from peft import PrefixTuningConfig, get_peft_model

    task = "CAUSAL_LM" if MODELS[preset].family.head else "FEATURE_EXTRACTION"
    with torch.device("meta"):
        peft = get_peft_model(
            _model(preset, 2), PrefixTuningConfig(task_type=task, num_virtual_tokens=20)
        )
    plan = CostPlan.from_mapping({"dimensions": _shortened(preset), "method": "prefix"})
    assert _count(peft, only_trainable=True) == compute_cost(plan).trainable_parameters


@pytest.mark.parametrize("preset", PRESETS)
def test_biases_are_those_of_transformers(preset: str) -> None:
    model = _model(preset, 2)
    biases = sum(p.numel() for name, p in model.named_parameters() if name.endswith("bias"))
    typed = CostPlan.from_mapping({"dimensions": _shortened(preset)})
    assert typed.model.biases == biases


def test_biases_of_q_k_and_v_alone() -> None:
    from transformers import Qwen2Config, Qwen2ForCausalLM

    with torch.device("meta"):
        model = Qwen2ForCausalLM(
            Qwen2Config(
                vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=2,
                num_attention_heads=14, num_key_value_heads=2, tie_word_embeddings=True,
            )
        )  # fmt: skip
    shape = Dimensions(blocks=2, width=896, inner=4864, vocabulary=151936, context=32768,
                       keys=128, tied=True, qkv_biases=True)  # fmt: skip
    assert CostPlan(dimensions=shape).model.parameters == _count(model)
