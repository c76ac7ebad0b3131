"""The curves of a run's branches and of the run before it."""

from engine.protocol.settings import Settings
from gui.charts.run_curves import RunCurves
from gui.state.change_log import ChangeLog
from tests.gui.shell_frames import frame

LORA = Settings(strategy="lora")


def test_the_same_strategy_under_other_settings_is_the_run_before() -> None:
    curves = RunCurves(LORA, ChangeLog(LORA))
    for step in (0, 10):
        curves.add_frame(frame(step))
    curves.start_run(frame(0, run=2, settings=LORA.replace(seed=3)))
    assert curves.previous_label == "same strategy"
