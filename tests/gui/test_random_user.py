"""A user who tries everything finds nothing that breaks."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from PySide6.QtWidgets import QApplication

from tests.gui.random_user import RandomUser, RankBudget

FEW = settings(
    max_examples=2,  # each begins with an engine of its own, which takes longer than forty acts
    stateful_step_count=50,
    derandomize=True,
    phases=[Phase.generate],  # to make what failed shorter would take hours of real engines
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
MANY = settings(FEW, max_examples=200, derandomize=False)


@pytest.mark.may_stall("another theme, and dialogs when they are first opened")
@pytest.mark.parametrize(
    ("extent", "engines"),
    [
        pytest.param(FEW, 2, id="few", marks=pytest.mark.timeout(300)),
        pytest.param(MANY, 200, id="many", marks=[pytest.mark.slow, pytest.mark.timeout(7200)]),
    ],
)
def test_a_random_user(qapp: QApplication, qtlog: object, extent: settings, engines: int) -> None:

    class User(RandomUser):
        budget = RankBudget(engines)

        @staticmethod
        def qt_messages() -> list[str]:
            return [record.message for record in qtlog.records if not record.ignored]

    run_state_machine_as_test(User, settings=extent)
