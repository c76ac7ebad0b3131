"""Cost of fine-tuning a large model, by formula: parameters, bytes on disk, bytes in memory."""

from __future__ import annotations

import dataclasses

from engine.cost.activations import count_activation_bytes, count_logit_bytes
from engine.cost.plan import METHODS, CostPlan

EXCLUDED = (
    "temporary buffers, among them further copies of the logits, fragments of memory, the "
    "framework itself, the matrix of all pairs of tokens where attention is computed without "
    "FlashAttention, and a task's new head"
)
"""Memory that the figures leave out, in words."""
GPU_SIZES = (8, 16, 24, 48, 80)
"""Usual memory of a GPU in GB."""
GIGABYTE = 10**9


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Cost of a plan; sizes in bytes, `EXCLUDED` left out."""

    trainable_parameters: int
    total_parameters: int
    """Parameters of the model as published, without those that the method adds."""
    added_parameters: int
    """Parameters that the method adds, trainable or not."""
    checkpoint_bytes: int
    """Size of one task's file: the trained parameters, and what PEFT saves with them."""
    copy_bytes: int
    """Size of one task's file after full fine-tuning: every parameter, 2 bytes each, 4 at 32."""
    model_bytes: int
    """The model at the plan's precision."""
    cast_bytes: int
    """What a quantised model takes more once what is not quantised has been cast to float32."""
    added_bytes: int
    """Size of what the method adds."""
    gradient_bytes: int
    """One gradient per trained parameter."""
    second_copy_bytes: int
    """The trained parameters once more, in another precision."""
    optimizer_bytes: int
    """Adam's two moments per trained parameter."""
    activation_bytes: int
    """About what a forward pass keeps for the backward pass."""
    logit_bytes: int
    """Float32 logits and their gradient."""

    @property
    def state_bytes(self) -> int:
        """Weights, gradients and optimizer states: what does not depend on the batch."""
        weights = self.model_bytes + self.cast_bytes + self.added_bytes
        return weights + self.gradient_bytes + self.second_copy_bytes + self.optimizer_bytes

    @property
    def memory_bytes(self) -> int:
        """Memory during training: states, activations and logits.

        Gradients stand beside activations while several batches are accumulated.
        """
        return self.state_bytes + self.activation_bytes + self.logit_bytes


def compute_cost(plan: CostPlan) -> Cost:
    """Compute the cost of fine-tuning by a plan. Args: plan: to compute."""
    method, model, state = METHODS[plan.method], plan.model, plan.state
    added = model.dimensions.blocks * method.added_per_block(plan)
    trainable = method.trained(model) + added
    frozen = method.frozen(plan)
    unquantised = model.parameters - model.block_weights
    return Cost(
        trainable_parameters=trainable,
        total_parameters=model.parameters,
        added_parameters=added + frozen,
        checkpoint_bytes=(trainable + frozen) * state.weight,
        copy_bytes=model.parameters * (4 if plan.precision == 32 else 2),
        model_bytes=model.stored_bytes(plan.precision),
        # Source: PEFT, prepare_model_for_kbit_training; 16-bit parameters become float32.
        cast_bytes=2 * unquantised if plan.is_quantised else 0,
        added_bytes=(added + frozen) * state.weight,
        gradient_bytes=trainable * state.gradient,
        second_copy_bytes=trainable * state.second_copy,
        optimizer_bytes=trainable * state.moments,
        activation_bytes=count_activation_bytes(plan),
        logit_bytes=count_logit_bytes(plan),
    )


def gpus_needed(size: int) -> dict[int, int]:
    """Return how many GPUs hold so much, split evenly, GB of each -> how many.

    Args: size: bytes; a GPU's GB are taken as 10⁹ bytes, and leave it some 7 % for itself.
    """
    return {gigabytes: -(-size // (gigabytes * GIGABYTE)) for gigabytes in GPU_SIZES}
