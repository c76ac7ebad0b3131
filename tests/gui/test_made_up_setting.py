"""A setting is added in one place, its field of `Settings`; all else derives from that."""

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIELD = '''
    temperature: Annotated[
        float, Setting("Temperature", Number(0, 2), symbol="τ", section="overfitting",
                       scale=SliderScale((0, 0.5, 1, 2)), hint="How soft the targets are"),
    ] = 1.0
'''  # fmt: skip


def test_a_made_up_setting_is_checked_offered_shown_rung_and_told() -> None:
    code = f"import {__name__} as this; this.add_setting(); this.check_setting()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def add_setting() -> None:
    """Load the settings with one more field, in a process of its own."""
    spec = importlib.util.find_spec("engine.protocol.settings")
    assert spec is not None and spec.origin is not None
    source = Path(spec.origin).read_text(encoding="utf-8")
    head, rest = source.split("    frozen: Annotated", 1)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    exec(compile(f"{head}{FIELD}    frozen: Annotated{rest}", spec.origin, "exec"), vars(module))


def check_setting() -> None:
    import pytest
    from PySide6.QtWidgets import QApplication, QLineEdit, QSlider

    from engine.protocol.command_line import collect_settings, parse_arguments
    from engine.protocol.settings import Settings, SettingsError
    from gui.controls.panel import ControlPanel
    from gui.lessons.highlight_targets import CONTROL_TARGETS, widget_names
    from gui.state.preferences import Preferences
    from gui.text.settings_change import change_texts
    from tests.gui.shell_frames import FakeSession, catalogue

    allowed = (
        "temperature: 3 is not allowed; it must be a finite number of at least 0 and at most 2"
    )
    with pytest.raises(SettingsError, match=allowed):
        Settings(temperature=3)  # type: ignore[call-arg]
    for command in ([], ["train"]):
        options = parse_arguments([*command, "--temperature", "0.7"])
        assert collect_settings(options) == {"temperature": 0.7}
    assert Settings.from_json(Settings(temperature=0.7).to_json()).temperature == 0.7

    application = QApplication(["", "-platform", "offscreen"])
    session = FakeSession()
    panel = ControlPanel(session, Preferences())
    slider = panel.findChild(QSlider, "temperatureSlider")
    assert slider.toolTip() == "How soft the targets are. A change applies from the next step"
    before = session.state.settings
    slider.setValue(1)
    after = session.state.settings
    assert after == before.replace(temperature=0.5)
    assert slider.parentWidget().findChild(QLineEdit).text() == "0.5"
    assert change_texts(before, after, catalogue()) == ("τ 1 → 0.5",)
    assert "temperature" in CONTROL_TARGETS
    ((name,),) = widget_names("temperature")
    assert slider.parentWidget().objectName() == name
    application.quit()
