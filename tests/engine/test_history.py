"""Back to an earlier step, bit for bit, also across changes of settings."""

import pytest

from engine.history import EVERY, History
from engine.protocol.messages import Configure
from engine.protocol.settings import Settings
from engine.trainer import Trainer


@pytest.mark.parametrize("step", [0, 1, EVERY - 1, EVERY, EVERY + 20, EVERY + 31, 2 * EVERY + 5])
@pytest.mark.parametrize("strategy", ["full", "lora"])
def test_return_is_exact(step: int, strategy: str) -> None:
    settings = Settings(strategy=strategy)
    trainer = Trainer(settings)
    history = History(trainer)
    seen = {0: trainer.frame()}
    while trainer.steps_taken < 2 * EVERY + 10:
        if trainer.steps_taken == EVERY + 30:
            trainer.apply(Configure(settings.replace(learning_rate=0.01, rank=6)))
            history.mark()
        trainer.step()
        history.note()
        seen[trainer.steps_taken] = trainer.frame()
    assert history.go_to(step) == step
    for then, now in zip(seen[step].layers, trainer.frame().layers, strict=True):
        assert then.updated.tobytes() == now.updated.tobytes()
    while trainer.steps_taken < EVERY:
        trainer.step()
    if step <= EVERY:
        expected = seen[EVERY].layers[0].updated.tobytes()
        assert trainer.frame().layers[0].updated.tobytes() == expected
