"""How fast a step is, as ratios within one run: against an ordinary torch loop, and PEFT's LoRA.

python -m tests.benchmarks.engine [ROUNDS]

The loops take turns, a few hundred steps each, so that whatever else the machine does meets all
of them; the table gives medians over the rounds.
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator

import torch
from torch import nn
from torch.nn import functional

from engine.protocol.settings import Settings
from engine.trainer import Trainer
from tests.engine.plain import plain_network

STEPS = 300
ROUNDS = 9
RATE = 1e-4
"""Low: a step costs the same at any rate, and no run is to diverge."""


def plain_loop(network: nn.Module, trainer: Trainer) -> Callable[[], None]:
    """One step as anyone would write it: AdamW as torch has it, the trainer's samples."""
    train = trainer.train
    free = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(free, RATE)
    batches = _batches(len(train.labels), trainer.settings.batch_size)

    def step() -> None:
        rows = next(batches)
        optimizer.zero_grad()
        loss = functional.cross_entropy(network(train.inputs[rows]), train.labels[rows])
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def _batches(samples: int, size: int) -> Iterator[torch.Tensor]:
    """Shuffled epochs, as a DataLoader draws them, without its cost."""
    while True:
        order = torch.randperm(samples)
        for start in range(0, samples - size + 1, size):
            yield order[start : start + size]


def in_peft(trainer: Trainer) -> nn.Module:
    """The trainer's network with PEFT's LoRA on its body."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from peft import LoraConfig, get_peft_model

        base = Trainer(trainer.settings.replace(strategy="full")).network
        config = LoraConfig(
            r=trainer.settings.rank,
            target_modules=["layer1", "layer2", "layer3"],
            modules_to_save=["head"],
        )
        return get_peft_model(plain_network(base), config)


def measure(rounds: int) -> dict[str, float]:
    """Name of a loop -> median steps per second."""
    torch.set_num_threads(1)
    full = Trainer(Settings(strategy="full", optimizer="adamw", learning_rate=RATE))
    lora = full.settings.replace(strategy="lora", rank=4)
    ours = Trainer(lora)
    loops: dict[str, Callable[[], object]] = {
        "ordinary loop, full": plain_loop(plain_network(full.network), full),
        "ours, full": full.step,
        "PEFT, LoRA r4": plain_loop(in_peft(ours), ours),
        "ours, LoRA r4": ours.step,
    }
    speeds: dict[str, list[float]] = {name: [] for name in loops}
    for round_number in range(rounds + 1):
        for name, step in loops.items():
            start = time.perf_counter()
            for _ in range(STEPS):
                step()
            if round_number:  # the first warms up
                speeds[name].append(STEPS / (time.perf_counter() - start))
    return {name: statistics.median(found) for name, found in speeds.items()}


def main() -> None:
    """Print the table."""
    speeds = measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
    print("| loop | steps/s | ratio |\n|-|-|-|")
    for theirs, ours in (
        ("ordinary loop, full", "ours, full"),
        ("PEFT, LoRA r4", "ours, LoRA r4"),
    ):
        print(f"| {theirs} | {speeds[theirs]:,.0f} | |")
        print(f"| {ours} | {speeds[ours]:,.0f} | {speeds[ours] / speeds[theirs]:.2f} |")


if __name__ == "__main__":
    main()
