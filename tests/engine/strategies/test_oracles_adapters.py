"""Adapters against the bottlenecks of the `adapters` library, in sequence and in parallel."""

import warnings

import pytest
import torch

from engine.model.network import Adapter
from engine.protocol.settings import Settings
from engine.trainer import Trainer

LAYERS = {
    "adapter": ("adapter1", "adapter2", "adapter3"),
    # The library's parallel adapters need as many inputs as outputs: layer 1 has not.
    "parallel_adapter": ("adapter2", "adapter3"),
}


def _theirs(ours: Adapter, strategy: str) -> torch.nn.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # not ours
        from adapters import ParBnConfig, SeqBnConfig
        from adapters.methods.modeling import Adapter as TheirAdapter, ParallelAdapter

    in_sequence = strategy == "adapter"
    kind, config = (
        (TheirAdapter, SeqBnConfig()) if in_sequence else (ParallelAdapter, ParBnConfig())
    )
    width, bottleneck = ours.up.shape
    theirs = kind("a", width, bottleneck, config).double()
    with torch.no_grad():
        for layer, linear in ((ours.down, theirs.adapter_down[0]), (ours.up, theirs.adapter_up)):
            linear.weight.copy_(layer.updated())
            linear.bias.copy_(layer.updated_bias())
    return theirs


@pytest.mark.parametrize("strategy", LAYERS)
def test_a_bottleneck_does_what_theirs_does(strategy: str) -> None:
    trainer = Trainer(Settings(strategy=strategy, learning_rate=0.01))
    for _ in range(30):  # so that `up` is no longer zero
        trainer.step()
    trainer.network.double()
    generator = torch.Generator().manual_seed(3)
    for name in LAYERS[strategy]:
        ours = trainer.network.get_submodule(name)
        assert isinstance(ours, Adapter)
        theirs = _theirs(ours, strategy)
        hidden, inputs, back = torch.randn(3, 16, 40, generator=generator).double()
        mine = ours(hidden, inputs)
        if strategy == "adapter":
            expected = theirs(hidden, hidden)[0]
        else:
            expected = theirs.post_forward(theirs(inputs, inputs)[0], hidden, 0.0, None)
        assert torch.allclose(mine, expected, rtol=0, atol=1e-6)
        assert not torch.allclose(mine, hidden, rtol=0, atol=1e-3)
        ours.zero_grad()
        mine.backward(back)
        expected.backward(back)
        pairs = ((ours.down, theirs.adapter_down[0]), (ours.up, theirs.adapter_up))
        for layer, linear in pairs:
            assert torch.allclose(layer.weight.grad, linear.weight.grad, rtol=0, atol=1e-6)
            assert torch.allclose(layer.bias.grad, linear.bias.grad, rtol=0, atol=1e-6)
