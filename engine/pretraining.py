"""The pretrained networks: shipped for the lessons at seed 0, else made on the spot.

`python -m engine.pretraining` makes the shipped files again.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine.protocol.network_shape import LESSON_DEPTH, LESSON_WIDTH, body_shapes
from engine.protocol.settings import Settings
from engine.resources import RESOURCES, ResourceError
from engine.tasks import TASKS

STEPS = 500
LEARNING_RATE = 3e-3
"""At the first step; it falls linearly to zero."""
BATCH_SIZE = 64
SHIPPED_SEED = 0


@dataclass(frozen=True, slots=True)
class Pretrained:
    """A network as pretraining left it."""

    body: dict[str, Tensor]
    """Layer name -> (out, in)"""
    head_weight: Tensor
    """(classes of the source, width)"""
    head_bias: Tensor
    """(classes of the source,)"""
    source_accuracy: float
    """On the source's test split, 0…1; NaN where nothing was learned"""
    norms: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    """Layer name -> the state of the BatchNorm behind it; empty for a network without"""
    randomly_initialised: bool = False
    """Whether the weights are random: the network is too large to be pretrained on the spot"""


MOST_TRAINED = 100_000
"""Body weights of the largest network that is pretrained on the spot; it takes a second or two."""


@lru_cache(maxsize=32)
def pretrained(
    task: str,
    seed: int,
    *,
    batch_norm: bool = False,
    width: int = LESSON_WIDTH,
    depth: int = LESSON_DEPTH,
) -> Pretrained:
    """The pretrained network of a task's source under a seed.

    Raises: ResourceError: the shipped file is missing or damaged.
    """
    shipped = (seed, batch_norm, width, depth) == (SHIPPED_SEED, False, LESSON_WIDTH, LESSON_DEPTH)
    return load(task) if shipped else train(task, seed, batch_norm, width, depth)


def train(
    task: str,
    seed: int,
    batch_norm: bool = False,
    width: int = LESSON_WIDTH,
    depth: int = LESSON_DEPTH,
) -> Pretrained:
    """Pretrain on the task's source: 500 steps of Adam, 3e-3 falling linearly, batch 64."""
    from engine.trainer import Trainer  # the trainer starts other strategies from what this makes

    settings = Settings(
        strategy="pretrain", task=task, seed=seed,
        optimizer="adam", learning_rate=LEARNING_RATE, batch_size=BATCH_SIZE,
        schedule="linear", total_steps=STEPS, batch_norm=batch_norm, width=width, depth=depth,
    )  # fmt: skip
    trainer = Trainer(settings)
    for _ in range(STEPS):
        trainer.step()
    tensors = {name: layer.updated().detach() for name, layer in trainer.network.layers()}
    bias = trainer.network.get_parameter("head.bias").detach()
    body = {name: tensors[name] for name in settings.body_shapes}
    norms = {
        name: {key: value.detach().clone() for key, value in layer.norm.state_dict().items()}
        for name, layer in trainer.network.layers()
        if layer.norm is not None
    }
    return Pretrained(body, tensors["head"], bias, trainer.measure().source_accuracy, norms)


def file_of(task: str) -> Path:
    """Where the shipped network of a task lies."""
    return RESOURCES / "pretrained" / f"{task}.safetensors"


def load(task: str) -> Pretrained:
    """The shipped network. Raises: ResourceError: its file is missing or damaged."""
    file = file_of(task)
    try:
        with safe_open(file, "pt") as opened:
            body = {name: opened.get_tensor(f"{name}.weight") for name in body_shapes()}
            head_weight = opened.get_tensor("head.weight")
            head_bias = opened.get_tensor("head.bias")
            source_accuracy = float((opened.metadata() or {})["source_accuracy"])
    except FileNotFoundError as error:
        raise ResourceError(file, "is missing") from error
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ResourceError(file, f"cannot be read ({error})") from error
    shapes = {name: tuple(weight.shape) for name, weight in body.items()}
    if shapes != body_shapes() or head_weight.shape != (len(head_bias), LESSON_WIDTH):
        raise ResourceError(file, f"holds matrices of shapes {shapes} for {body_shapes()}")
    return Pretrained(body, head_weight, head_bias, source_accuracy)


def save(task: str, network: Pretrained, file: Path) -> None:
    """Write a pretrained network as safetensors."""
    tensors = {f"{name}.weight": weight.contiguous() for name, weight in network.body.items()}
    tensors |= {"head.weight": network.head_weight, "head.bias": network.head_bias}
    metadata = {
        "task": task,
        "seed": str(SHIPPED_SEED),
        "steps": str(STEPS),
        "source_accuracy": repr(network.source_accuracy),
    }
    save_file(tensors, file, metadata)


def main() -> None:
    """Make every shipped file again."""
    for task in TASKS:
        network = train(task, SHIPPED_SEED)
        file_of(task).parent.mkdir(exist_ok=True)
        save(task, network, file_of(task))
        line = f"{file_of(task).name}: source accuracy {network.source_accuracy:.1%}\n"
        sys.stdout.write(line)


if __name__ == "__main__":
    main()
