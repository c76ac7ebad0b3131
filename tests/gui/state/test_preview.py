"""What is drawn before the engine is ready: the shipped W, or nothing; never another network's."""

import numpy as np
import pytest

from engine.protocol.network_shape import body_shapes
from engine.protocol.settings import TASK_NAMES, Settings
from gui.state.preview import preview_frame


@pytest.mark.parametrize("task", TASK_NAMES)
def test_the_shipped_network_is_drawn_at_rest(task: str) -> None:
    frame = preview_frame(Settings(task=task))
    assert frame is not None
    assert (frame.run, frame.step) == (0, 0)
    shapes = {layer.name: layer.shape for layer in frame.layers}
    assert body_shapes().items() <= shapes.items()
    for layer in frame.layers:
        assert layer.part is None
        assert not layer.delta.any()
        assert np.isclose(layer.weight_norm, np.linalg.norm(layer.weight))


@pytest.mark.parametrize(
    "values",
    [
        {"width": 48},
        {"depth": 2},
        {"width": 768, "depth": 12},
        {"seed": 1},
        {"batch_norm": True},
        {"strategy": "pretrain"},
    ],
    ids=str,
)
def test_a_network_that_is_not_shipped_is_not_drawn(values: dict) -> None:
    assert preview_frame(Settings(**values)) is None
