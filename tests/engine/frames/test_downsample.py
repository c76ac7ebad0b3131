"""Pictures of large layers: a number stands for its block, and nothing as large as W is made."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from engine.frames import downsample as module
from engine.frames.build import HIDDEN_TURNS, FrameBuilder
from engine.frames.downsample import blocks, part_of
from engine.model.layer import Layer
from engine.protocol.codec import MessageDecoder, MessageEncoder
from engine.protocol.frames import MAX_WHOLE_SIDE
from engine.protocol.messages import (
    Frame,
    FrameOptions,
    LayerFrame,
    PartRequest,
    RequestFrame,
    SetViews,
    Step,
    VisiblePart,
)
from engine.protocol.settings import Settings
from engine.trainer import Trainer
from tests.engine.loop_driver import running

WIDTH = 300
LARGE = {"width": WIDTH, "depth": 2}

numbers = st.floats(width=32) | st.sampled_from([0.0, -0.0, math.nan, math.inf, -math.inf])
shapes = st.tuples(st.integers(1, 23), st.integers(1, 23))


def largest(matrix: NDArray[np.float32], down: int, across: int) -> NDArray[np.float32]:
    """What `blocks` is to find, cell by cell."""
    rows, columns = -(-len(matrix) // down), -(-matrix.shape[1] // across)
    found = np.zeros((rows, columns), np.float32)
    for row in range(rows):
        for column in range(columns):
            block = matrix[row * down : (row + 1) * down, column * across : (column + 1) * across]
            best = block.flat[0]
            for value in block.flat:
                if math.isnan(best) or math.isnan(value):
                    best = math.nan
                elif (abs(value), value) > (abs(best), best):
                    best = value
            found[row, column] = best
    return found


@given(
    shapes.flatmap(lambda shape: arrays(np.float32, shape, elements=numbers)),
    st.integers(1, 9),
    st.integers(1, 9),
)
def test_a_block_is_its_number_of_the_largest_magnitude(
    matrix: NDArray[np.float32], down: int, across: int
) -> None:
    found = blocks(torch.from_numpy(matrix), down, across).numpy()
    np.testing.assert_array_equal(found, largest(matrix, down, across))


@given(
    shapes,
    st.tuples(st.integers(-30, 30), st.integers(-30, 30)),
    st.tuples(st.integers(-3, 60), st.integers(-3, 60)),
    st.integers(-1, 30),
)
def test_a_part_is_what_of_the_view_lies_on_the_matrix(
    shape: tuple[int, int], first: tuple[int, int], sides: tuple[int, int], pixels: int
) -> None:
    part = part_of(shape, PartRequest("layer1", *first, *sides, pixels))
    cells = [
        sorted(set(range(at, at + many)) & set(range(side)))
        for at, many, side in zip(first, sides, shape, strict=True)
    ]
    if not all(cells):  # nothing of it is on the matrix
        assert part == part_of(shape, None) == VisiblePart(shape, 0, 0, *shape, 1)
        return
    assert [list(range(part.top, part.top + part.rows)),
            list(range(part.left, part.left + part.columns))] == cells  # fmt: skip
    most = max(1, pixels)
    assert math.ceil(max(part.rows, part.columns) / part.stride) <= most
    assert part.stride == 1 or math.ceil(max(part.rows, part.columns) / (part.stride - 1)) > most


def moved(strategy: str, steps: int = 3, **settings: object) -> Trainer:
    trainer = Trainer(Settings(strategy=strategy, **{**LARGE, **settings}))
    for _ in range(steps):
        trainer.step()
    return trainer


def shown(trainer: Trainer, *views: PartRequest) -> dict[str, LayerFrame]:
    return {layer.name: layer for layer in trainer.frame(views=views).layers}


VIEWS = {
    "whole": None,
    "cells": PartRequest("layer2", 17, 250, 40, 50, 64),
    "blocks": PartRequest("layer2", 101, 3, 150, 130, 50),
    "over the edge": PartRequest("layer2", -20, 280, 90, 90, 30),
    "one cell": PartRequest("layer2", 299, 299, 1, 1, 300),
}


@pytest.mark.parametrize("strategy", ["full", "lora", "dora", "qlora", "vera", "ia3", "prefix"])
@pytest.mark.parametrize("view", VIEWS)
def test_the_picture_is_that_of_the_matrices(strategy: str, view: str) -> None:
    trainer, seen = moved(strategy), VIEWS[view]
    frame = shown(trainer, *(() if seen is None else (seen,)))["layer2"]
    layer, part = trainer.network.get_submodule("layer2"), frame.part
    assert isinstance(layer, Layer)
    assert part == part_of((WIDTH, WIDTH), seen)
    assert frame.shape == (WIDTH, WIDTH)
    cells = np.s_[part.top : part.top + part.rows, part.left : part.left + part.columns]
    for picture, matrix in (
        (frame.weight, layer.original),
        (frame.delta, layer.delta()),
        (frame.updated, layer.updated()),
    ):
        expected = largest(matrix.detach().numpy()[cells], part.stride, part.stride)
        assert picture.dtype == np.float32 and picture.flags.c_contiguous
        # A few rows of B A may round differently from the same rows of the whole product.
        np.testing.assert_allclose(picture, expected, rtol=1e-6, atol=1e-7)
    if part.stride == 1:
        assert frame.weight.tobytes() == layer.original.numpy()[cells].tobytes()
    assert np.isclose(frame.delta_norm, layer.delta().norm().item(), rtol=1e-4)
    assert np.isclose(frame.weight_norm, layer.original.norm().item())


def test_full_fine_tuning_is_exact_to_the_bit_at_single_cells() -> None:
    trainer = moved("full")
    frame = shown(trainer, PartRequest("layer2", 0, 0, WIDTH, WIDTH, WIDTH))["layer2"]
    layer = trainer.network.body[1]
    assert frame.part == VisiblePart((WIDTH, WIDTH), 0, 0, WIDTH, WIDTH, 1)
    for picture, matrix in (
        (frame.weight, layer.original),
        (frame.delta, layer.delta()),
        (frame.updated, layer.updated()),
    ):
        assert picture.tobytes() == matrix.detach().numpy().tobytes()


SIDES = {
    "lora": {"lora_B": (True, False), "lora_A": (False, True)},
    "dora": {"lora_B": (True, False), "lora_A": (False, True), "magnitude": (True, False)},
    "adalora": {
        "lora_B": (True, False), "lora_E": (False, False), "lora_A": (False, True),
    },
    "vera": {
        "vera_b": (True, False), "vera_B": (True, False), "vera_d": (False, False),
        "vera_A": (False, True),
    },
    "qlora": {
        "lora_B": (True, False), "lora_A": (False, True), "codes": (True, True),
        "rounding_error": (True, True),
    },
    "ia3": {"ia3_l": (True, False)},
    "prefix": {"prompt": (False, True), "delta_b": (True, False)},
    "bitfit": {"delta_b": (True, False)},
}  # fmt: skip


@pytest.mark.parametrize("strategy", SIDES)
@pytest.mark.parametrize("rank", [4, 30])
def test_factors_are_reduced_along_the_sides_that_they_share_with_w(
    strategy: str, rank: int
) -> None:
    """At rank 30 B has as many columns as layer 1 has inputs: its name decides, not its shape."""
    trainer = moved(strategy, rank=rank)
    frames = shown(trainer, PartRequest("layer2", 40, 60, 210, 120, 100))
    for name in ("layer1", "layer2"):
        frame, layer = frames[name], trainer.network.get_submodule(name)
        part, whole = frame.part, dict(trainer.run.strategy.factors(layer))
        assert [key for key, _ in frame.factors] == list(SIDES[strategy])
        for key, picture in frame.factors:
            by_rows, by_columns = SIDES[strategy][key]
            cells = whole[key].detach().numpy()
            if by_rows:
                cells = cells[part.top : part.top + part.rows]
            if by_columns:
                cells = cells[:, part.left : part.left + part.columns]
            steps = [part.stride if shared else 1 for shared in (by_rows, by_columns)]
            np.testing.assert_array_equal(picture, largest(cells, *steps), err_msg=key)


def test_gradient_running_statistics_and_the_x_ray_are_reduced_as_well() -> None:
    trainer = moved("full", batch_norm=True)
    names = [key for key, _ in shown(trainer)["layer2"].factors]
    assert names == ["running_mean", "running_var"]
    assert all(len(picture) == 150 for _, picture in shown(trainer)["layer2"].factors)
    gradient = dict(shown(moved("weight_update"))["layer1"].factors)["gradient"]
    assert gradient.shape == (150, 15)


def test_what_never_changes_is_the_very_same_picture_until_the_view_does() -> None:
    trainer = moved("qlora")
    before = shown(trainer)["layer2"]
    trainer.step()
    after = shown(trainer)["layer2"]
    assert after.weight is before.weight
    assert dict(after.factors)["codes"] is dict(before.factors)["codes"]
    assert after.delta is not before.delta
    assert (after.delta != before.delta).any()
    other = shown(trainer, PartRequest("layer2", 0, 0, 10, 10, 10))["layer2"]
    assert other.weight.shape == (10, 10)
    trainer.restore(trainer.state())
    assert (shown(trainer)["layer2"].weight == before.weight).all()


@pytest.mark.parametrize("strategy", ["full", "lora", "ia3", "pissa"])
def test_no_second_matrix_is_made(strategy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is reduced at a time is a strip."""
    trainer, sizes = moved(strategy, width=1024), []
    plain = module.blocks
    monkeypatch.setattr(
        module, "blocks", lambda m, *steps: (sizes.append(m.numel()), plain(m, *steps))[1]
    )
    shown(trainer)
    assert len(sizes) > 10
    assert max(sizes) <= 1 << 18 < 1024 * 1024


