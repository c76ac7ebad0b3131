"""How fast a step is against an ordinary torch loop and PEFT's LoRA, with the same numbers.

The loops take turns, a few hundred steps each, so that whatever else the machine does meets all
of them.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from engine.model.layer import Layer
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from engine.training.batches import BatchSampler
from tests.benchmarks.figures import Figure, at_least, at_most, median, seen
from tests.engine.torch_networks import plain_network

STEPS = 300
BODY = Settings().body_shapes
CHECKED_STEPS = 30
ROUNDS = 9
RATE = 1e-4
"""Low: a step costs the same at any rate, and no run is to diverge."""
FULL = Settings(strategy="full", optimizer="adamw", learning_rate=RATE)
LORA = FULL.replace(strategy="lora", rank=4)

Weights = dict[str, Tensor]
"""Name of a layer, head included -> its W′, (out, in)."""


class PlainLoop:
    """A loop as anyone would write it: AdamW as torch has it, over the trainer's own batches."""

    def __init__(self, network: nn.Module, trainer: Trainer) -> None:
        self.network = network
        settings = trainer.settings
        free = [parameter for parameter in network.parameters() if parameter.requires_grad]
        self._optimizer = torch.optim.AdamW(free, settings.learning_rate)
        self._order, self._size = (
            BatchSampler(trainer.run.train, settings.seed),
            settings.batch_size,
        )

    def step(self) -> float:
        """One of AdamW's. Returns: the batch's loss."""
        inputs, labels = self._order.next(self._size)
        self._optimizer.zero_grad()
        loss = functional.cross_entropy(self.network(inputs), labels)
        loss.backward()
        self._optimizer.step()
        return loss.item()


def in_peft(trainer: Trainer) -> nn.Module:
    """The trainer's network with PEFT's LoRA on its body, from the same A and B."""
    names = list(BODY)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from peft import LoraConfig, get_peft_model

        config = LoraConfig(
            r=trainer.settings.rank,
            lora_alpha=trainer.settings.scaling_alpha,
            target_modules=names,
            modules_to_save=["head"],
        )
        model = get_peft_model(plain_network(trainer.network), config)
    with torch.no_grad():
        for name in names:
            update = trainer.network.get_submodule(name).update
            theirs = model.base_model.model.get_submodule(name)
            theirs.lora_A.default.weight.copy_(update.lora_A)
            theirs.lora_B.default.weight.copy_(update.lora_B)
    return model


def _ours(trainer: Trainer) -> Weights:
    return {name: layer.updated().detach().clone() for name, layer in trainer.network.layers()}


def _plain(network: nn.Module) -> Weights:
    return {name: network.get_submodule(name).weight.detach() for name in [*BODY, "head"]}


def _pefts(model: nn.Module) -> Weights:
    inner = model.base_model.model
    body = {
        name: (part := inner.get_submodule(name)).base_layer.weight
        + part.get_delta_weight("default")
        for name in BODY
    }
    return {name: weight.detach() for name, weight in body.items()} | {
        "head": inner.head.modules_to_save.default.weight.detach()
    }


def _furthest(ours: Weights, theirs: Weights) -> float:
    assert ours.keys() == theirs.keys()
    return max(float((ours[name] - theirs[name]).abs().max()) for name in ours)


def _speeds(loops: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Name of a loop -> steps per second in each round."""
    speeds: dict[str, list[float]] = {name: [] for name in loops}
    names = list(loops)
    for number in range(ROUNDS + 1):
        for name in names if number % 2 else reversed(names):
            start = time.perf_counter()
            for _ in range(STEPS):
                loops[name]()
            if number:  # the first warms up
                speeds[name].append(STEPS / (time.perf_counter() - start))
    return speeds


def figures() -> list[Figure]:
    """Ratios of steps per second, and how far the numbers are apart."""
    torch.set_num_threads(1)
    full, lora = Trainer(FULL), Trainer(LORA)
    assert isinstance(full.network.get_submodule("head"), Layer)
    plain, peft = PlainLoop(plain_network(full.network), full), PlainLoop(in_peft(lora), lora)
    began = _ours(full), _ours(lora)
    for ours, theirs in ((full, plain), (lora, peft)):
        for _ in range(CHECKED_STEPS):
            ours.step()
            theirs.step()
    apart = (
        _furthest(_ours(full), _plain(plain.network)),
        _furthest(_ours(lora), _pefts(peft.network)),
    )
    moved = _furthest(_ours(full), began[0]), _furthest(_ours(lora), began[1])
    loops = {"plain": plain.step, "full": full.step, "peft": peft.step, "lora": lora.step}
    speeds = _speeds(loops)

    def ratio(ours: str, theirs: str) -> float:
        return median(a / b for a, b in zip(speeds[ours], speeds[theirs], strict=True))

    return [
        seen("ordinary torch loop, full", median(speeds["plain"]), "steps/s"),
        seen("ours, full", median(speeds["full"]), "steps/s"),
        at_least("full: ours / ordinary torch loop", ratio("full", "plain"), 2.0),
        at_most(f"full: W′ from the loop's, at most, in {CHECKED_STEPS} steps", apart[0], 1e-6),
        seen("full: ΔW, at most, by then", moved[0]),
        seen("PEFT, LoRA r4", median(speeds["peft"]), "steps/s"),
        seen("ours, LoRA r4", median(speeds["lora"]), "steps/s"),
        at_least("LoRA r4: ours / PEFT", ratio("lora", "peft"), 2.5),
        at_most(f"LoRA r4: W′ from PEFT's, at most, in {CHECKED_STEPS} steps", apart[1], 1e-6),
        seen("LoRA r4: ΔW, at most, by then", moved[1]),
    ]  # fmt: skip
