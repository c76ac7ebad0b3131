"""What a small Llama's training takes on the CPU, beside what the calculator says of it."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.cost.cost import compute_cost
from engine.cost.plan import CostPlan
from tests.engine.cost.measured_memory import KINDS, calculated, make_plan, measure

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing:FutureWarning")

SMALL = {"blocks": 2, "width": 256, "inner": 704, "vocabulary": 2000, "context": 256, "keys": 128}
LARGER = {
    "blocks": 8, "width": 512, "inner": 1408, "vocabulary": 16000, "context": 512, "keys": 256,
}  # fmt: skip
"""41 million parameters."""


def _compare(kind: str, dimensions: dict[str, int], tokens: tuple[int, int]) -> None:
    plan = make_plan(kind, dimensions, tokens)
    measured, said = measure(kind, plan), calculated(plan)
    for name, bytes_ in measured._asdict().items():
        if name != "peak":
            assert getattr(said, name) == pytest.approx(bytes_, rel=0.1), name
    # Buffers come on top of what is counted, and not much else.
    assert said.peak <= measured.peak <= 1.5 * said.peak


@pytest.mark.parametrize("kind", KINDS)
def test_every_term_agrees_with_a_training_of_five_million_parameters(kind: str) -> None:
    _compare(kind, SMALL, (1, 192))


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_term_agrees_with_a_training_of_forty_million_parameters(kind: str) -> None:
    _compare(kind, LARGER, (2, 256))


RESIDENT = """
import torch
from transformers import LlamaConfig, LlamaForCausalLM

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def train(model, optimizer, tokens):
    seen = 0
    mask = torch.ones_like(tokens)
    for _ in range(2):
        model(input_ids=tokens, attention_mask=mask, labels=tokens).loss.backward()
        seen = max(seen, resident())
        optimizer.step()
        seen = max(seen, resident())
    return seen

def make(blocks, width, inner, vocabulary, keys):
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=vocabulary, hidden_size=width, intermediate_size=inner,
        num_hidden_layers=blocks, num_attention_heads=width // 32,
        num_key_value_heads=keys // 32, use_cache=False))
    return model, torch.optim.AdamW(model.parameters(), foreach=False)

train(*make(1, 64, 64, 64, 32), torch.zeros(1, 8, dtype=torch.long))  # loads what it needs
before = resident()
model, optimizer = make({blocks}, {width}, {inner}, {vocabulary}, {keys})
print(train(model, optimizer, torch.zeros(1, 32, dtype=torch.long)) - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's own count")
def test_a_process_grows_by_what_full_fine_tuning_is_said_to_take() -> None:
    # A second gradient of the largest matrix, while it is added to the first, is not counted.
    deep = {**LARGER, "blocks": 16, "vocabulary": 4000}
    code = RESIDENT
    for name, size in deep.items():
        code = code.replace(f"{{{name}}}", str(size))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True,
                          timeout=300, check=True)  # fmt: skip
    plan = {"dimensions": deep, "method": "full", "precision": 32, "sequence_length": 32}
    said = compute_cost(CostPlan.from_mapping(plan)).memory_bytes
    assert said == pytest.approx(int(done.stdout), rel=0.1), (said, done.stdout)
