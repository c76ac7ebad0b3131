"""Tasks on real data: each has a source to pretrain on and a target to fine-tune for.

A seed draws the splits; source and target, and within each train, validation and test, never share
a sample. Everything that is fitted (components, means, scales) is fitted on source-train.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.digit_images import (
    MAX_PIXEL,
    PICTURE_SIDE,
    Floats,
    Indices,
    invert,
    load_digits,
    rotate,
    rotate_clockwise,
)
from engine.protocol.messages import TaskChange, TaskInfo
from engine.protocol.network_shape import FEATURES
from engine.resources import read_table

DIGITS = tuple("0123456789")
ROTATED_DEGREES = 30
"""Angle of the rotated digits, clockwise."""
MAX_TURN_DEGREES = 60
"""Largest angle of the pictures in the source of both parity tasks."""
PARITY_TEST_DEGREES = 40
"""Angle of the test pictures of `digits-turned-to-parity`, clockwise; they are not trained on."""
PARITY_TRAIN_SAMPLES = 200
"""Samples of a parity target's training split."""
TARGET_TEST_SAMPLES = 400
"""Samples of a digit target's test split."""
TARGET_VALIDATION_SAMPLES = 100
"""Samples of a digit target's validation split."""
SOURCE_TRAIN_SHARE, SOURCE_VALIDATION_SHARE = 0.7, 0.1
"""Shares of the source's samples; the rest is the test split."""


@dataclass(frozen=True, slots=True)
class Split:
    """Samples with one purpose: training, validation or test."""

    inputs: NDArray[np.float32]
    """(n, 30)"""
    labels: NDArray[np.int64]
    """(n,), classes from 0"""
    samples: Indices
    """(n,) row of each in the data file"""


@dataclass(frozen=True, slots=True)
class Domain:
    """Source or target of a task: its three splits."""

    train: Split
    validation: Split
    test: Split


@dataclass(frozen=True, slots=True)
class TaskData:
    """The data of a task, drawn with one seed."""

    source: Domain
    target: Domain
    pictures: NDArray[np.float32]
    """(n, rows, columns): each target-test sample as a picture to look at"""
    train_pictures: NDArray[np.float32]
    """(n, rows, columns): the same of the target's training samples"""
    names: tuple[str, ...]
    """Name of each cell of a picture; empty where cells are pixels"""
    features: Callable[[Floats], Floats] | None = None
    """(n, 64) pixels in 0…16 -> (n, 30), as the samples' own; None: they are no pictures"""


@dataclass(frozen=True, slots=True)
class Task:
    """A source and a target, and the function that draws their data."""

    info: TaskInfo
    draw: Callable[[int], TaskData]
    """Seed -> data; the same seed gives the same data."""
    change: Callable[[Floats, int], Floats] | None = None
    """(n, 64) pixels, amount of the task's change -> (n, 64); None: it changes no images."""

    @property
    def name(self) -> str:
        """Name that settings use."""
        return self.info.name


# ---------------------------------------------------------------- the data files


@lru_cache(maxsize=1)
def load_cancer() -> tuple[Floats, Indices]:
    """Return UCI breast cancer: (569, 30) measurements, (569,) 0 malignant or 1 benign."""
    table = read_table("breast_cancer.csv", (569, FEATURES + 1), skip_lines=1)
    return table[:, :-1], table[:, -1].astype(np.intp)


_MEASUREMENTS = (
    "radius", "texture", "perimeter", "area", "smoothness",
    "compactness", "concavity", "concave points", "symmetry", "fractal dimension",
)  # fmt: skip
CANCER_FEATURES = (
    *(f"mean {name}" for name in _MEASUREMENTS),
    *(f"{name} error" for name in _MEASUREMENTS),
    *(f"worst {name}" for name in _MEASUREMENTS),
)
"""Names of the 30 measurements, in the order of the columns."""


# ---------------------------------------------------------------- splitting


def _shuffle_stratified(samples: Indices, labels: Indices, rng: np.random.Generator) -> Indices:
    """Shuffle the samples so that every prefix has about the same mix of classes."""
    place = np.empty(len(samples))
    for label in sorted(set(labels[samples].tolist())):
        members = rng.permutation(np.flatnonzero(labels[samples] == label))
        place[members] = (np.arange(len(members)) + rng.random()) / len(members)
    return samples[np.argsort(place, kind="stable")]


def _split_by_sizes(samples: Indices, *sizes: int) -> list[Indices]:
    """Split into consecutive pieces of these sizes, and the rest."""
    return np.split(samples, np.cumsum(sizes))


def _split_source(samples: Indices) -> list[Indices]:
    shares = (SOURCE_TRAIN_SHARE, SOURCE_VALIDATION_SHARE)
    return _split_by_sizes(samples, *(round(len(samples) * share) for share in shares))


