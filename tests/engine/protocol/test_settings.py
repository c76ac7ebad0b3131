"""Settings refuse what makes no sense, and survive JSON."""

import math

import pytest
from hypothesis import given, strategies as st

from engine.protocol.network_shape import LESSON_DEPTH
from engine.protocol.settings import (
    OPTIMIZER_LABELS,
    TASK_NAMES,
    Settings,
    SettingsError,
    count_unfreeze_stages,
)
from engine.protocol.strategy_files import strategy_names
from engine.strategies import STRATEGIES
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


TOGETHER = {
    # what is asked for together: the field that is named, and a word of what would be right
    "AdaLoRA without a budget": (
        {"strategy": "adalora", "total_steps": None}, "total_steps", "a step budget",
    ),
    "a schedule without an end": (
        {"schedule": "cosine", "total_steps": None}, "total_steps", "a step budget",
    ),
    "a warm-up as long as the run": (
        {"schedule": "linear", "warmup_steps": 300}, "warmup_steps", "below total_steps, 300",
    ),
    "layers that wake when the rate is zero": (
        {"strategy": "gradual_unfreezing", "schedule": "linear", "total_steps": 225},
        "stage_steps", "3 times it is below total_steps, 225",
    ),
    "a probe as long as the run": (
        {"strategy": "probe_then_finetune", "schedule": "cosine", "stage_steps": 300},
        "stage_steps", "it is below total_steps, 300",
    ),
    "BatchNorm over batches of one": (
        {"batch_norm": True, "batch_size": 1}, "batch_size", "at least 2",
    ),
    "BatchNorm over one sample": (
        {"batch_norm": True, "train_samples": 1}, "train_samples", "at least 2",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TOGETHER)
def test_what_makes_no_sense_together_is_refused(case: str) -> None:
    values, field, allowed = TOGETHER[case]
    with pytest.raises(SettingsError) as caught:
        Settings(**values)
    assert str(caught.value).startswith(f"{field}: ")
    assert allowed in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [
        {"strategy": "adalora", "total_steps": 1},
        {"schedule": "linear", "warmup_steps": 299},
        {"warmup_steps": 300, "total_steps": None},
        {"strategy": "gradual_unfreezing", "total_steps": 10},
        {"strategy": "gradual_unfreezing", "schedule": "linear", "total_steps": 226},
        {"strategy": "full", "schedule": "linear", "total_steps": 10},
        {"batch_norm": True, "batch_size": 2, "train_samples": 2},
    ],
    ids=str,
)
def test_what_makes_sense_together_is_not(values: dict) -> None:
    assert Settings(**values) == Settings.from_mapping(values)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_stages_are_those_of_the_strategies(strategy: str) -> None:
    """Settings know without torch when a strategy lets the last layer train."""
    settings = Settings(strategy=strategy, stage_steps=7)
    last = max(STRATEGIES[strategy].unfreeze_at(settings).values(), default=0)
    assert last == 7 * count_unfreeze_stages(strategy, LESSON_DEPTH)


settings = st.builds(
    Settings,
    strategy=st.sampled_from(strategy_names()),
    task=st.sampled_from(TASK_NAMES),
    learning_rate=st.floats(1e-12, 1e30),
    rank=st.integers(1, 30),
    alpha=st.none() | st.floats(1e-3, 1e3),
    optimizer=st.sampled_from(tuple(OPTIMIZER_LABELS)),
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
