"""The light of what is frozen: one bit, any bit, in the very next frame, until it is repaired."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.protocol.messages import Configure
from engine.protocol.settings import Settings
from engine.protocol.strategy_files import strategy_names
from engine.trainer import Trainer
from tests.engine.check_results import lights, red
from tests.engine.oracle_runs import trained

every_strategy = pytest.mark.parametrize("strategy", strategy_names())


def _bit_flipped(number: Tensor, bit: int) -> Tensor:
    return (number.view(torch.int32) ^ (1 << bit)).view(torch.float32)


@contextmanager
def _corrupted(tensor: Tensor, place: tuple[int, ...], value: Tensor) -> Iterator[None]:
    """One number of a tensor is another one for a while."""
    kept = tensor.detach()[place].clone()
    tensor.detach()[place] = value
    yield
    tensor.detach()[place] = kept


def _tensors(trainer: Trainer) -> dict[str, Tensor]:
    return trainer.network.state_dict(keep_vars=True)


# ---------------------------------------------------------------- frozen


def _never_moving(trainer: Trainer) -> list[str]:
    """float32 tensors of the drawn layers that may never move, by what is known of the network."""
    free = {name for name, p in trainer.network.named_parameters() if p.requires_grad}
    layers = dict(trainer.network.layers())
    names = []
    for name, tensor in _tensors(trainer).items():
        layer = next((n for n in layers if name.startswith(f"{n}.")), None)
        if layer is None or name in free or tensor.dtype != torch.float32:
            continue
        locked = not any(other.startswith(f"{layer}.") for other in free)
        part = name.removeprefix(f"{layer}.")
        constant = part.startswith(("original", "update.vera_", "update.start"))
        if isinstance(tensor, torch.nn.Parameter) or locked or constant:
            names.append(name)
    return names


@every_strategy
def test_one_bit_of_any_tensor_that_may_not_move_is_seen_in_the_next_frame(strategy: str) -> None:
    trainer = trained(6, strategy=strategy)
    if strategy not in ("linear_probe", "feature_head"):
        trainer.apply(Configure(trainer.settings.replace(frozen=("layer3",))))
    trainer.step()
    names = _never_moving(trainer)
    assert len(names) >= 4
    assert not red(trainer.frame())
    for name in names:
        tensor = _tensors(trainer)[name]
        place = tuple(size - 1 for size in tensor.shape)
        was = tensor.detach()[place].clone()
        layer = next(n for n, _ in trainer.network.layers() if name.startswith(f"{n}."))
        with _corrupted(tensor, place, _bit_flipped(was, 0)):
            check = red(trainer.frame())[layer, "frozen"]
            now = float(tensor.detach()[place])
        assert (check.value, check.expected, check.step) == (now, float(was), 7), name
        assert check.value != check.expected
        index = f"[{', '.join(map(str, place))}]" if place else ""
        assert check.location == name.removeprefix(f"{layer}.") + index
        assert not check.by_settings
        assert not red(trainer.frame()), name


@pytest.mark.parametrize("bit", range(32))
def test_any_bit_is_one_too_many(bit: int) -> None:
    trainer = trained(3, strategy="lora")
    weight = trainer.network.get_parameter("layer2.weight")
    was = weight.detach()[17, 5].clone()
    with _corrupted(weight, (17, 5), _bit_flipped(was, bit)):
        check = red(trainer.frame())["layer2", "frozen"]
        assert check.location == "weight[17, 5]"
        assert check.expected == float(was)
        now = float(weight.detach()[17, 5])
        assert check.value == now or (math.isnan(check.value) and math.isnan(now))
    assert not red(trainer.frame())


SPECIAL = {"0": 0.0, "−0": -0.0, "NaN": math.nan, "∞": math.inf, "−∞": -math.inf, "tiny": 1e-45}


@pytest.mark.parametrize("then", SPECIAL)
@pytest.mark.parametrize("now", SPECIAL)
def test_zero_is_not_minus_zero_and_nan_is_itself(then: str, now: str) -> None:
    """A NaN or an infinity that was there when the layer was frozen may stay."""
    trainer = Trainer(Settings())
    weight = trainer.network.get_parameter("layer2.weight")
    weight.detach()[3, 4] = SPECIAL[then]
    trainer.apply(Configure(Settings(frozen=("layer2",))))
    assert ("layer2", "frozen") not in red(trainer.frame())
    weight.detach()[3, 4] = SPECIAL[now]
    failed = red(trainer.frame())
    assert (("layer2", "frozen") in failed) == (then != now)
    if then != now:
        check = failed["layer2", "frozen"]
        shown = np.array([check.value, check.expected], np.float32)
        assert shown.tobytes() == np.array([SPECIAL[now], SPECIAL[then]], np.float32).tobytes()


def test_it_is_dated_from_when_it_was_first_seen_until_it_is_repaired() -> None:
    trainer = trained(4, frozen=("layer1",))
    weight = trainer.network.get_parameter("layer1.weight")
    assert lights(trainer.frame())["layer1", "frozen"].step == 0
    was = weight.detach()[0, 0].clone()
    with _corrupted(weight, (0, 0), torch.tensor(7.0)):
        trainer.step()
        assert red(trainer.frame())["layer1", "frozen"].step == 5
        for _ in range(3):
            trainer.step()
        assert red(trainer.frame())["layer1", "frozen"].step == 5
    assert lights(trainer.frame())["layer1", "frozen"].holds
    trainer.step()
    weight.detach()[0, 0] = 8.0
    check = red(trainer.frame())["layer1", "frozen"]
    assert (check.step, check.value, check.expected) == (9, 8.0, float(was))


def test_it_holds_since_the_step_at_which_it_was_locked() -> None:
    trainer = trained(11)
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer2",))))
    for _ in range(5):
        trainer.step()
    checks = lights(trainer.frame())
    assert checks["layer2", "frozen"].step == 11
    assert checks["layer1", "frozen"].step == 0  # of W, which nothing ever moves
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer2", "layer1"))))
    assert lights(trainer.frame())["layer2", "frozen"].step == 11
    assert lights(trainer.frame())["layer1", "frozen"].step == 16


def test_a_change_of_settings_hides_nothing() -> None:
    trainer = trained(5, frozen=("layer1",), batch_norm=True)
    trainer.network.get_parameter("layer1.weight").detach()[1, 1] = 7.0
    for changes in ({"learning_rate": 1e-4}, {"freeze_statistics": True}, {"dropout": 0.1},
                    {"frozen": ("layer1", "layer2")}):  # fmt: skip
        trainer.apply(Configure(trainer.settings.replace(**changes)))
        check = red(trainer.frame())["layer1", "frozen"]
        assert (check.value, check.location, check.by_settings) == (7.0, "weight[1, 1]", False)


def test_a_frozen_matrix_of_another_shape_is_seen() -> None:
    trainer = trained(5, strategy="lora", frozen=("layer2",))
    trainer.network.get_parameter("layer2.update.lora_B").data = torch.zeros(40, 7)
    trainer.network.get_parameter("layer2.update.lora_A").data = torch.zeros(7, 40)
    for _ in range(2):
        check = red(trainer.frame())["layer2", "frozen"]
        assert (check.value, check.expected, check.location) == (280.0, 160.0, "update.lora_A")
        trainer.apply(Configure(trainer.settings.replace(learning_rate=1e-4)))


# ---------------------------------------------------------------- BatchNorm's statistics


def test_statistics_that_move_under_a_lock_are_a_lesson() -> None:
    trainer = trained(3, batch_norm=True)
    trainer.apply(Configure(trainer.settings.replace(frozen=("layer1",))))
    assert not red(trainer.frame())
    before = trainer.network.get_buffer("layer1.norm.running_mean").clone()
    trainer.step()
    failed = red(trainer.frame())
    assert set(failed) == {("layer1", "frozen")}
    check = failed["layer1", "frozen"]
    now = trainer.network.get_buffer("layer1.norm.running_mean")
    first = int((now != before).nonzero()[0])
    assert check.location == f"norm.running_mean[{first}]"
    assert (check.value, check.expected, check.step) == (float(now[first]), float(before[first]), 4)
    assert check.by_settings
    trainer.apply(Configure(trainer.settings.replace(freeze_statistics=True)))
    for _ in range(3):
        assert not red(trainer.frame())
        trainer.step()
    trainer.apply(Configure(trainer.settings.replace(freeze_statistics=False)))
    trainer.step()
    assert red(trainer.frame())["layer1", "frozen"].by_settings


def test_statistics_that_move_although_they_are_still_are_our_bug() -> None:
    trainer = trained(3, batch_norm=True, frozen=("layer1",), freeze_statistics=True)
    assert not red(trainer.frame())
    trainer.network.get_buffer("layer1.norm.running_var")[2] = 9.0
    check = red(trainer.frame())["layer1", "frozen"]
    assert (check.value, check.location, check.by_settings) == (9.0, "norm.running_var[2]", False)


def test_our_bug_is_not_hidden_by_their_lesson() -> None:
    trainer = trained(3, strategy="lora", batch_norm=True, frozen=("layer1",))
    assert red(trainer.frame())["layer1", "frozen"].by_settings
    trainer.step()
    with _corrupted(trainer.network.get_parameter("layer1.update.lora_A"), (0, 0),
                    torch.tensor(3.0)):  # fmt: skip
        check = red(trainer.frame())["layer1", "frozen"]
        assert (check.location, check.value, check.step) == ("update.lora_A[0, 0]", 3.0, 4)
        assert not check.by_settings
    assert red(trainer.frame())["layer1", "frozen"].by_settings