def _make_domain(pieces: list[Indices], inputs: Floats, labels: Indices) -> Domain:
    """Return the splits. Args: pieces: their samples; inputs, labels: of the whole data file."""
    train, validation, test = (
        Split(
            np.ascontiguousarray(inputs[piece], np.float32),
            labels[piece].astype(np.int64),
            piece,
        )
        for piece in pieces
    )
    return Domain(train, validation, test)


def _pictures(cells: Floats, rows: int) -> NDArray[np.float32]:
    """Return samples as pictures, (n, rows, columns). Args: cells: (n, rows · columns)."""
    return cells.reshape(len(cells), rows, -1).astype(np.float32)


# ---------------------------------------------------------------- digits


def _fit_components(pixels: Floats) -> Callable[[Floats], Floats]:
    """Return (n, 64) -> (n, 30): principal components of `pixels`, over one standard deviation."""
    mean = pixels.mean(axis=0)
    _, _, rows = np.linalg.svd(pixels - mean, full_matrices=False)
    basis = rows[:FEATURES].T
    # The sign of a component is free: fix it, so that every machine draws the same W₁.
    basis = basis * np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(FEATURES)])
    deviation = ((pixels - mean) @ basis).std()
    return lambda pictures: (pictures - mean) @ basis / deviation


_DrawAngles = Callable[[int, np.random.Generator], Indices]
"""(number of target samples, in drawing order, random numbers) -> (n,) degrees, anticlockwise."""
_Digits = tuple[Floats, Indices]
"""(1797, 64) pixels of the whole data file as the networks of a side see them, and (1797,) classes
from 0; negative ones belong to the other side."""


def _make_digit_task(
    source: Indices, target: Indices, target_train: int, old: _Digits, new: _Digits
) -> TaskData:
    """Return the data, in drawing order. Args: old, new: all digits as either side sees them."""
    source_pieces = _split_source(source)
    target_pieces = _split_by_sizes(
        target, target_train, TARGET_VALIDATION_SAMPLES, TARGET_TEST_SAMPLES
    )[:3]
    features = _fit_components(old[0][source_pieces[0]])
    return TaskData(
        source=_make_domain(source_pieces, features(old[0]), old[1]),
        target=_make_domain(target_pieces, features(new[0]), new[1]),
        pictures=_pictures(new[0][target_pieces[2]] / MAX_PIXEL, PICTURE_SIDE),
        train_pictures=_pictures(new[0][target_pieces[0]] / MAX_PIXEL, PICTURE_SIDE),
        names=(),
        features=features,
    )