def test_a_frame_is_as_large_as_what_is_visible() -> None:
    small, large = (
        len(MessageEncoder().encode(moved("lora", 1, width=w).frame())) for w in (512, 2048)
    )
    assert large < 1.1 * small
    trainer = moved("lora", 1, width=512)
    views = [PartRequest("layer2", 0, 0, 512, 512, pixels) for pixels in (50, 200)]
    few, many = (len(MessageEncoder().encode(trainer.frame(views=(view,)))) for view in views)
    assert few < many


def test_a_small_network_is_not_reduced() -> None:
    trainer = Trainer(Settings(width=MAX_WHOLE_SIDE, depth=2))
    assert all(layer.part is None for layer in trainer.frame().layers)
    assert shown(trainer)["layer2"].weight.shape == (MAX_WHOLE_SIDE, MAX_WHOLE_SIDE)


def test_parts_cross_the_seam() -> None:
    frame = MessageDecoder().decode(
        MessageEncoder().encode(moved("full").frame(views=(VIEWS["blocks"],)))
    )
    assert isinstance(frame, Frame)
    layer = frame.layers[1]
    assert layer.part == VisiblePart((WIDTH, WIDTH), 101, 3, 150, 130, 3)
    assert layer.measured.k90 is None
    assert MessageDecoder().decode(
        MessageEncoder().encode(SetViews((VIEWS["blocks"],)))
    ) == SetViews((VIEWS["blocks"],))


