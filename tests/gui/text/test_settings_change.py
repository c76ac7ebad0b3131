"""Changed settings as short texts."""

import itertools

import pytest
from msgspec.structs import replace

from engine.protocol.messages import Catalogue
from engine.protocol.settings import RESTARTS, Settings
from gui.text.layers import block_name
from gui.text.settings_change import (
    RankNote,
    change_texts,
    fallback_label,
    non_default_texts,
    rank_note,
)
from tests.gui.shell_frames import catalogue


@pytest.mark.parametrize(
    ("changes", "texts"),
    [
        ({"rank": 8}, ("r 4 → 8 (α follows)",)),
        ({"learning_rate": 0.01}, ("η 0.003 → 0.01",)),
        ({"alpha": 16.0}, ("α 4 → 16",)),
        ({"optimizer": "sgd", "batch_size": 64}, ("Adam → SGD", "batch 32 → 64")),
        ({"frozen": ("layer1", "head")}, ("head frozen", "layer 1 frozen")),
        ({"weight_decay": 0.1}, ("decay default → 0.1",)),
        ({"schedule": "cosine"}, ("η constant → cosine",)),
        ({"warmup_steps": 20, "total_steps": 1000}, ("warm-up 0 → 20", "T 300 → 1,000")),
        ({"total_steps": None}, ("T 300 → open",)),
        ({"penalty": 1}, ("λ 0.1 → 1",)),
        ({"dropout": 0.2, "patience": 50}, ("dropout 0 → 0.2", "patience off → 50")),
        (
            {"rate_ratio": 8, "rate_decay": 2},
            ("rate of B / A 16 → 8", "rate divisor per layer 2.6 → 2"),
        ),
        ({"stage_steps": 100}, ("steps per stage 75 → 100",)),
        ({"freeze_statistics": True}, ("statistics free → frozen",)),
        ({"learning_rate": 0.0030000001}, ()),
        ({"label_noise": 0.3, "train_samples": 20, "batch_norm": True}, ()),
        ({"seed": 3}, ()),
        ({}, ()),
    ],
)
def test_a_change_is_told_in_a_few_signs(
    changes: dict[str, object], texts: tuple[str, ...]
) -> None:
    old = Settings(strategy="lora")
    assert change_texts(old, old.replace(**changes), catalogue()) == texts


def test_what_restarts_under_this_strategy_is_left_out() -> None:
    offered = catalogue()
    lora = next(info for info in offered.strategies if info.name == "lora")
    pissa = Catalogue((replace(lora, restarts=("rank",)),), offered.tasks)
    old = Settings(strategy="lora")
    assert change_texts(old, old.replace(rank=8, dropout=0.1), pissa) == ("dropout 0 → 0.1",)


def test_every_setting_that_can_change_live_is_told() -> None:
    other = {
        "learning_rate": 0.1, "rank": 5, "alpha": 9.0, "optimizer": "sgd", "batch_size": 3,
        "weight_decay": 0.1, "schedule": "linear", "warmup_steps": 3, "total_steps": 4,
        "rate_ratio": 2.0, "rate_decay": 2.0, "stage_steps": 3, "penalty": 2.0, "dropout": 0.1,
        "patience": 7, "freeze_statistics": True, "frozen": ("layer1",),
    }  # fmt: skip
    assert set(other) == set(Settings.__dataclass_fields__) - RESTARTS
    for field, value in other.items():
        assert change_texts(Settings(), Settings(**{field: value}), catalogue()), field


def test_only_what_is_set_is_said() -> None:
    fields = ("dropout", "patience", "label_noise", "train_samples")
    assert non_default_texts(Settings(rank=8), fields) == ()
    settings = Settings(dropout=0.25, label_noise=0.3, train_samples=20)
    assert non_default_texts(settings, fields) == ("dropout 0.25", "label noise 0.3", "samples 20")


def test_locks_count_from_those_of_the_strategy() -> None:
    old = Settings(strategy="freeze")
    new = old.replace(frozen=("layer1",))
    assert change_texts(old, new, catalogue()) == ("layer 2 unlocked",)
    assert change_texts(old, new, Catalogue((), ())) == ("layer 1 frozen",)


def test_names_are_said_as_people_say_them() -> None:
    assert block_name("layer1") == "layer 1"
    assert block_name("head") == "head"
    assert fallback_label("digits-to-rotated") == "Digits to rotated"
    assert fallback_label("linear_probe") == "Linear probe"


KEPT, CUT = "ΔW is kept.", "ΔW keeps its best rank-{} part."


@pytest.mark.parametrize(
    ("ranks", "told"),
    [
        ((3, 5, 11), f"Rank 3 → 11: {KEPT}"),
        ((8, 6, 2), f"Rank 8 → 2: {CUT.format(2)}"),
        ((8, 2, 4), f"Rank 8 → 4: {CUT.format(2)}"),  # what was cut does not come back
        ((4, 8, 6), f"Rank 4 → 6: {CUT.format(6)}"),
        ((8, 4, 6, 5), f"Rank 8 → 5: {CUT.format(4)}"),
    ],
)
def test_one_drag_of_the_rank_is_told_as_one_change(ranks: tuple[int, ...], told: str) -> None:
    steps = [Settings(strategy="lora", rank=rank) for rank in ranks]
    note: RankNote | None = None
    for old, new in itertools.pairwise(steps):
        consequence = KEPT if new.rank > old.rank else CUT.format(new.rank)
        said = f"Rank {old.rank} → {new.rank}: {consequence}"
        note = rank_note(said, steps[0], old, new, note)
    assert note is not None and note.text(steps[-1]) == told


def test_a_note_on_anything_else_is_left_as_it_is() -> None:
    old = Settings(strategy="lora", rank=4)
    assert rank_note("The branches are gone.", old, old, old.replace(rank=8), None) is None
