"""The window knows the strategies by name before the engine has told it their labels."""

from engine.strategies import STRATEGIES
from gui.text.settings_change import fallback_label


def test_a_strategy_is_called_the_same_before_the_engine_is_ready() -> None:
    labels = {name: strategy.label for name, strategy in STRATEGIES.items()}
    assert {name: fallback_label(name) for name in labels} == labels
