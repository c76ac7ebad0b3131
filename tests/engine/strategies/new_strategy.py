"""The engine with the made-up strategy: listed, framed, derived, counted, compared."""

from __future__ import annotations

import numpy as np
import pytest

from engine.catalogue import catalogue
from engine.history.comparison import Comparison
from engine.protocol.messages import CellAddress, FrameOptions
from engine.protocol.settings import OPTIMIZER_LABELS, Settings
from engine.trainer import Trainer

GAINS, HEAD = 30 + 40 + 40, 40 * 10 + 10
"""Numbers that it trains."""


def test_it_is_in_the_catalogue() -> None:
    (info,) = (info for info in catalogue().strategies if info.name == "gain")
    assert (info.label, info.group) == ("Gains²", "Few parameters")
    assert set(info.lock_reasons) == set()


@pytest.mark.parametrize("optimizer", tuple(OPTIMIZER_LABELS))
def test_it_trains_with_every_optimizer(optimizer: str) -> None:
    trainer = Trainer(Settings(strategy="gain", optimizer=optimizer, learning_rate=0.01))
    before = trainer.measure().train_loss
    for _ in range(30):
        trainer.step()
    assert trainer.measure().train_loss < before


def test_its_matrix_is_in_the_frame_and_its_numbers_are_counted() -> None:
    trainer = Trainer(Settings(strategy="gain"))
    for _ in range(5):
        trainer.step()
    frame = trainer.frame()
    assert (frame.body_trainable, frame.trainable_parameters) == (GAINS, GAINS + HEAD)
    for layer in frame.layers[:3]:
        (gain,) = layer.factors
        assert gain.info.role == "gain"
        assert np.allclose(layer.weight * (gain.values - 1), layer.delta, atol=1e-7)


def test_its_cells_are_derived() -> None:
    trainer = Trainer(Settings(strategy="gain"))
    trainer.step(traced=True)
    found = trainer.frame(options=FrameOptions(cell=CellAddress("layer2", 0, 7, "gain"))).derivation
    assert found is not None
    assert found.moved == "layer2.update.gain"
    assert found.move[0].formula == "Σᵢ Gᵢⱼ · Wᵢⱼ"
    assert found.move[-1].symbol.startswith("g")


def test_it_is_compared_with_others() -> None:
    comparison = Comparison((Settings(strategy="lora"), Settings(strategy="gain")), 20)
    while not comparison.over:
        comparison.advance()
    row = comparison.frame(0, running=False).rows[1]
    assert (row.step, row.trainable_parameters, row.problem) == (20, GAINS + HEAD, "")
