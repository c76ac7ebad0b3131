"""The pretrained networks: shipped for the lessons at seed 0, else made on the spot.

`python -m engine.pretraining [TASKS…]` makes the shipped files again, of all tasks or of these.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from engine.protocol.network_shape import LESSON_WIDTH, body_shapes
from engine.protocol.settings import Settings
from engine.protocol.shipped import RESOURCES, SHIPPED_SEED
from engine.resources import ResourceError
from engine.tasks import TASKS
from engine.training.initial_state import Pretrained
from engine.training.run import Run

STEPS = 500
LEARNING_RATE = 3e-3
"""η of the first step; it falls linearly to zero."""
BATCH_SIZE = 64
CACHED_NETWORKS = 32
"""Pretrained networks that stay in memory, the last used."""


def load_pretrained(settings: Settings) -> Pretrained:
    """Return the pretrained network that a run starts from: shipped where it is, else trained.

    Args: settings: of the run; task, seed, width, depth and batch_norm decide.
    Raises: ResourceError: the shipped file is missing or damaged.
    """
    return _load(_pretraining_settings(settings))


@lru_cache(maxsize=CACHED_NETWORKS)
def _load(settings: Settings) -> Pretrained:
    shipped = settings.seed == SHIPPED_SEED and settings.is_lesson_size and not settings.batch_norm
    return read_shipped(settings.task) if shipped else train(settings)


def _pretraining_settings(settings: Settings) -> Settings:
    return Settings(
        strategy="pretrain", task=settings.task, seed=settings.seed, width=settings.width,
        depth=settings.depth, batch_norm=settings.batch_norm, optimizer="adam",
        learning_rate=LEARNING_RATE, batch_size=BATCH_SIZE, schedule="linear", total_steps=STEPS,
    )  # fmt: skip


def train(settings: Settings) -> Pretrained:
    """Pretrain on the task's source: 500 steps of Adam, 3e-3 falling linearly, batch 64.

    Args: settings: as `load_pretrained` takes them.
    """
    settings = _pretraining_settings(settings)
    run = Run(settings, _no_pretrained)
    for _ in range(STEPS):
        run.step()
    tensors = {name: layer.updated().detach() for name, layer in run.network.layers()}
    bias = run.network.get_parameter("head.bias").detach()
    body = {name: tensors[name] for name in settings.body_shapes}
    norms = {
        name: {key: value.detach().clone() for key, value in layer.norm.state_dict().items()}
        for name, layer in run.network.layers()
        if layer.norm is not None
    }
    return Pretrained(body, tensors["head"], bias, run.evaluator.measure().source_accuracy, norms)


def _no_pretrained(settings: Settings) -> Pretrained:
    raise AssertionError(f"{settings.strategy} starts from random weights")


def shipped_file(task: str) -> Path:
    """Return the path of the shipped network of a task. Args: task: name in `TASKS`."""
    return RESOURCES / "pretrained" / f"{task}.safetensors"


def read_shipped(task: str) -> Pretrained:
    """Read a shipped network. Args: task: its name.  Raises: ResourceError: missing or damaged."""
    file = shipped_file(task)
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
    """Write a network as safetensors. Args: task: for its metadata.  network, file: to write."""
    tensors = {f"{name}.weight": weight.contiguous() for name, weight in network.body.items()}
    tensors |= {"head.weight": network.head_weight, "head.bias": network.head_bias}
    metadata = {
        "task": task,
        "seed": str(SHIPPED_SEED),
        "steps": str(STEPS),
        "source_accuracy": repr(network.source_accuracy),
    }
    save_file(tensors, file, metadata)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all shipped files again. Args: arguments: only these tasks; None: the command line's."""
    parser = argparse.ArgumentParser(description="Make the shipped pretrained networks again.")
    parser.add_argument("tasks", nargs="*", choices=[[], *TASKS], default=[])
    for task in parser.parse_args(arguments).tasks or TASKS:
        network = train(Settings(task=task, seed=SHIPPED_SEED))
        file = shipped_file(task)
        file.parent.mkdir(exist_ok=True)
        save(task, network, file)
        sys.stdout.write(f"{file.name}: source accuracy {network.source_accuracy:.1%}\n")


if __name__ == "__main__":
    main()
