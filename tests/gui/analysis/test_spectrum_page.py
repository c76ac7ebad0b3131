"""The spectrum page: bars, k90, the cut, and the sentence beside them."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Frame, TruncatedLayer, Truncation, VisiblePart
from engine.protocol.settings import Settings
from gui.analysis.spectrum_page import (
    PLAIN,
    TOO_LARGE,
    ZERO,
    SpectrumPage,
    kept_energy,
    kept_text,
    rank_of,
    sentence,
)
from gui.theme import appearance
from tests.gui.changed import changed
from tests.gui.frames import cut, frame, session_of
from tests.gui.shell_frames import FakeSession, dress


def opened(qtbot: QtBot, session: FakeSession) -> SpectrumPage:
    dress()
    page = SpectrumPage(session)
    page.resize(806, 118)
    qtbot.addWidget(page)
    page.show()
    return page


def set_cut(page: SpectrumPage, rank: int) -> None:
    slider = page.findChild(QSlider, "xraySlider")
    assert slider is not None
    slider.setValue(rank)


def picture(page: SpectrumPage, layer: str = "layer1") -> QImage:
    return page.plots[layer].bars.grab().toImage()


def columns_of(image: QImage, colour: str) -> set[int]:
    """Pixel columns in which a colour occurs."""
    wanted = QColor(colour).rgb()
    return {
        x for x in range(image.width())
        if any(image.pixel(x, y) == wanted for y in range(image.height()))
    }  # fmt: skip


def test_without_a_cut_all_values_are_drawn_and_k90_is_named(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    now = frame("full", step=9)
    session.feed(now)
    page.redraw()
    for layer in now.layers[:3]:
        plot = page.plots[layer.name]
        assert [mark.text for mark in plot.bars.spec.marks] == [f"k90 = {layer.measured.k90}"]
        count = len(layer.measured.singular_values)
        assert plot.values_text() == f"{layer.measured.k90} of {count} hold 90\u202f%"
        assert f"k90 = {layer.measured.k90}" in plot.bars.accessibleDescription()
    assert page.text() == PLAIN


def test_the_bars_are_as_high_as_the_values_are_large(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    now = frame("full", step=9)
    values = np.zeros(30, np.float32)
    values[:4] = (1.0, 0.5, 0.5, 0.25)
    first = changed(now.layers[0], singular_values=values, k90=3)
    session.feed(replace(now, layers=(first, *now.layers[1:])))
    page.redraw()
    image, accent = picture(page), QColor(appearance.theme.accent).rgb()
    heights: list[int] = []
    for x in sorted(columns_of(image, appearance.theme.accent)):
        heights.append(sum(image.pixel(x, y) == accent for y in range(image.height())))
    # The line at k90 and the axis may take a pixel of the bars beside them.
    distinct = sorted({h for h in heights if h + 1 not in heights}, reverse=True)
    assert len(distinct) == 3
    assert distinct[1] == pytest.approx(distinct[0] / 2, abs=1.5)
    assert distinct[2] == pytest.approx(distinct[0] / 4, abs=1.5)


def test_on_a_logarithmic_axis_equal_ratios_are_equal_heights(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    now = frame("full", step=9)
    values = np.array([1.0, 0.1, 0.01, 0.0], np.float32)
    first = changed(now.layers[0], singular_values=values, k90=1)
    session.feed(replace(now, layers=(first, *now.layers[1:])))
    page.redraw()
    bars = page.plots["layer1"].bars
    bars.set_logarithmic(True)
    image, accent = bars.grab().toImage(), QColor(appearance.theme.accent).rgb()
    heights = []
    for step in (0.3, 1.3, 2.3, 3.3):
        x = round(bars.point_at(step, 0.1).x())
        heights.append(sum(image.pixel(x, y) == accent for y in range(image.height())))
    assert heights[0] - heights[1] == pytest.approx(heights[1] - heights[2], abs=1.5)
    assert heights[3] == 0
    assert bars.hover_text(1.4) == "σ2 = 0.1"


def test_a_low_rank_strategy_has_its_line_at_r(qtbot: QtBot) -> None:
    session = session_of("lora")
    page = opened(qtbot, session)
    session.feed(frame("lora", step=9))
    page.redraw()
    assert page.plots["layer2"].bars.spec.marks[0].text == "r = 4"
    assert "r = 4" in page.plots["layer2"].bars.accessibleDescription()


def test_a_layer_without_a_rank_has_no_line_of_its_own() -> None:
    lora, full = frame("lora", step=9), frame("full", step=9)
    assert rank_of(lora, lora.layers[0]) == 4
    assert rank_of(lora, lora.layers[-1]) == 0  # the head
    assert rank_of(full, full.layers[0]) == 0


def test_the_cut_is_marked_at_once_and_answered_with_the_frame(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    before = frame("full", step=9)
    session.feed(before)
    page.redraw()
    whole = columns_of(picture(page), appearance.theme.accent)
    set_cut(page, 2)
    assert page.plots["layer1"].bars.spec.marks[0].text == "cut at 2"
    assert page.text() == "Cutting ΔW down to rank 2…"
    kept = columns_of(picture(page), appearance.theme.accent)
    assert kept < whole
    assert columns_of(picture(page), appearance.theme.hatch)
    after = cut(before, 2)
    session.feed(after)
    page.redraw()
    assert after.measurements.truncation is not None
    share = 100 * kept_energy(after, after.measurements.truncation)
    assert page.text() == (
        f"Rank 2 keeps {share:.1f}\u202f% of ΔW’s energy. Target accuracy would be 46.0\u202f% "
        "instead of 50.0\u202f%, within noise. "
        "Source accuracy would stay at 90.0\u202f%."
    )
    first = 100 * after.measurements.truncation.layers[0].energy
    assert page.plots["layer1"].values_text() == f"{first:.1f}\u202f% at rank 2"


def test_an_answer_to_an_older_question_names_its_own_rank(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    set_cut(page, 2)
    session.feed(cut(frame("full", step=9), 2))
    page.redraw()
    set_cut(page, 7)
    assert page.text().startswith("Rank 2 keeps")
    assert page.plots["layer1"].values_text().endswith("at rank 2")
    set_cut(page, 0)
    assert page.text() == PLAIN
    assert "hold" in page.plots["layer1"].values_text()


def test_a_zero_delta_is_said(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    session.feed(frame("full", change=0.0))
    page.redraw()
    assert page.text() == ZERO
    assert page.plots["layer1"].bars.spec.note == "ΔW is zero"
    assert page.plots["layer1"].values_text() == ""
    assert not columns_of(picture(page), appearance.theme.accent)


def test_a_frozen_layer_beside_moving_ones_is_the_only_one_at_zero(qtbot: QtBot) -> None:
    session = session_of("freeze")
    page = opened(qtbot, session)
    session.feed(frame("freeze", step=9))
    page.redraw()
    assert page.plots["layer1"].bars.spec.note == "ΔW is zero"
    assert page.plots["layer3"].bars.spec.note == ""
    assert page.text() == PLAIN


def test_the_preview_and_a_lost_run_are_drawn_without_mishap(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    page.grab()
    assert page.text() == ZERO
    now = frame("full", step=9)
    lost = changed(
        now.layers[0],
        singular_values=np.full(30, np.nan, np.float32), k90=0, delta_norm=float("nan"),
    )  # fmt: skip
    session.feed(replace(now, layers=(lost, *now.layers[1:])))
    page.redraw()
    page.grab()
    assert page.plots["layer1"].bars.spec.note == "not a number"
    assert page.plots["layer1"].bars.accessibleDescription() == "not a number"


def energies(now: Frame, *shares: float) -> Truncation:
    names = [layer.name for layer in now.layers[: len(shares)]]
    return Truncation(3, 0.4, 0.9, tuple(map(TruncatedLayer, names, shares)))


def test_the_bodys_energy_weighs_layers_by_their_own() -> None:
    now = frame("full", step=9)
    squares = [layer.delta_norm**2 for layer in now.layers[:3]]
    wanted = (squares[0] * 0.5 + squares[1] * 0.25 + squares[2]) / sum(squares)
    assert kept_energy(now, energies(now, 0.5, 0.25, 1.0)) == pytest.approx(wanted)
    assert kept_energy(frame("full", change=0.0), energies(now, 1.0, 1.0, 1.0)) == 1.0


def test_all_is_said_only_of_all() -> None:
    assert kept_text(1.0) == "all"
    assert kept_text(0.99995) == "> 99.9\u202f%"
    assert kept_text(0.5) == "50.0\u202f%"
    now = frame("full", step=9)
    told = changed(now, truncation=energies(now, 0.9999, 0.9999, 0.9999))
    assert "keeps more than 99.9\u202f% of" in sentence(told, 3)


def test_without_a_head_for_the_target_only_the_source_is_told() -> None:
    now = changed(cut(frame("full", step=9), 2, target_accuracy=None),
                              target_accuracy=None)  # fmt: skip
    assert "Target" not in sentence(now, 2)
    assert "Source accuracy would stay at" in sentence(now, 2)


# ---------------------------------------------------------------- other sizes


def deep(depth: int, width: int = 768, step: int = 5) -> Frame:
    """A frame of a large network: of each ΔW only the leading 16 singular values."""
    settings = Settings(width=width, depth=depth)
    now = frame("full", step=step, settings=settings)
    values = np.linspace(1.0, 0.5, 16, dtype=np.float32)
    layers = tuple(
        changed(
            now.layers[1], name=name, singular_values=values, k90=None,
            part=VisiblePart(shape, 0, 0, *shape, 20),
        )
        for name, shape in settings.body_shapes.items()
    )  # fmt: skip
    return replace(now, layers=(*layers, now.layers[-1]))


def test_where_only_the_leading_values_are_known_k90_is_more_than_these(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    session.feed(deep(3))
    page.redraw()
    plot = page.plots["layer2"]
    assert plot.values_text() == "> 16 of 768 hold 90\u202f%"
    assert "k90 > 16" in plot.bars.accessibleDescription()
    assert plot.bars.spec.note == ""
    assert columns_of(picture(page, "layer2"), appearance.theme.accent)


def test_there_is_a_plot_for_every_layer_of_the_run(qtbot: QtBot) -> None:
    session = session_of("full")
    page = opened(qtbot, session)
    session.feed(deep(3))
    page.redraw()
    narrow = page.minimumSizeHint().width()
    before = dict(page.plots)
    for depth in (12, 1, 3):
        session.feed(deep(depth))
        page.redraw()
        names = [f"layer{n}" for n in range(1, depth + 1)]
        qtbot.waitUntil(lambda names=names: list(page.plots) == names)
        qtbot.waitUntil(lambda: page.plots["layer1"].isVisible())
        assert page.minimumSizeHint().width() <= narrow
    slider = page.findChild(QSlider, "xraySlider")
    assert slider is not None
    assert page.rect().contains(slider.mapTo(page, slider.rect().center()))
    assert all(plot not in page.plots.values() for plot in before.values())


def test_a_body_that_is_too_large_is_not_cut_and_says_so() -> None:
    assert sentence(deep(3), 4) == TOO_LARGE
    assert sentence(deep(3), 0) == PLAIN
    assert sentence(deep(2, 300), 4) == "Cutting ΔW down to rank 4…"
