"""What is seen of a large matrix: every step sharp, no place out of reach, no cell out of place."""

from __future__ import annotations

import dataclasses

import pytest

from gui.matrices.viewport import Blocks, Viewport, ViewportSide, blocks_of, extent
from tests.gui.large_frames import part_of

SHAPES = [
    (768, 768),
    (8192, 8192),
    (768, 30),
    (5, 768),
    (257, 300),
    (128, 128),
    (1, 8192),
    (8192, 1),
]
ROOMS = (96, 131, 200, 256, 512)


def steps_of(lens: Viewport) -> list[Viewport]:
    """All steps from the overview to the closest, about the middle."""
    found = [lens]
    while True:
        closer = found[-1].zoomed(1, lens.rows.pixels / 2, lens.columns.pixels / 2)
        if closer.step == found[-1].step:
            return found
        found.append(closer)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_at_every_step_a_pixel_is_whole_cells_or_a_cell_whole_pixels(
    shape: tuple[int, int], room: int
) -> None:
    steps = steps_of(Viewport(shape, room))
    assert steps[0].whole
    assert steps[-1].level[1] >= 8  # single cells that one can point at
    sizes = [cell / stride for stride, cell in (lens.level for lens in steps)]
    assert sizes == sorted(set(sizes))
    for lens in steps:
        stride, cell = lens.level
        assert 1 in (stride, cell)
        longest = max((lens.rows, lens.columns), key=lambda side: side.pixels)
        assert longest.pitch == cell / stride


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_picture_keeps_its_size_and_what_it_asks_for_fills_it(
    shape: tuple[int, int], room: int
) -> None:
    for lens in steps_of(Viewport(shape, room)):
        assert (lens.rows.pixels, lens.columns.pixels) == extent(shape, room)
        assert max(extent(shape, room)) <= room
        view = lens.view("layer1")
        part = part_of(view, shape)
        assert part.stride == lens.stride
        assert (part.top, part.left) == (lens.rows.first, lens.columns.first)
        for side, cells, first, seen in (
            (lens.rows, shape[0], part.top, part.rows),
            (lens.columns, shape[1], part.left, part.columns),
        ):
            assert first >= 0
            assert first + seen <= cells
            at_edge = first + seen == cells
            assert at_edge or seen * side.pitch >= side.pixels


@pytest.mark.parametrize("shape", SHAPES)
def test_the_whole_is_seen_at_first_and_again(shape: tuple[int, int]) -> None:
    lens = Viewport(shape, 200)
    assert (lens.rows.first, lens.rows.count) == (0, shape[0])
    assert (lens.columns.first, lens.columns.count) == (0, shape[1])
    close = lens.zoomed(4, 0, 0).panned(900, 900)
    assert close.overview() == lens
    assert close.zoomed(-99, 3, 4) == lens


@pytest.mark.parametrize(("y", "x"), [(0, 0), (50, 150), (191, 191), (100.5, 7)])
def test_what_is_under_the_pointer_stays_there(y: float, x: float) -> None:
    lens = Viewport((8192, 8192), 200)
    for _ in range(12):
        row, column = lens.rows.cell(y), lens.columns.cell(x)
        closer = lens.zoomed(1, y, x)
        slack = 2 * lens.stride + 2
        assert abs(closer.rows.cell(y) - row) <= slack
        assert abs(closer.columns.cell(x) - column) <= slack
        lens = closer


def test_every_corner_can_be_reached_and_no_more() -> None:
    for lens in steps_of(Viewport((768, 300), 150)):
        first = lens.panned(-1e5, -1e5)
        last = lens.panned(1e5, 1e5)
        assert (first.rows.first, first.columns.first) == (0, 0)
        assert last.rows.sees(767)
        assert last.columns.sees(299)
        # the last cell is there in full
        assert last.rows.pixel(768) <= last.rows.pixels + 1


def test_blocks_begin_at_multiples_of_their_side() -> None:
    lens = Viewport((768, 768), 96).zoomed(1, 33, 71)
    assert lens.stride > 1
    for way in range(0, 60, 7):
        moved = lens.panned(way, -way)
        assert moved.rows.first % lens.stride == 0
        assert moved.columns.first % lens.stride == 0


