"""What the methods beyond the lessons add beside ΔW, and what a row says of a waiting layer."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from gui.matrices.colour_scale import DELTA, ColourScales, robust_maxima
from gui.matrices.factor_kinds import factor_caption
from gui.matrices.heatmap import INSET, Heatmap
from gui.stage.cells import MIN_VECTOR_THICKNESS
from gui.stage.row_specs import make_row_specs
from gui.stage.sparkline import Sparkline
from gui.stage.stage import Stage
from gui.theme import appearance
from tests.engine.cover import each_with
from tests.gui.frames import LAPTOP, PROJECTOR, Open, frame, layers
from tests.gui.made_factors import INFOS
from tests.gui.places import place

LARGE = (1900, 1100)


def heatmap(stage: Stage, name: str) -> Heatmap:
    found = stage.findChild(Heatmap, f"heatmap.{name}")
    assert isinstance(found, Heatmap), name
    return found


def picture(stage: Stage, name: str) -> QRect:
    widget = heatmap(stage, name)
    at = widget.mapTo(stage, QPoint(0, 0))
    return QRect(at, widget.size()).adjusted(INSET, INSET, -INSET, -INSET)


def side(stage: Stage, name: str) -> int:
    """Of a cell, in pixels."""
    rows, _ = heatmap(stage, name).matrix().shape
    return picture(stage, name).height() // rows


def words(parent: QWidget) -> list[str]:
    return [label.text() for label in parent.findChildren(QLabel) if label.isVisible()]


def beside(stage: Stage, layer: str, factor: str) -> list[str]:
    """Signs and captions in the slot that holds this factor, from left to right."""
    delta, updated = picture(stage, f"{layer}.delta"), picture(stage, f"{layer}.updated")
    assert delta.right() < picture(stage, f"{layer}.{factor}").left() < updated.left()
    width, height = updated.left() - delta.right(), delta.height()
    between = QRect(delta.right(), delta.top() - 4, width, height + 24)
    labels = [label for label in stage.findChildren(QLabel) if label.isVisible() and label.text()]
    found = [label for label in labels if between.contains(place(label, stage))]
    *those, equals = (
        label.text()
        for label in sorted(found, key=lambda it: (place(it, stage).x(), place(it, stage).y()))
    )
    assert equals == "="
    return those


# ------------------------------------------------------------ how they stand to each other


@pytest.mark.parametrize(
    ("strategy", "factor", "expected"),
    [
        ("lora", "lora_B", ["=", "B", "×", "A"]),
        ("pissa", "lora_B", ["←", "B", "×", "A"]),
        ("dora", "lora_B", ["←", "B", "×", "A", "m"]),
        ("adalora", "lora_E", ["=", "B", "×", "E", "×", "A"]),
        ("vera", "vera_b", ["=", "b", "⊙", "B", "×", "d", "⊙", "A"]),
        ("ia3", "ia3_l", ["l"]),
        ("qlora", "lora_B", ["=", "B", "×", "A"]),
    ],
)
def test_signs_are_only_drawn_where_they_hold(
    open_stage: Open, strategy: str, factor: str, expected: list[str]
) -> None:
    _, stage = open_stage(strategy, LARGE)
    assert sorted(beside(stage, "layer1", factor)) == sorted(expected)


@pytest.mark.parametrize(
    ("strategy", "names"),
    [
        ("bitfit", ["delta_b"]), ("prefix", ["prompt", "delta_b"]),
        ("batch_norm", ["running_mean", "running_var"]),
    ],
)  # fmt: skip
def test_what_is_no_term_of_the_equation_stands_behind_it(
    open_stage: Open, strategy: str, names: list[str]
) -> None:
    _, stage = open_stage(strategy, LARGE)
    right = picture(stage, "layer1.updated").right()
    for name in names:
        assert picture(stage, f"layer1.{name}").left() > right
        right = picture(stage, f"layer1.{name}").right()


def test_the_sign_follows_what_the_numbers_say(open_stage: Open) -> None:
    session, stage = open_stage("lora")
    assert "←" not in beside(stage, "layer2", "lora_B")
    given = frame("lora", step=2)
    parts = tuple(replace(one, delta=one.delta * 0.9) for one in given.layers)
    session.feed(replace(given, layers=parts))
    assert "←" in beside(stage, "layer2", "lora_B")


def test_every_picture_has_a_caption_and_no_factor_has_one() -> None:
    for info in INFOS.values():
        assert bool(factor_caption(info)) == (info.role != "factor"), info.name


# ------------------------------------------------------------ true to shape


def test_columns_stand_beside_delta_row_by_row(open_stage: Open) -> None:
    for strategy, name in (("bitfit", "delta_b"), ("ia3", "ia3_l"), ("dora", "magnitude")):
        _, stage = open_stage(strategy)
        column, delta = picture(stage, f"layer2.{name}"), picture(stage, "layer2.delta")
        assert (column.top(), column.bottom()) == (delta.top(), delta.bottom()), name
        assert column.width() >= MIN_VECTOR_THICKNESS
        assert column.left() > delta.right()


def test_a_prompt_is_one_row_as_wide_as_the_input(open_stage: Open) -> None:
    _, stage = open_stage("prompt")
    shown = picture(stage, "layer1.prompt")
    assert shown.width() % 30 == 0
    assert MIN_VECTOR_THICKNESS <= shown.height() < shown.width() // 5
    assert stage.findChild(Heatmap, "heatmap.layer2.prompt") is None


@pytest.mark.parametrize(
    "strategy",
    ["full", "lora", "qlora", "qlora_xray", "dora", "adalora", "xray", "prefix", "bitfit"],
)
def test_cells_stay_legible_on_a_projector(open_stage: Open, strategy: str) -> None:
    _, stage = open_stage(strategy, PROJECTOR)
    assert side(stage, "layer2.weight") >= (2 if "qlora" in strategy else 3)
    least = 1 if strategy == "qlora_xray" else 2
    for name in ("codes", "rounding_error", "truncated"):
        found = stage.findChild(Heatmap, f"heatmap.layer2.{name}")
        if isinstance(found, Heatmap):
            assert side(stage, f"layer2.{name}") >= least, name
    if stage.findChild(Heatmap, "heatmap.layer2.lora_B") is not None:
        assert side(stage, "layer2.lora_B") >= 2


def test_larger_windows_give_all_of_them_more(open_stage: Open) -> None:
    for size, least in ((LAPTOP, 2), (LARGE, 3)):
        _, stage = open_stage("qlora_xray", size)
        for name in ("weight", "delta", "lora_B", "codes", "rounding_error", "truncated"):
            assert side(stage, f"layer2.{name}") >= least, (size, name)


@pytest.mark.parametrize(
    ("strategy", "size"),
    each_with([PROJECTOR, LAPTOP, LARGE], ones=["qlora", "qlora_xray", "dora_batch_norm"]),
)
def test_nothing_but_b_and_a_moves_with_the_rank(
    open_stage: Open, strategy: str, size: tuple[int, int]
) -> None:
    session, stage = open_stage(strategy, size, rank=4)
    fixed = [w for w in stage.findChildren(Heatmap) if "lora" not in w.objectName()]

    def places() -> list[QRect]:
        return [QRect(one.mapTo(stage, QPoint(0, 0)), one.size()) for one in fixed]

    before = places()
    for step, rank in enumerate((1, 9, 16, 30), start=2):
        session.feed(frame(strategy, step=step, rank=rank))
        assert places() == before
        a, following = picture(stage, "layer2.lora_A"), f"layer2.{_first_after(strategy)}"
        assert a.right() < picture(stage, following).left()


def _first_after(strategy: str) -> str:
    return "updated" if strategy.startswith("qlora") else "magnitude"


def test_pictures_line_up_from_row_to_row(open_stage: Open) -> None:
    _, stage = open_stage("qlora_xray")
    for name in ("codes", "rounding_error", "truncated"):
        lefts = {picture(stage, f"layer{number}.{name}").left() for number in (1, 2, 3)}
        assert len(lefts) == 1, name


# ------------------------------------------------------------ colours


def test_rounding_error_and_truncated_are_in_the_colours_of_delta() -> None:
    made = layers("qlora_xray")
    scales = ColourScales()
    scales.update(robust_maxima(made))
    for name in ("rounding_error", "truncated"):
        assert scales.of(INFOS[name]) == scales[DELTA] > 0.0
    assert scales.of(INFOS["codes"]) == 1.0


def test_a_rounding_error_larger_than_delta_is_not_cut_off() -> None:
    still = [replace(one, delta=one.delta * 0, delta_norm=0.0)
             for one in layers("qlora")]  # fmt: skip
    found = robust_maxima(still)
    largest = max(float(np.abs(dict(one.factors)["rounding_error"]).max()) for one in still[:3])
    assert 0.5 * largest < found[DELTA] <= largest


def test_codes_keep_their_scale_whatever_comes() -> None:
    scales = ColourScales()
    scales.update(robust_maxima(layers("qlora")))
    scales.reset()
    assert scales.of(INFOS["codes"]) == 1.0


def test_a_factor_of_one_is_drawn_as_no_change(qtbot: QtBot) -> None:
    pictured = Heatmap("l")
    qtbot.addWidget(pictured)
    pictured.draw(np.array([[1.0], [1.5], [0.5]], np.float32), 0.5, 1.0)
    pictured.set_cell_size(10)
    image = pictured.grab().toImage()
    ratio = image.devicePixelRatio()
    seen = [image.pixelColor(round((INSET + 5) * ratio), round((INSET + y) * ratio)).rgb()
            for y in (5, 15, 25)]  # fmt: skip
    table = appearance.theme.table
    assert seen == [table[127], table[254], table[0]]


# ------------------------------------------------------------ the cross


@pytest.mark.parametrize(
    ("strategy", "crosses"),
    [
        ("qlora_xray", {"codes": (4, 7), "rounding_error": (4, 7), "truncated": (4, 7)}),
        ("dora", {"magnitude": (4, None), "lora_B": (4, None), "lora_A": (None, 7)}),
        ("ia3", {"ia3_l": (4, None)}),
        ("prefix", {"delta_b": (4, None), "prompt": (None, 7)}),
        ("vera", {"vera_b": (4, None), "vera_B": (4, None), "vera_A": (None, 7)}),
        ("vera", {"vera_d": (None, None)}),
        ("adalora", {"lora_E": (None, None)}),
        ("batch_norm", {"running_mean": (4, None), "running_var": (4, None)}),
    ],
)
def test_the_cross_marks_what_enters_the_cell(
    open_stage: Open,
    strategy: str,
    crosses: dict[str, tuple[int | None, int | None]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, stage = open_stage(strategy)
    marked: dict[str, tuple[int | None, int | None]] = {}

    def remember(
        self: Heatmap, row: int | None, column: int | None, *, pinned: bool = False
    ) -> None:
        marked[self.objectName()] = row, column

    monkeypatch.setattr(Heatmap, "set_cross", remember)
    heatmap(stage, "layer2.delta").hovered.emit(4, 7)
    for name, expected in crosses.items():
        assert marked[f"heatmap.layer2.{name}"] == expected, name
        assert marked[f"heatmap.layer1.{name}"] == (None, None)


def test_a_picture_of_the_layers_shape_is_pointed_at_like_the_layer(open_stage: Open) -> None:
    _, stage = open_stage("qlora_xray")
    for name in ("codes", "rounding_error", "truncated"):
        heatmap(stage, f"layer1.{name}").hovered.emit(3, 2)
        assert heatmap(stage, "layer1.weight").cross() == (3, 2)
        heatmap(stage, f"layer1.{name}").left.emit()


def test_b_as_wide_as_the_layer_is_not_taken_for_a_picture_of_it(open_stage: Open) -> None:
    _, stage = open_stage("vera", rank=30)
    heatmap(stage, "layer1.vera_B").hovered.emit(3, 2)
    assert heatmap(stage, "layer1.weight").cross() is None


# ------------------------------------------------------------ adapters beside a layer


def test_a_parallel_adapter_is_fed_the_layers_input(open_stage: Open) -> None:
    _, stage = open_stage("parallel_adapter", PROJECTOR)
    assert heatmap(stage, "adapter1.down.updated").matrix().shape == (8, 30)
    assert heatmap(stage, "adapter1.up.updated").matrix().shape == (40, 8)
    assert words(stage).count("input →") == 3
    assert "30 → 8 → 40" in words(stage)
    lefts = {picture(stage, f"adapter{number}.up.updated").left() for number in (1, 2, 3)}
    assert len(lefts) == 1


def test_an_adapter_behind_its_layer_is_not(open_stage: Open) -> None:
    _, stage = open_stage("adapter")
    assert "input →" not in words(stage)
    assert not any(line.parallel for line in make_row_specs(layers("adapter")))
    assert all(line.parallel for line in make_row_specs(layers("parallel_adapter")))


# ------------------------------------------------------------ layers that wait


def lock(stage: Stage, unit: str) -> QToolButton:
    (found,) = stage.findChildren(QToolButton, f"freeze.{unit}")
    return found


def test_a_layer_that_waits_says_until_when(open_stage: Open) -> None:
    session, stage = open_stage("gradual_unfreezing")
    button = lock(stage, "layer2")
    assert button.isChecked()
    assert not button.isEnabled()
    assert button.toolTip() == "Layer 2 is frozen: it unfreezes after step 150"
    assert button.accessibleDescription() == button.toolTip()
    assert {"from 76", "from 151", "from 226"} <= set(words(stage))
    later = frame("gradual_unfreezing", step=150, settings=session.state.settings)
    parts = [replace(one, trainable=one.unfreeze_at <= 150) for one in later.layers]
    session.feed(replace(later, layers=tuple(parts)))
    assert lock(stage, "layer2").isEnabled()
    assert not lock(stage, "layer2").isChecked()
    assert not lock(stage, "layer1").isEnabled()


def test_what_the_user_froze_can_be_freed_while_others_wait(open_stage: Open) -> None:
    session, stage = open_stage("gradual_unfreezing")
    session.editor.freeze("layer2", True)
    session.feed(frame("gradual_unfreezing", step=2, settings=session.state.settings))
    button = lock(stage, "layer2")
    assert button.isChecked()
    assert button.isEnabled()
    assert "from 151" not in words(stage)
    assert not lock(stage, "layer1").isEnabled()


# ------------------------------------------------------------ k90, and curves that go on


def trend(stage: Stage, layer: str) -> Sparkline:
    found = stage.findChild(Sparkline, f"sparkline.{layer}")
    assert isinstance(found, Sparkline)
    return found


def test_k90_stands_beside_the_ratio_and_explains_itself(open_stage: Open) -> None:
    session, stage = open_stage("full")
    shown = trend(stage, "layer2")
    k90 = frame("full", step=1).layers[1].measured.k90
    assert k90 > 1
    assert shown.k90_text == f"k90 {k90}"
    assert shown.accessibleDescription().endswith(f", k90 {k90}")
    assert f"{k90} directions of ΔW hold 90 %" in shown.toolTip()
    session.feed(frame("full", step=0, run=2, change=0.0))
    assert shown.k90_text == ""
    assert "k90" not in shown.toolTip()


def test_the_xray_comes_and_goes_without_breaking_a_curve(open_stage: Open) -> None:
    session, stage = open_stage("full")
    for step in range(2, 6):
        session.feed(frame("full", step=step, change=0.01 * step))
    for step, strategy in ((6, "xray"), (7, "full")):
        session.feed(
            frame(strategy, step=step, change=0.01 * step, settings=session.state.settings)
        )
        found = stage.findChild(Heatmap, "heatmap.layer2.truncated")
        assert (found is not None and found.isVisible()) == (strategy == "xray")
        assert trend(stage, "layer2").curve[0].tolist() == list(range(1, step + 1))
    session.feed(frame("full", step=0, run=2))
    assert trend(stage, "layer2").curve[0].tolist() == [0]


# ------------------------------------------------------------ cells of the factors themselves

LoggedChange = tuple[int | None, int | None]


def marks(stage: Stage, layer: str) -> dict[str, LoggedChange]:
    """Matrix of a layer -> what is marked on it."""
    found = {}
    for picture in stage.findChildren(Heatmap):
        start = f"heatmap.{layer}."
        if picture.objectName().startswith(start):
            found[picture.objectName().removeprefix(start)] = picture.mark()
    return found


ROW, COLUMN, NONE = (5, None), (None, 2), (None, None)


@pytest.mark.parametrize(
    ("strategy", "matrix", "cell", "expected"),
    [
        ("lora", "lora_B", (5, 2), {"weight": ROW, "delta": ROW, "lora_A": (2, None)}),
        ("lora", "lora_A", (3, 2), {"updated": COLUMN, "delta": COLUMN, "lora_B": (None, 3)}),
        ("lora", "updated", (5, 2), {"lora_B": ROW, "lora_A": COLUMN}),
        ("adalora", "lora_E", (3, 0), {"lora_B": (None, 3), "lora_A": (3, None), "delta": NONE}),
        ("adalora", "lora_B", (5, 2), {"lora_E": (2, None), "lora_A": (2, None)}),
        ("vera", "vera_b", (5, 0), {"vera_B": ROW, "delta": ROW, "vera_A": NONE, "vera_d": NONE}),
        ("vera", "vera_d", (1, 0), {"vera_B": (None, 1), "vera_A": (1, None), "vera_b": NONE}),
        ("dora", "magnitude", (5, 0), {"weight": ROW, "lora_B": ROW, "lora_A": NONE}),
        ("prefix", "prompt", (0, 2), {"weight": COLUMN, "delta_b": NONE}),
        ("prefix", "delta_b", (5, 0), {"weight": ROW, "prompt": NONE}),
        ("qlora", "codes", (5, 2), {"rounding_error": (5, 2), "weight": (5, 2), "lora_B": ROW}),
        ("batch_norm", "running_mean", (5, 0), {"running_var": ROW, "updated": ROW}),
    ],
)
def test_a_cell_of_any_matrix_is_read_and_lights_what_it_meets(
    open_stage: Open,
    strategy: str,
    matrix: str,
    cell: tuple[int, int],
    expected: dict[str, LoggedChange],
) -> None:
    session, stage = open_stage(strategy)
    heatmap(stage, f"layer2.{matrix}").hovered.emit(*cell)
    found = marks(stage, "layer2")
    assert found[matrix] == cell
    for name, mark in expected.items():
        assert found[name] == mark, name
    assert set(marks(stage, "layer1").values()) == {NONE}
    reading = stage.reading
    assert reading is not None
    assert (reading.layer, reading.matrix, reading.row, reading.column) == ("layer2", matrix, *cell)
    assert session.state.frame is not None
    numbers = dict(session.state.frame.layers[1].factors).get(matrix)
    if numbers is not None and numbers.shape != (40, 40):
        assert reading.value == float(numbers[cell])


def test_down_and_up_are_joined_at_the_bottleneck(open_stage: Open, qtbot: QtBot) -> None:
    _, stage = open_stage("adapter")
    down, up = heatmap(stage, "adapter2.down.updated"), heatmap(stage, "adapter2.up.updated")
    down.hovered.emit(3, 17)
    assert (down.mark(), up.mark()) == ((3, 17), (None, 3))
    down.left.emit()
    up.hovered.emit(17, 3)
    assert (down.mark(), up.mark()) == ((3, None), (17, 3))
    assert heatmap(stage, "adapter1.down.updated").mark() == NONE
    up.left.emit()
    assert (down.mark(), up.mark()) == (NONE, NONE)


def test_a_kept_cell_goes_with_its_direction(open_stage: Open) -> None:
    session, stage = open_stage("lora", rank=8)
    heatmap(stage, "layer2.lora_B").activated.emit(5, 7)
    session.feed(frame("lora", step=2, rank=8))
    assert stage.reading is not None and stage.reading.pinned
    session.feed(frame("lora", step=3, rank=7))
    assert stage.reading is None