def _draw_source_and_target(target_train: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Return source and target samples, all ten digits on both sides."""
    _, labels = load_digits()
    mixed = _shuffle_stratified(np.arange(len(labels)), labels, rng)
    target, source = _split_by_sizes(
        mixed, target_train + TARGET_VALIDATION_SAMPLES + TARGET_TEST_SAMPLES
    )
    return source, target


def _draw_changed_digits(seed: int, change: Callable[[Floats], Floats]) -> TaskData:
    """Draw a task of which the target's pixels, (n, 64), are changed."""
    (pixels, labels), train = load_digits(), 100
    source, target = _draw_source_and_target(train, np.random.default_rng(seed))
    return _make_digit_task(source, target, train, (pixels, labels), (change(pixels), labels))


def _draw_rotated(seed: int) -> TaskData:
    return _draw_changed_digits(seed, lambda pixels: rotate_clockwise(pixels, ROTATED_DEGREES))


def _draw_inverted(seed: int) -> TaskData:
    return _draw_changed_digits(seed, lambda pixels: invert(pixels, 100))


def _draw_five_to_nine(seed: int) -> TaskData:
    pixels, labels = load_digits()
    rng = np.random.default_rng(seed)
    source = _shuffle_stratified(np.flatnonzero(labels < 5), labels, rng)
    target = _shuffle_stratified(np.flatnonzero(labels >= 5), labels, rng)
    return _make_digit_task(source, target, 200, (pixels, labels), (pixels, labels - 5))


def _draw_parity(seed: int, target_degrees: _DrawAngles) -> TaskData:
    """Draw digits at angles up to 60°, then odd or even. Args: target_degrees: of the latter."""
    pixels, labels = load_digits()
    rng = np.random.default_rng(seed)
    source, target = _draw_source_and_target(PARITY_TRAIN_SAMPLES, rng)
    degrees = np.zeros(len(labels), np.intp)
    degrees[source] = _draw_angles(len(source), rng)
    degrees[target] = target_degrees(len(target), rng)
    turned = rotate(pixels, degrees)
    return _make_digit_task(
        source, target, PARITY_TRAIN_SAMPLES, (turned, labels), (turned, labels % 2)
    )


def _draw_angles(count: int, rng: np.random.Generator) -> Indices:
    """Draw angles of up to 60° to either side, (count,)."""
    return rng.integers(-MAX_TURN_DEGREES, MAX_TURN_DEGREES, count, endpoint=True)


def draw_turned_parity(seed: int) -> TaskData:
    """Draw parity of images that are turned alike on both sides: the labels alone are new.

    Args: seed: of the splits and angles.
    """
    return _draw_parity(seed, _draw_angles)


def draw_parity(seed: int, test_degrees: int = -PARITY_TEST_DEGREES) -> TaskData:
    """Draw parity that is trained upright and tested at another angle.

    Args: seed: of the splits and angles.  test_degrees: angle of the target's test; 0: upright.
    Source: the distribution shift of arXiv:2202.10054 §4, on the data at hand.
    """

    def degrees(count: int, rng: np.random.Generator) -> Indices:
        seen = PARITY_TRAIN_SAMPLES + TARGET_VALIDATION_SAMPLES
        return np.where(np.arange(count) < seen, 0, test_degrees)

    return _draw_parity(seed, degrees)


# ---------------------------------------------------------------- breast cancer


def _draw_cancer(seed: int) -> TaskData:
    measured, labels = load_cancer()
    rng = np.random.default_rng(seed)
    size = measured[:, CANCER_FEATURES.index("mean radius")]
    small = size <= np.median(size)
    source_pieces = _split_source(_shuffle_stratified(np.flatnonzero(small), labels, rng))
    target_pieces = _split_by_sizes(
        _shuffle_stratified(np.flatnonzero(~small), labels, rng), 20, 60
    )
    known = measured[source_pieces[0]]
    inputs = (measured - known.mean(axis=0)) / known.std(axis=0)
    return TaskData(
        source=_make_domain(source_pieces, inputs, labels),
        target=_make_domain(target_pieces, inputs, labels),
        pictures=_pictures(inputs[target_pieces[2]], 3),
        train_pictures=_pictures(inputs[target_pieces[0]], 3),
        names=CANCER_FEATURES,
    )


# ---------------------------------------------------------------- all tasks


def _make_task(
    draw: Callable[[int], TaskData],
    apply_change: Callable[[Floats, int], Floats] | None = None,
    **info: object,
) -> Task:
    # A reset draws the same data again, and nobody writes into it.
    kept = lru_cache(maxsize=4)(draw)
    return Task(TaskInfo(**info), kept, apply_change)  # type: ignore[arg-type]


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        _make_task(
            _draw_rotated,
            rotate_clockwise,
            change=TaskChange("Rotation", "°", MAX_TURN_DEGREES, ROTATED_DEGREES),
            name="digits-to-rotated",
            label="Digits → rotated by 30°",
            purpose="Reads an 8×8 image of a digit and says which of ten it is.",
            source="upright digits",
            target="digits rotated by 30°",
            classes=DIGITS,
            shares_head=True,
        ),
        _make_task(
            _draw_five_to_nine,
            name="digits-0-4-to-5-9",
            label="Digits 0–4 → 5–9",
            purpose="Reads an 8×8 image of a digit and says which of five it is.",
            source="the digits 0 to 4",
            target="the digits 5 to 9",
            classes=DIGITS[5:],
            shares_head=False,
        ),
        _make_task(
            _draw_inverted,
            invert,
            change=TaskChange("Inversion", "\u202f%", 100, 100),
            name="digits-to-inverted",
            label="Digits → inverted",
            purpose="Reads an 8×8 image of a digit and says which of ten it is.",
            source="handwritten digits",
            target="inverted digits, light ink on dark paper",
            classes=DIGITS,
            shares_head=True,
        ),
        _make_task(
            draw_turned_parity,
            name="digits-turned-to-turned-parity",
            label="Digits ±60° → odd or even",
            purpose="Reads an 8×8 image of a digit and says whether it is even or odd.",
            source="the ten digits, rotated by up to 60° either way",
            target="even or odd, on images rotated alike: only the labels are new",
            classes=("even", "odd"),
            shares_head=False,
        ),
        _make_task(
            draw_parity,
            rotate_clockwise,
            change=TaskChange("Rotation", "°", MAX_TURN_DEGREES, PARITY_TEST_DEGREES),
            name="digits-turned-to-parity",
            label="Digits → odd or even at 40°",
            purpose="Reads an 8×8 image of a digit and says whether it is even or odd.",
            source="the ten digits, rotated by up to 60° either way",
            target="even or odd, learned upright and tested at 40°",
            classes=("even", "odd"),
            shares_head=False,
        ),
        _make_task(
            _draw_cancer,
            name="cancer-small-to-large",
            label="Tumours, small → large",
            purpose="Reads thirty measurements of a tumour and says whether it is malignant.",
            source="small tumours",
            target="large tumours",
            classes=("malignant", "benign"),
            shares_head=True,
            features=CANCER_FEATURES,
            no_drawing="a tumour is thirty measurements, not an image",
        ),
    )
}
"""Name -> task, in the order of the window."""
