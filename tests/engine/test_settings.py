"""Settings refuse what makes no sense, and survive JSON."""

import math

import pytest
from hypothesis import given, strategies as st

from engine.protocol.settings import OPTIMIZERS, TASK_NAMES, Settings, SettingsError, strategy_names
from engine.tasks import TASKS


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("rank", 0),
        ("rank", 31),
        ("rank", 4.0),
        ("rank", True),
        ("learning_rate", 0.0),
        ("learning_rate", -1e-3),
        ("learning_rate", math.nan),
        ("learning_rate", math.inf),
        ("learning_rate", "fast"),
        ("alpha", 0),
        ("weight_decay", -0.1),
        ("batch_size", 0),
        ("bottleneck", 41),
        ("head_width", 0),
        ("seed", -1),
        ("strategy", "lorra"),
        ("task", "digits"),
        ("optimizer", "Adam"),
        ("frozen", "layer1"),
        ("frozen", (1,)),
        ("frozen", 5),
        ("alpha", 10**400),
    ],
)
def test_a_bad_value_is_refused_by_field_value_and_range(field: str, value: object) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(**{field: value})
    message = str(caught.value)
    shown = repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:60]}…"
    assert message.startswith(f"{field}: {shown} is not allowed; it must be ")
    assert "\n" not in message


settings = st.builds(
    Settings,
    strategy=st.sampled_from(strategy_names()),
    task=st.sampled_from(TASK_NAMES),
    learning_rate=st.floats(1e-12, 1e30),
    rank=st.integers(1, 30),
    alpha=st.none() | st.floats(1e-3, 1e3),
    optimizer=st.sampled_from(OPTIMIZERS),
    batch_size=st.integers(1, 1024),
    frozen=st.none() | st.lists(st.sampled_from(["layer1", "layer2", "head"])).map(tuple),
    seed=st.integers(0, 2**31 - 1),
)


@given(settings)
def test_json_round_trip(original: Settings) -> None:
    assert Settings.from_json(original.to_json()) == original


@pytest.mark.parametrize("text", ["", "[]", "{", '{"rnak": 4}', '{"rank": "4"}', '{"frozen": [3]}'])
def test_bad_json_is_refused(text: str) -> None:
    with pytest.raises(SettingsError):
        Settings.from_json(text)


def test_task_names_are_the_tasks_there_are() -> None:
    assert set(TASK_NAMES) == set(TASKS)


def test_alpha_follows_the_rank_unless_set() -> None:
    assert Settings(rank=8).scaling_alpha == 8
    assert Settings(rank=8, alpha=16).scaling_alpha == 16