def test_another_view_is_shown_without_finding_everything_out_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, find = [], FrameBuilder.measure
    monkeypatch.setattr(
        FrameBuilder,
        "measure",
        lambda self, *looked: (found.append(self._source.steps_taken), find(self, *looked))[1],
    )
    with running(Settings(strategy="lora", **LARGE)) as heard:
        heard.send(Step(2))
        before = heard.frame_at(2)
        worked_out = list(found)
        for left in range(5):
            heard.send(
                SetViews((PartRequest("layer2", 0, left, 20, 20, 20),)), RequestFrame(1, 0, 2)
            )
            frame = heard.wait_for(Frame)
            assert frame.layers[1].part == VisiblePart((WIDTH, WIDTH), 0, left, 20, 20, 1)
            assert frame.is_measured
            assert frame.measurements.train_loss == before.measurements.train_loss
        assert found == worked_out
        assert found[-1] == 2


def test_the_loop_shows_the_views_that_were_set_last() -> None:
    with running(Settings(strategy="lora", **LARGE)) as heard:
        whole = heard.frame_at(0)
        assert whole.layers[1].part == VisiblePart((WIDTH, WIDTH), 0, 0, WIDTH, WIDTH, 2)
        heard.send(SetViews((PartRequest("layer2", 5, 6, 20, 30, 100),)), RequestFrame())
        frame = heard.wait_for(Frame)
        assert frame.layers[1].part == VisiblePart((WIDTH, WIDTH), 5, 6, 20, 30, 1)
        assert frame.layers[0].part == whole.layers[0].part
        heard.send(SetViews(()), RequestFrame())
        assert heard.wait_for(Frame).layers[1].part == whole.layers[1].part


def test_while_training_layers_off_the_screen_are_seen_anew_in_turn() -> None:
    trainer = Trainer(Settings(strategy="full", width=264, depth=9))
    views = tuple(PartRequest.hidden(f"layer{number}") for number in range(2, 10))
    _, matrices = trainer.frame_builder.measure(FrameOptions())

    def seen(*, hurried: bool) -> dict[str, LayerFrame]:
        options = FrameOptions()
        frame = trainer.frame_builder.build(0, options, matrices, views, hurried=hurried)
        return {layer.name: layer for layer in frame.layers}

    before = seen(hurried=False)
    turns: set[str] = set()
    for _ in range(HIDDEN_TURNS):
        trainer.step()
        now = seen(hurried=True)
        fresh = {name for name in now if now[name] is not before[name]}
        assert fresh > {"layer1", "head"}
        assert len(fresh) == 4
        turns |= fresh
        before = now
    assert turns == before.keys()
    trainer.step()
    paused = seen(hurried=False)
    assert all(paused[name] is not before[name] for name in paused)
