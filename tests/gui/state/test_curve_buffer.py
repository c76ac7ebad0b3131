"""The bounded points of one branch: thinned evenly, cut, copied, read."""

import math

import numpy as np

from gui.state.curve_buffer import MAX_POINTS, CurveBuffer, keep_peaks


def test_a_long_run_is_thinned_evenly_and_keeps_its_ends() -> None:
    record = CurveBuffer()
    for step in range(0, 1_000_000, 37):
        record.add(step, {"train": float(step)})
        assert len(record) <= MAX_POINTS
    steps, values = record.curve("train")
    assert (steps[0], steps[-1]) == (0, step)
    assert (steps == values).all()
    assert np.diff(steps).max() <= 4 * np.median(np.diff(steps))
    assert len(steps) >= MAX_POINTS // 2


def test_steps_of_very_different_length_are_thinned_by_step() -> None:
    record = CurveBuffer()
    record.add(0, {"a": 0.0})
    for step in range(1_000_000, 1_000_000 + 3 * MAX_POINTS):
        record.add(step, {"a": 1.0})
    steps, _ = record.curve("a")
    assert (steps[0], steps[-1]) == (0, 1_000_000 + 3 * MAX_POINTS - 1)


def recorded() -> CurveBuffer:
    record = CurveBuffer()
    for step in (0, 10, 20, 30, 40):
        record.add(step, {"a": float(step)})
    return record


def test_what_is_replayed_is_there_already() -> None:
    record = recorded()
    for step in (0, 25, 30):
        record.add(step, {"a": -1.0})
    assert record.curve("a")[0].tolist() == [0, 10, 20, 30, 40]
    record.add(40, {"a": -2.0})
    assert record.last() == {"a": -2.0}
    assert record.curve("a")[1].tolist() == [0, 10, 20, 30, -2]


def test_what_lies_beyond_a_step_can_be_cut_off_or_left_out_of_a_copy() -> None:
    record = recorded()
    copy = record.up_to(20)
    copy.add(25, {"a": 7.0})
    assert copy.curve("a")[1].tolist() == [0, 10, 20, 7]
    assert record.curve("a")[1].tolist() == [0, 10, 20, 30, 40]
    record.cut(29)
    assert record.last() == {"a": 20.0}
    record.cut(-1)
    assert (len(record), record.last_step) == (0, 0)


def test_a_copy_of_a_thinned_record_goes_on_as_that_would() -> None:
    record = CurveBuffer()
    for step in range(3 * MAX_POINTS):
        record.add(step, {"a": float(step)})
    copy = record.up_to(2 * MAX_POINTS)
    for step in range(2 * MAX_POINTS + 1, 8 * MAX_POINTS):
        copy.add(step, {"a": float(step)})
        assert len(copy) <= MAX_POINTS
    steps, values = copy.curve("a")
    assert (steps == values).all()
    assert (steps[0], steps[-1]) == (0, 8 * MAX_POINTS - 1)
    assert record.last_step == 3 * MAX_POINTS - 1


def test_what_is_no_number_is_skipped() -> None:
    record = CurveBuffer()
    for step, value in enumerate((1.0, math.nan, math.inf, -math.inf, 2.0)):
        record.add(step, {"a": value})
    steps, values = record.curve("a")
    assert (steps.tolist(), values.tolist()) == ([0, 4], [1.0, 2.0])


def test_a_curve_that_begins_later_has_no_points_before() -> None:
    record = CurveBuffer()
    record.add(0, {"a": 1.0})
    record.add(1, {"a": 1.0, "b": 5.0})
    record.add(2, {"a": 1.0})
    assert record.curve("b")[0].tolist() == [1]
    assert record.curve("none")[0].tolist() == []


def test_the_nearest_row_is_read() -> None:
    record = CurveBuffer()
    assert record.at(3.0) is None
    for step in (0, 10, 20):
        record.add(step, {"a": float(step)})
    assert record.at(13.0) == (10, {"a": 10.0})
    assert record.at(1e9) == (20, {"a": 20.0})


def test_what_is_painted_has_every_peak_and_both_ends() -> None:
    steps = np.arange(1999.0)
    values = np.sin(steps / 30)
    values[777], values[1100] = 9.0, -9.0
    few, heights = keep_peaks(steps, values, 60)
    assert len(few) <= 2 * 62
    assert (few[0], few[-1], heights[-1]) == (0, 1998, values[-1])
    assert (heights.max(), heights.min()) == (9.0, -9.0)
    assert (np.diff(few) >= 0).all()
    assert len(keep_peaks(steps[:99], values[:99], 60)[0]) == 99