def test_a_drag_moves_by_what_the_hand_moves() -> None:
    lens = Viewport((768, 768), 192).close_to(400, 400, 8)
    moved = lens.panned(3 * lens.level[1], -2 * lens.level[1])
    assert moved.rows.first == lens.rows.first + 3
    assert moved.columns.first == lens.columns.first - 2


def test_close_to_a_cell_it_is_in_the_middle() -> None:
    lens = Viewport((768, 768), 192).close_to(400, 123, 8)
    assert lens.stride == 1
    assert lens.level[1] >= 8
    assert abs(lens.rows.middle(400) - 96) <= lens.level[1]
    assert abs(lens.columns.middle(123) - 96) <= lens.level[1]
    corner = lens.close_to(0, 767, 8)
    assert corner.rows.sees(0)
    assert corner.columns.sees(767)


def test_an_arrow_key_takes_the_view_along_no_farther_than_it_must() -> None:
    lens = Viewport((768, 768), 192).close_to(400, 400, 8)
    inside = lens.showing(lens.rows.first, lens.columns.first + 3)
    assert inside == lens
    above = lens.showing(lens.rows.first - 1, 400)
    assert above.rows.first == lens.rows.first - 1
    below = lens.showing(lens.rows.first + lens.rows.count + 2, 400)
    assert below.rows.pixel(lens.rows.first + lens.rows.count + 3) <= below.rows.pixels


def test_few_cells_get_room_enough_to_be_pointed_at() -> None:
    rows, columns = extent((5, 768), 192)
    assert columns == 192
    assert rows / 5 >= 5
    assert extent((768, 30), 192) == (192, 30)
    # and never more than a longer side has
    assert extent((200, 768), 192)[0] >= extent((30, 768), 192)[0]


def test_another_room_keeps_the_place() -> None:
    lens = Viewport((768, 768), 192).close_to(400, 400, 8)
    wider = lens.fitted((768, 768), 256)
    assert wider.room == 256
    assert abs(wider.level[1] - lens.level[1]) <= 4
    assert wider.rows.sees(400)
    assert Viewport((768, 768), 192).fitted((768, 768), 256).whole
    assert lens.fitted((512, 512), 192).whole


def test_words_say_what_is_seen() -> None:
    lens = Viewport((768, 768), 192)
    assert lens.words() == "1 pixel = 4 × 4 cells"
    closer = lens.zoomed(1, 0, 0)
    assert closer.words() == "rows 1–384, columns 1–384 · 1 pixel = 2 × 2 cells"
    single = lens.close_to(400, 400, 8).words()
    assert single.startswith("rows 3")
    assert "pixel" not in single
    assert Viewport((768, 30), 192).words() == "in blocks of 4 × 4 cells"
    assert Viewport((128, 128), 192).words() == ""


def test_a_block_knows_its_cells() -> None:
    part = dataclasses.replace(part_of(Viewport((770, 768), 192).view("x"), (770, 768)))
    blocks = blocks_of((770, 768), part)
    assert blocks == Blocks((770, 768), 0, 0, 5, 5)
    assert blocks.index(769, 7) == (153, 1)
    assert blocks.cells(769, 7) == (765, 769, 5, 9)
    assert blocks.cells(769, 767) == (765, 769, 765, 767)
    assert blocks_of((770, 4), part, columns=False) == Blocks((770, 4), 0, 0, 5, 1)
    assert blocks_of((40, 30), None) == Blocks((40, 30))


def test_a_side_places_and_finds_cells_alike() -> None:
    for side in (
        ViewportSide(0, 8192, 200, 1 / 41),
        ViewportSide(120, 24, 192, 8.0),
        ViewportSide(0, 5, 40, 8.0),
    ):
        for pixel in range(side.pixels):
            cell = side.cell(pixel)
            assert side.pixel(cell) <= pixel + 1
            assert side.pixel(cell + max(int(1 / side.pitch), 1)) >= pixel
