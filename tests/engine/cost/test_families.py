"""What autograd keeps of a forward pass, for each family of models and each method of PEFT."""

from typing import Any

import pytest
import torch
from torch import nn

from engine.cost.cost import compute_cost
from engine.cost.plan import CostPlan
from tests.engine.cost.measured_memory import saved_for_backward

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

TOKENS, VOCABULARY = 192, 2000
GATED = {"blocks": 3, "width": 256, "inner": 704, "vocabulary": VOCABULARY, "context": 256}
PLAIN = {**GATED, "inner": 1024}
WIDE_HEADS = {"queries": 512, "keys": 256, "head_norm": 64}
SHAPES: dict[str, dict[str, Any]] = {
    "llama": {**GATED, "keys": 128},
    "qwen3": {**GATED, **WIDE_HEADS, "tied": True},
    "gemma3": {**GATED, **WIDE_HEADS, "family": "gemma3"},
    "gpt2": {**PLAIN, "family": "gpt2"},
    "bert": {**PLAIN, "family": "bert"},
}
Q, V, DOWN = "q_proj", "v_proj", "down_proj"


def _model(name: str) -> nn.Module:
    """A model without dropout in attention: on the CPU it would make the matrix of all pairs."""
    import transformers as hf

    common: Any = {"vocab_size": VOCABULARY, "hidden_size": 256, "num_hidden_layers": 3}
    gated = {**common, "intermediate_size": 704, "num_attention_heads": 8, "use_cache": False,
             "num_key_value_heads": 4}  # fmt: skip
    configs: dict[str, Any] = {
        "llama": lambda: hf.LlamaConfig(**gated),
        "qwen3": lambda: hf.Qwen3Config(**gated, head_dim=64, tie_word_embeddings=True),
        "gemma3": lambda: hf.Gemma3TextConfig(**gated, head_dim=64),
        "gpt2": lambda: hf.GPT2Config(
            vocab_size=VOCABULARY, n_embd=256, n_layer=3, n_head=4, n_positions=256,
            use_cache=False, attn_pdrop=0.0,
        ),
        "bert": lambda: hf.BertConfig(
            **common, intermediate_size=1024, num_attention_heads=4,
            attention_probs_dropout_prob=0.0,
        ),
    }  # fmt: skip
    kind = hf.AutoModel if name == "bert" else hf.AutoModelForCausalLM
    model: nn.Module = kind.from_config(configs[name]())
    return model.to(torch.bfloat16).train()


def _wrapped(model: nn.Module, name: str, method: str) -> nn.Module:
    from peft import IA3Config, LoraConfig, VeraConfig, get_peft_model

    targets = {"gpt2": ["c_attn"], "bert": ["query", "value"]}.get(name, [Q, V])
    common: Any = {"fan_in_fan_out": name == "gpt2"}
    config: Any = {
        "lora": lambda: LoraConfig(r=8, target_modules=targets, **common),
        "dora": lambda: LoraConfig(r=8, target_modules=targets, use_dora=True, **common),
        "vera": lambda: VeraConfig(r=256, target_modules=targets, **common),
        "ia3": lambda: IA3Config(target_modules=["k_proj", V, DOWN], feedforward_modules=[DOWN]),
    }
    return model if method == "full" else get_peft_model(model, config[method]())


@pytest.mark.parametrize(
    ("name", "method"),
    [
        *((name, method) for name in SHAPES for method in ("full", "lora")),
        ("llama", "dora"), ("llama", "vera"), ("llama", "ia3"),
    ],
)  # fmt: skip
def test_activations_are_what_autograd_keeps(name: str, method: str) -> None:
    torch.manual_seed(0)
    model = _wrapped(_model(name), name, method)
    tokens = torch.randint(0, VOCABULARY, (1, TOKENS))
    asked = {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}
    with saved_for_backward([*model.parameters(), *model.buffers()]) as saved:
        if name == "bert":
            model(**asked).last_hidden_state.float().sum()
        else:
            model(**asked, labels=tokens)
    measured = sum(size for size, shape in saved if shape[-1:] != (VOCABULARY,))
    plan = {"dimensions": SHAPES[name], "method": method, "sequence_length": TOKENS}
    said = compute_cost(CostPlan.from_mapping(plan)).activation_bytes
    assert said == pytest.approx(measured, rel=0.1)
