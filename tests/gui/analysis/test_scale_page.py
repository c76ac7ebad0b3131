"""The scale page: s, where it comes from, and how far every layer moves."""

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Frame
from engine.protocol.settings import Settings
from gui.analysis.bar_table import BarTable
from gui.analysis.scale_page import ScalePage, scaling_of, sentence
from gui.text.numbers import number_text
from tests.gui.changed import changed
from tests.gui.frames import frame, info, session_of
from tests.gui.made_factors import named
from tests.gui.shell_frames import FakeSession, dress


def scaled(s: float, strategy: str = "lora", **settings: object) -> Frame:
    """A LoRA frame whose body has this s."""
    now = frame("lora", step=9, settings=Settings(strategy=strategy, **settings))
    layers = tuple(
        layer if layer.scaling is None else replace(layer, scaling=s) for layer in now.layers
    )
    return replace(now, layers=layers)


def opened(qtbot: QtBot, session: FakeSession) -> ScalePage:
    dress()
    page = ScalePage(session)
    page.resize(806, 118)
    qtbot.addWidget(page)
    page.show()
    return page


def column(table: BarTable, index: int) -> list[str]:
    return [row.cells[index].text for row in table.rows]


@pytest.mark.parametrize(
    ("s", "settings", "said"),
    [
        (1.0, {}, "α = r makes s = 1: ΔW is BA itself. As α follows r, s stays 1"),
        (2.0, {"alpha": 8.0}, "α = 2r makes s = 2: the same step of B and A changes W′ twice as"),
        (0.5, {"alpha": 2.0}, "α = 0.5r makes s = 0.5: the same step of B and A changes W′"),
        (4.0, {"alpha": 16.0}, "changes W′ 4 times as much as with s = 1. At twice the rank s "
                               "would be 2; α = 32 would keep it."),
        (16 / 3, {"alpha": 16.0, "rank": 3}, "α = 16 at r = 3 makes s = 5.33"),
        (2.0, {"strategy": "rslora", "alpha": 4.0}, "α/√r makes s = 2: the same step of B and A "
         "changes W′ twice as much as with s = 1. At twice the rank s would be 1.41; by α/r"),
        (2.0, {"strategy": "rslora"}, "As α follows r, s = √r grows with the rank."),
        (3.0, {"alpha": 8.0}, "s = 3 is neither the present α/r nor α/√r: the same step"),
    ],
)  # fmt: skip
def test_the_sentence_is_worked_out_from_the_numbers(
    s: float, settings: dict[str, object], said: str
) -> None:
    strategy = info(str(settings.get("strategy", "lora")))
    assert said in sentence(scaled(s, **settings), strategy)


def test_at_rank_one_the_rule_is_the_strategys() -> None:
    plain = scaling_of(scaled(4.0, rank=1, alpha=4.0), info("lora"))
    root = scaling_of(scaled(4.0, strategy="rslora", rank=1, alpha=4.0), info("rslora"))
    assert plain is not None
    assert root is not None
    assert (plain.rule, root.rule) == ("α/r", "α/√r")


def test_dora_moves_the_direction_before_it_is_stretched() -> None:
    now = scaled(2.0, strategy="dora", alpha=8.0)
    first = now.layers[0]
    stretch = named("magnitude", first.weight[:, :1])
    layers = (replace(first, factors=(*first.factors, stretch)), *now.layers[1:])
    said = sentence(replace(now, layers=layers), info("dora"))
    assert "changes V = W + s·BA twice as much" in said


def test_adalora_divides_by_the_rank_it_began_with() -> None:
    said = sentence(scaled(4 / (4 + 1e-5), strategy="adalora"), info("adalora"))
    assert said.startswith("AdaLoRA divides α by the rank it began with, 4: s = 1")


def test_a_locked_layer_keeps_its_s_and_does_not_speak_for_the_run() -> None:
    now = scaled(2.0, alpha=8.0)
    locked = replace(now.layers[0], scaling=1.0, trainable=False)
    scaling = scaling_of(replace(now, layers=(locked, *now.layers[1:])), info("lora"))
    assert scaling is not None
    assert scaling.value == 2.0


def test_the_table_holds_the_frames_numbers(qtbot: QtBot) -> None:
    session = session_of("lora")
    page = opened(qtbot, session)
    now = scaled(2.0, alpha=8.0)
    session.feed(now)
    page.redraw()
    assert column(page.table, 0) == ["Layer 1", "Layer 2", "Layer 3", "Head"]
    assert column(page.table, 1) == ["2", "2", "2", "–"]
    assert column(page.table, 2) == [
        number_text(layer.measured.step_norm or 0) for layer in now.layers
    ]
    assert column(page.table, 3) == [number_text(layer.delta_norm) for layer in now.layers]
    ratios = [layer.delta_norm / layer.weight_norm for layer in now.layers]
    assert column(page.table, 4) == list(map(number_text, ratios))
    shares = [row.cells[4].share for row in page.table.rows]
    assert shares == pytest.approx([ratio / max(ratios) for ratio in ratios])
    assert page.figures_text() == "α = 8   r = 4   s = α/r = 2"
    assert page.gauge.accessibleDescription() == "s = 2, α/√r = 4, α/r = 2"
    page.grab()


def test_without_a_scaling_the_table_has_no_column_for_it(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    now = frame("full", step=9)
    session.feed(now)
    page.redraw()
    assert page.figures_text() == ""
    assert not page.gauge.isVisible()
    assert column(page.table, 2) == [number_text(layer.delta_norm) for layer in now.layers]
    far = max(now.layers, key=lambda layer: layer.delta_norm / layer.weight_norm)
    share = number_text(far.delta_norm / far.weight_norm)
    assert page.text() == (
        "This method has no α, so there is no s. "
        f"Layer {far.name[-1]} has changed most: ‖ΔW‖ / ‖W‖ = {share}."
    )
    session.feed(frame("full", change=0.0))
    page.redraw()
    assert page.text().endswith("Nothing has changed yet.")


def test_what_is_known_of_the_last_step_stays_until_the_run_changes(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    now = frame("full", step=9)
    known = [number_text(layer.measured.step_norm or 0) for layer in now.layers]

    def give(frame_: Frame) -> list[str]:
        session.feed(frame_)
        page.redraw()
        return column(page.table, 1)

    def unwatched(step: int, run: int = 1) -> Frame:
        later = frame("full", step=step, run=run)
        layers = (changed(layer, step_norm=None) for layer in later.layers)
        return replace(later, layers=tuple(layers))

    assert give(unwatched(3)) == ["–"] * 4
    assert give(now) == known
    assert give(unwatched(12)) == known
    assert give(unwatched(5)) == ["–"] * 4  # the run was taken back
    assert give(now) == known
    assert give(unwatched(20, run=2)) == ["–"] * 4


def test_numbers_beyond_all_bounds_are_drawn_without_mishap(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    now = frame("full", step=9)
    lost = changed(now.layers[0], delta_norm=float("inf"), step_norm=float("nan"))
    session.feed(replace(now, layers=(lost, *now.layers[1:])))
    page.redraw()
    page.grab()
    assert column(page.table, 2)[0] == "∞"
    assert page.text().endswith("Layer 1 has diverged.")
