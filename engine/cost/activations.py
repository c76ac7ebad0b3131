"""Memory of a forward pass that the backward pass needs: activations and logits, by formula."""

from __future__ import annotations

from engine.cost.plan import METHODS, CostPlan

FLOAT32 = 4
_SHARED_INPUT = {"k": "q", "v": "q", "qkv": "q", "gate": "up"}
"""Matrix -> the one that reads the same input."""


def count_logit_bytes(plan: CostPlan) -> int:
    """Return the bytes of the logits and of their gradient, float32. Args: plan: to compute."""
    if not plan.model.family.head:
        return 0
    return 2 * FLOAT32 * _count_tokens(plan) * plan.model.dimensions.vocabulary


def count_activation_bytes(plan: CostPlan) -> int:
    """Return about how many bytes a forward pass keeps for the backward pass, without logits.

    Attention is computed without the matrix of all pairs of tokens (FlashAttention). With
    checkpointing each block keeps its input, and one block at a time all the rest.

    Args: plan: to compute.
    Source: arXiv:2205.05198 §4.1: 34 bytes per token and number of width d in a block of GPT,
    without that matrix; what transformers and PEFT keep in the blocks of other families.
    """
    blocks, width = plan.model.dimensions.blocks, plan.model.dimensions.width
    tokens = _count_tokens(plan)
    block = tokens * _count_block_bytes(plan)
    block += plan.trained_bytes * METHODS[plan.method].saved_once(plan)
    inputs, last_norm = _value_bytes(plan) * width, _norm_bytes(plan) * width
    if plan.checkpointing:
        return blocks * tokens * inputs + block + tokens * last_norm
    return blocks * block + tokens * last_norm


def _count_tokens(plan: CostPlan) -> int:
    return plan.batch_size * (plan.sequence_length or 1)


def _value_bytes(plan: CostPlan) -> int:
    """Return the bytes of a number between layers: behind norms cast to float32 all are."""
    return 2 if plan.precision == 16 else FLOAT32


def _norm_bytes(plan: CostPlan) -> int:
    """Return the bytes that a norm keeps of each number: an RMSNorm keeps it in float32."""
    size = _value_bytes(plan)
    if not plan.model.family.root_mean_square:
        return size
    if plan.method != "full":
        return FLOAT32
    return FLOAT32 + (FLOAT32 if plan.model.family.scales_in_float32 else size)


def _count_block_bytes(plan: CostPlan) -> int:
    """Return the bytes of one token in one block."""
    dimensions, family, size = plan.model.dimensions, plan.model.family, _value_bytes(plan)
    width, inner = dimensions.width, dimensions.inner
    queries, keys = dimensions.queries or width, dimensions.keys or width
    # q and attention's output, k and v; the numbers that a gate and its activation multiply
    kept = 2 * queries + 2 * keys
    kept += (3 if dimensions.gated else family.activation_values) * inner
    if plan.method == "full":  # the inputs of the matrices, but o's: it is attention's output
        kept += 2 * width + inner
    norms = family.norms * width + (queries + keys if dimensions.head_norm else 0)
    masks = 0 if family.root_mean_square else 2 * width  # of dropout, a byte each
    return size * kept + _norm_bytes(plan) * norms + masks + _count_added_bytes(plan)


def _count_added_bytes(plan: CostPlan) -> int:
    """Return the bytes of one token that the method itself keeps in a block."""
    method = METHODS[plan.method]
    if not method.adds:
        return 0
    size = plan.trained_bytes
    inputs = 0
    if "rank" in method.uses and plan.method != "vera":  # VeRA's A is frozen
        inputs = size * _count_inputs(plan, copied=size > _value_bytes(plan))
    return inputs + size * method.saved(plan)


def _count_inputs(plan: CostPlan, *, copied: bool) -> int:
    """Return the numbers that A reads of one token. Args: copied: each A has a copy of its own."""
    targets = plan.target_projections()
    if copied:
        return sum(target.inputs for target in targets)
    # o reads attention's output, which is kept anyway.
    read = {_SHARED_INPUT.get(p.name, p.name): p.inputs for p in targets if p.name != "o"}
    return sum(read.values())
