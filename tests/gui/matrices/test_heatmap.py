"""A heatmap draws exactly the colours of its values, in square cells, the right way up."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Array
from gui.matrices.heatmap import INSET, Heatmap
from gui.palette import NAN_INDEX
from gui.theme import Scheme, appearance

CELL = 6


@pytest.fixture(autouse=True)
def light(qtbot: QtBot) -> Iterator[None]:
    appearance.set_scheme(Scheme.LIGHT)
    yield
    appearance.set_scheme(Scheme.LIGHT)


def made(qtbot: QtBot, matrix: Array, scale: float = 1.0, cell: int = CELL) -> Heatmap:
    heatmap = Heatmap("ΔW of layer 1")
    qtbot.addWidget(heatmap)
    heatmap.set_cell_size(cell)
    heatmap.draw(matrix, scale)
    return heatmap


def indices(heatmap: Heatmap, ratio: float = 1.0, cell: int = CELL) -> np.ndarray:
    """Index into the theme's table of each cell's middle as drawn; -1: not in the table."""
    image = picture(heatmap, ratio)
    side = int(cell * ratio)
    left = round(INSET * ratio)
    rows, columns = heatmap.matrix().shape
    table = {colour: index for index, colour in enumerate(appearance.theme.table)}
    return np.array(
        [
            [
                table.get(image.pixel(left + c * side + side // 2, left + r * side + side // 2), -1)
                for c in range(columns)
            ]
            for r in range(rows)
        ]
    )


def picture(heatmap: Heatmap, ratio: float = 1.0) -> QImage:
    image = QImage(heatmap.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    heatmap.render(image)
    return image


def f32(values: object) -> Array:
    return np.array(values, np.float32)


def test_values_take_the_colours_of_the_table(qtbot: QtBot) -> None:
    values = f32([[-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, np.nan, np.inf, -np.inf]])
    drawn = indices(made(qtbot, values))
    # ±0.5 · 127 = 63.5 rounds to the even 64; beyond the scale the end colour stays
    bad = NAN_INDEX
    assert drawn.tolist() == [[0, 0, 63, 127, 191, 254, 254, bad, bad, bad]]


def test_colours_are_symmetric_about_zero(qtbot: QtBot) -> None:
    values = np.linspace(-1.2, 1.2, 97, dtype=np.float32)[None, :]
    values = f32((values - values[:, ::-1]) / 2)  # exactly odd
    drawn = indices(made(qtbot, values))
    assert (drawn + drawn[:, ::-1] == 254).all()


def test_rows_run_down_and_columns_across(qtbot: QtBot) -> None:
    values = np.zeros((3, 5), np.float32)
    values[2, 0] = 1.0  # the last output, the first input: bottom left
    values[0, 4] = -1.0
    expected = np.full((3, 5), 127)
    expected[2, 0], expected[0, 4] = 254, 0
    assert (indices(made(qtbot, values)) == expected).all()


@pytest.mark.parametrize("columns", range(1, 10))
def test_every_width_is_aligned(qtbot: QtBot, columns: int) -> None:
    values = np.random.default_rng(columns).uniform(-1, 1, (7, columns)).astype(np.float32)
    expected = 127 + np.rint(127 * values)
    assert (indices(made(qtbot, values)) == expected).all()


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("cell", [2, 3, 7])
def test_cells_are_squares_of_whole_device_pixels(qtbot: QtBot, cell: int, ratio: float) -> None:
    side = int(cell * ratio)
    values = np.indices((9, 11)).sum(0) % 2 * 2.0 - 1.0  # a chess board
    image = picture(made(qtbot, values.astype(np.float32), cell=cell), ratio)
    left = round(INSET * ratio)
    for y in range(9 * side):
        for x in range(11 * side):
            index = 254 if (x // side + y // side) % 2 else 0
            assert image.pixel(left + x, left + y) == appearance.theme.table[index]


def test_the_matrix_is_the_very_array_shown(qtbot: QtBot) -> None:
    first, second = np.zeros((4, 3), np.float32), np.ones((4, 3), np.float32)
    heatmap = made(qtbot, first)
    assert heatmap.matrix() is first
    heatmap.draw(second, 1.0)
    assert heatmap.matrix() is second
    assert (indices(heatmap) == 254).all()


@pytest.mark.parametrize("scale", [0.0, 1e-45, 1e-30, 1e30, 3e38])
def test_no_scale_is_too_small_or_too_large(qtbot: QtBot, scale: float) -> None:
    drawn = indices(made(qtbot, f32([[0.0, 1e-45, -3e38, 3e38]]), scale))
    assert drawn[0, 0] == 127
    assert ((drawn >= 0) & (drawn <= 254)).all()


class Counted(Heatmap):
    """Counts how often it asks to be painted."""

    asked = 0

    def update(self, *_: object) -> None:
        self.asked += 1


def test_equal_values_cost_nothing(qtbot: QtBot) -> None:
    values = np.ones((4, 3), np.float32)
    heatmap = Counted("W")
    qtbot.addWidget(heatmap)
    heatmap.draw(values, 1.0)
    before = heatmap.asked
    again = values.copy()
    heatmap.draw(again, 1.0)
    heatmap.set_cross(None, None)
    heatmap.set_frozen(False)
    heatmap.set_cell_size(4)
    assert heatmap.asked == before
    assert heatmap.matrix() is again
    heatmap.draw(again, 2.0)
    assert heatmap.asked == before + 1


def test_the_size_follows_cell_and_shape(qtbot: QtBot) -> None:
    heatmap = made(qtbot, np.zeros((4, 3), np.float32))
    assert (heatmap.width(), heatmap.height()) == (3 * CELL + 2 * INSET, 4 * CELL + 2 * INSET)
    heatmap.set_cell_size(2)
    assert (heatmap.width(), heatmap.height()) == (6 + 2 * INSET, 8 + 2 * INSET)
    heatmap.draw(np.zeros((2, 30), np.float32), 1.0)
    assert (heatmap.width(), heatmap.height()) == (60 + 2 * INSET, 4 + 2 * INSET)


def test_hatching_shows_and_leaves_values_alone(qtbot: QtBot) -> None:
    values = np.zeros((10, 10), np.float32)
    heatmap = made(qtbot, values)
    plain = picture(heatmap)
    heatmap.set_frozen(True)
    assert picture(heatmap) != plain
    assert heatmap.matrix() is values
    heatmap.set_frozen(False)
    assert picture(heatmap) == plain


def test_the_cross_does_not_cover_its_own_cell(qtbot: QtBot) -> None:
    values = np.zeros((10, 10), np.float32)
    values[4, 7] = 1.0
    heatmap = made(qtbot, values)
    plain = picture(heatmap)
    for pinned in (False, True):
        heatmap.set_cross(4, 7, pinned=pinned)
        assert picture(heatmap) != plain
        assert indices(heatmap)[4, 7] == 254
    heatmap.set_cross(4, None)
    assert heatmap.cross() is None
    assert picture(heatmap) != plain
    heatmap.set_cross(None, None)
    assert picture(heatmap) == plain


def test_a_new_theme_recolours(qtbot: QtBot) -> None:
    heatmap = made(qtbot, f32([[0.7]]))
    before = appearance.theme.table[127 + 89]
    appearance.set_scheme(Scheme.DARK)
    after = appearance.theme.table[127 + 89]
    assert before != after
    assert indices(heatmap).tolist() == [[127 + 89]]
    assert picture(heatmap).pixel(0, 0) & 0xFFFFFF == int(appearance.theme.page[1:], 16)


def middle(row: int, column: int) -> QPoint:
    return QPoint(INSET + column * CELL + CELL // 2, INSET + row * CELL + CELL // 2)


def test_cells_are_found_under_the_pointer(qtbot: QtBot) -> None:
    heatmap = made(qtbot, np.zeros((4, 3), np.float32))
    assert heatmap.cell_at(QPointF(middle(3, 2))) == (3, 2)
    assert heatmap.cell_at(QPointF(INSET, INSET)) == (0, 0)
    for outside in (QPointF(0, 9), QPointF(9, 0), QPointF(middle(4, 0)), QPointF(middle(0, 3))):
        assert heatmap.cell_at(outside) is None


def test_the_mouse_hovers_presses_and_leaves(qtbot: QtBot) -> None:
    heatmap = made(qtbot, np.zeros((4, 3), np.float32))
    heatmap.show()
    with qtbot.waitSignal(heatmap.hovered) as hovered:
        qtbot.mouseMove(heatmap, middle(2, 1))
    assert hovered.args == [2, 1]
    with qtbot.waitSignal(heatmap.activated) as activated:
        qtbot.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=middle(1, 2))
    assert activated.args == [1, 2]
    with qtbot.assertNotEmitted(heatmap.activated):
        qtbot.mouseClick(heatmap, Qt.MouseButton.RightButton, pos=middle(1, 2))
        qtbot.mouseClick(heatmap, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    with qtbot.waitSignal(heatmap.left):
        qtbot.mouseMove(heatmap, QPoint(1, 1))


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        (Qt.Key.Key_Right, None, (0, 0)),
        (Qt.Key.Key_Right, (1, 1), (1, 2)),
        (Qt.Key.Key_Left, (1, 0), (1, 0)),
        (Qt.Key.Key_Up, (1, 1), (0, 1)),
        (Qt.Key.Key_Down, (3, 1), (3, 1)),
    ],
)
def test_arrows_move_the_cross_within_the_matrix(
    qtbot: QtBot, key: Qt.Key, start: tuple[int, int] | None, end: tuple[int, int]
) -> None:
    heatmap = made(qtbot, np.zeros((4, 3), np.float32))
    heatmap.set_cross(*(start or (None, None)))
    with qtbot.waitSignal(heatmap.moved) as moved:
        qtbot.keyClick(heatmap, key)
    assert tuple(moved.args or ()) == end


def test_enter_pins_escape_releases_and_space_is_left_to_the_window(qtbot: QtBot) -> None:
    heatmap = made(qtbot, np.zeros((4, 3), np.float32))
    with qtbot.assertNotEmitted(heatmap.activated):
        qtbot.keyClick(heatmap, Qt.Key.Key_Return)
    heatmap.set_cross(2, 1)
    with qtbot.waitSignal(heatmap.activated) as activated:
        qtbot.keyClick(heatmap, Qt.Key.Key_Return)
    assert activated.args == [2, 1]
    with qtbot.waitSignal(heatmap.unpin_requested):
        qtbot.keyClick(heatmap, Qt.Key.Key_Escape)
    with qtbot.assertNotEmitted(heatmap.activated):
        qtbot.keyClick(heatmap, Qt.Key.Key_Space)


def test_a_screen_reader_hears_name_and_value(qtbot: QtBot) -> None:
    heatmap = made(qtbot, f32([[0.25, -0.0123456]]))
    assert heatmap.accessibleName() == "ΔW of layer 1, 1 rows, 2 columns"
    heatmap.set_cross(0, 1)
    assert heatmap.accessibleDescription() == "row 1, column 2: −0.01235"
    heatmap.draw(f32([[0.25, np.nan]]), 1.0)
    assert heatmap.accessibleDescription() == "row 1, column 2: not a number"
    heatmap.draw(f32([[0.25]]), 1.0)
    assert heatmap.accessibleDescription() == ""


def test_focus_shows(qtbot: QtBot) -> None:
    heatmap = made(qtbot, np.zeros((4, 3), np.float32))
    heatmap.show()
    heatmap.activateWindow()
    plain = picture(heatmap)
    heatmap.setFocus()
    qtbot.waitUntil(heatmap.hasFocus)
    assert picture(heatmap) != plain
