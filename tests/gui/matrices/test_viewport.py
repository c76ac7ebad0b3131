"""What is seen of a large matrix: every step sharp, no place out of reach, no cell out of place."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from gui.matrices.viewport import CellBlocks, Viewport, ViewportSide, blocks_of, picture_extent
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


def steps_of(viewport: Viewport) -> list[Viewport]:
    """All steps from the overview to the closest, about the middle."""
    found = [viewport]
    while True:
        closer = found[-1].zoomed(1, viewport.rows.pixels / 2, viewport.columns.pixels / 2)
        if closer.zoom_step == found[-1].zoom_step:
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
    sizes = [cell / stride for stride, cell in (viewport.level for viewport in steps)]
    assert sizes == sorted(set(sizes))
    for viewport in steps:
        stride, cell = viewport.level
        assert 1 in (stride, cell)
        longest = max((viewport.rows, viewport.columns), key=lambda side: side.pixels)
        assert longest.pitch == cell / stride


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_the_picture_keeps_its_size_and_what_it_asks_for_fills_it(
    shape: tuple[int, int], room: int
) -> None:
    for viewport in steps_of(Viewport(shape, room)):
        assert (viewport.rows.pixels, viewport.columns.pixels) == picture_extent(shape, room)
        assert max(picture_extent(shape, room)) <= room
        view = viewport.view("layer1")
        part = part_of(view, shape)
        assert part.stride == viewport.stride
        assert (part.top, part.left) == (viewport.rows.first, viewport.columns.first)
        for side, cells, first, seen in (
            (viewport.rows, shape[0], part.top, part.rows),
            (viewport.columns, shape[1], part.left, part.columns),
        ):
            assert first >= 0
            assert first + seen <= cells
            at_edge = first + seen == cells
            assert at_edge or seen * side.pitch >= side.pixels


@pytest.mark.parametrize("shape", SHAPES)
def test_the_whole_is_seen_at_first_and_again(shape: tuple[int, int]) -> None:
    viewport = Viewport(shape, 200)
    assert (viewport.rows.first, viewport.rows.count) == (0, shape[0])
    assert (viewport.columns.first, viewport.columns.count) == (0, shape[1])
    close = viewport.zoomed(4, 0, 0).panned(900, 900)
    assert close.overview() == viewport
    assert close.zoomed(-99, 3, 4) == viewport


@pytest.mark.parametrize(("y", "x"), [(0, 0), (50, 150), (191, 191), (100.5, 7)])
def test_what_is_under_the_pointer_stays_there(y: float, x: float) -> None:
    viewport = Viewport((8192, 8192), 200)
    for _ in range(12):
        row, column = viewport.rows.cell(y), viewport.columns.cell(x)
        closer = viewport.zoomed(1, y, x)
        slack = 2 * viewport.stride + 2
        assert abs(closer.rows.cell(y) - row) <= slack
        assert abs(closer.columns.cell(x) - column) <= slack
        viewport = closer


def test_every_corner_can_be_reached_and_no_more() -> None:
    for viewport in steps_of(Viewport((768, 300), 150)):
        first = viewport.panned(-1e5, -1e5)
        last = viewport.panned(1e5, 1e5)
        assert (first.rows.first, first.columns.first) == (0, 0)
        assert last.rows.sees(767)
        assert last.columns.sees(299)
        # the last cell is there in full
        assert last.rows.pixel(768) <= last.rows.pixels + 1


def test_blocks_begin_at_multiples_of_their_side() -> None:
    viewport = Viewport((768, 768), 96).zoomed(1, 33, 71)
    assert viewport.stride > 1
    for way in range(0, 60, 7):
        moved = viewport.panned(way, -way)
        assert moved.rows.first % viewport.stride == 0
        assert moved.columns.first % viewport.stride == 0


def test_a_drag_moves_by_what_the_hand_moves() -> None:
    viewport = Viewport((768, 768), 192).zoomed_to_cell(400, 400, 8)
    moved = viewport.panned(3 * viewport.level[1], -2 * viewport.level[1])
    assert moved.rows.first == viewport.rows.first + 3
    assert moved.columns.first == viewport.columns.first - 2


def test_close_to_a_cell_it_is_in_the_middle() -> None:
    viewport = Viewport((768, 768), 192).zoomed_to_cell(400, 123, 8)
    assert viewport.stride == 1
    assert viewport.level[1] >= 8
    assert abs(viewport.rows.middle(400) - 96) <= viewport.level[1]
    assert abs(viewport.columns.middle(123) - 96) <= viewport.level[1]
    corner = viewport.zoomed_to_cell(0, 767, 8)
    assert corner.rows.sees(0)
    assert corner.columns.sees(767)


def test_an_arrow_key_takes_the_view_along_no_farther_than_it_must() -> None:
    viewport = Viewport((768, 768), 192).zoomed_to_cell(400, 400, 8)
    inside = viewport.scrolled_to(viewport.rows.first, viewport.columns.first + 3)
    assert inside == viewport
    above = viewport.scrolled_to(viewport.rows.first - 1, 400)
    assert above.rows.first == viewport.rows.first - 1
    below = viewport.scrolled_to(viewport.rows.first + viewport.rows.count + 2, 400)
    assert below.rows.pixel(viewport.rows.first + viewport.rows.count + 3) <= below.rows.pixels


def test_few_cells_get_room_enough_to_be_pointed_at() -> None:
    rows, columns = picture_extent((5, 768), 192)
    assert columns == 192
    assert rows / 5 >= 5
    assert picture_extent((768, 30), 192) == (192, 30)
    # and never more than a longer side has
    assert picture_extent((200, 768), 192)[0] >= picture_extent((30, 768), 192)[0]


def test_another_room_keeps_the_place() -> None:
    viewport = Viewport((768, 768), 192).zoomed_to_cell(400, 400, 8)
    wider = viewport.resized((768, 768), 256)
    assert wider.size == 256
    assert abs(wider.level[1] - viewport.level[1]) <= 4
    assert wider.rows.sees(400)
    assert Viewport((768, 768), 192).resized((768, 768), 256).whole
    assert viewport.resized((512, 512), 192).whole


def test_words_say_what_is_seen() -> None:
    viewport = Viewport((768, 768), 192)
    assert viewport.description() == "1 pixel = 4 × 4 cells"
    closer = viewport.zoomed(1, 0, 0)
    assert closer.description() == "rows 1–384, columns 1–384 · 1 pixel = 2 × 2 cells"
    single = viewport.zoomed_to_cell(400, 400, 8).description()
    assert single.startswith("rows 3")
    assert "pixel" not in single
    assert Viewport((768, 30), 192).description() == "in blocks of 4 × 4 cells"
    assert Viewport((128, 128), 192).description() == ""


def test_a_block_knows_its_cells() -> None:
    part = replace(part_of(Viewport((770, 768), 192).view("x"), (770, 768)))
    blocks = blocks_of((770, 768), part)
    assert blocks == CellBlocks((770, 768), 0, 0, 5, 5)
    assert blocks.index(769, 7) == (153, 1)
    assert blocks.cells(769, 7) == (765, 769, 5, 9)
    assert blocks.cells(769, 767) == (765, 769, 765, 767)
    assert blocks_of((770, 4), part, columns=False) == CellBlocks((770, 4), 0, 0, 5, 1)
    assert blocks_of((40, 30), None) == CellBlocks((40, 30))


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
