"""Real data: each task is a source to pretrain on and a target to fine-tune for.

A seed draws the splits; source and target, and within each train, validation and test, never
share a sample. Everything that is fitted (components, means, scales) is fitted on source-train.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import TaskInfo
from engine.protocol.network_shape import FEATURES
from engine.resources import read_table

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

DIGITS = tuple("0123456789")
SIDE = 8
"""A digit is SIDE × SIDE pixels."""
INK = 16
"""A pixel that is all ink."""
TURN_DEGREES = -30
"""Clockwise."""
WIDEST_DEGREES = 60
"""As far as the pictures of `digits-turned-to-parity` are turned before its source learns them."""
PARITY_TEST_DEGREES = -40
"""Clockwise: what its target is tested on, but not trained on."""
TARGET_TEST = 400
TARGET_VALIDATION = 100
SOURCE_TRAIN, SOURCE_VALIDATION = 0.7, 0.1
"""Shares of the source; the rest tests."""


@dataclass(frozen=True, slots=True)
class Split:
    """Samples that are used for one purpose."""

    inputs: NDArray[np.float32]
    """(n, 30)"""
    labels: NDArray[np.int64]
    """(n,), classes from 0"""
    samples: Indices
    """(n,) row of each in the data file"""


@dataclass(frozen=True, slots=True)
class Domain:
    """One side of a task: what is learned from, watched, and judged by."""

    train: Split
    validation: Split
    test: Split


@dataclass(frozen=True, slots=True)
class TaskData:
    """One draw of a task."""

    source: Domain
    target: Domain
    pictures: NDArray[np.float32]
    """(n, rows, columns): each target-test sample as a person would look at it"""
    names: tuple[str, ...]
    """Name of each cell of a picture; empty where cells are pixels"""
    features: Callable[[Floats], Floats] | None = None
    """(n, 64) pixels in 0…16 -> (n, 30), as the samples' own; None: they are no pictures"""


@dataclass(frozen=True, slots=True)
class Task:
    """A source and a target, and how their data are drawn."""

    info: TaskInfo
    draw: Callable[[int], TaskData]
    """Seed -> data; the same seed gives the same data."""

    @property
    def name(self) -> str:
        """The name that settings use."""
        return self.info.name


# ---------------------------------------------------------------- the data files


@lru_cache(maxsize=1)
def load_digits() -> tuple[Floats, Indices]:
    """UCI digits: (1797, 64) pixels in 0…16, (1797,) digits."""
    table = read_table("digits.csv.gz", (1797, SIDE * SIDE + 1))
    return table[:, :-1], table[:, -1].astype(np.intp)


@lru_cache(maxsize=1)
def load_cancer() -> tuple[Floats, Indices]:
    """UCI breast cancer: (569, 30) measurements, (569,) 0 malignant or 1 benign."""
    table = read_table("breast_cancer.csv", (569, FEATURES + 1), skip_lines=1)
    return table[:, :-1], table[:, -1].astype(np.intp)


_MEASURED = (
    "radius", "texture", "perimeter", "area", "smoothness",
    "compactness", "concavity", "concave points", "symmetry", "fractal dimension",
)  # fmt: skip
CANCER_FEATURES = (
    *(f"mean {name}" for name in _MEASURED),
    *(f"{name} error" for name in _MEASURED),
    *(f"worst {name}" for name in _MEASURED),
)


# ---------------------------------------------------------------- splitting


def _mixed(samples: Indices, labels: Indices, rng: np.random.Generator) -> Indices:
    """The samples in random order, every prefix with about the same mix of classes."""
    place = np.empty(len(samples))
    for label in np.unique(labels[samples]):
        members = rng.permutation(np.flatnonzero(labels[samples] == label))
        place[members] = (np.arange(len(members)) + rng.random()) / len(members)
    return samples[np.argsort(place, kind="stable")]


def _cut(samples: Indices, *sizes: int) -> list[Indices]:
    """Consecutive pieces of these sizes, and the rest."""
    return np.split(samples, np.cumsum(sizes))


def _cut_source(samples: Indices) -> list[Indices]:
    train, validation = round(len(samples) * SOURCE_TRAIN), round(len(samples) * SOURCE_VALIDATION)
    return _cut(samples, train, validation)


def _domain(pieces: list[Indices], inputs: Floats, labels: Indices) -> Domain:
    """`inputs` and `labels` hold every sample of the data file; `pieces` choose."""
    train, validation, test = (
        Split(
            np.ascontiguousarray(inputs[piece], np.float32),
            labels[piece].astype(np.int64),
            piece,
        )
        for piece in pieces
    )
    return Domain(train, validation, test)


# ---------------------------------------------------------------- digits


@lru_cache(maxsize=2 * WIDEST_DEGREES + 1)
def rotation(degrees: int) -> Floats:
    """(64, 64): turns a flattened 8×8 picture anticlockwise, bilinear, zero outside."""
    angle = np.deg2rad(degrees)
    centre = (SIDE - 1) / 2
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    y, x = row - centre, column - centre
    from_row = np.cos(angle) * y + np.sin(angle) * x + centre
    from_column = -np.sin(angle) * y + np.cos(angle) * x + centre
    result = np.zeros((SIDE * SIDE, SIDE * SIDE))
    for corner_row in (np.floor(from_row), np.floor(from_row) + 1):
        for corner_column in (np.floor(from_column), np.floor(from_column) + 1):
            share = (1 - abs(from_row - corner_row)) * (1 - abs(from_column - corner_column))
            inside = (
                (corner_row >= 0) & (corner_row < SIDE)
                & (corner_column >= 0) & (corner_column < SIDE)
            )  # fmt: skip
            from_pixel = (corner_row * SIDE + corner_column)[inside].astype(np.intp)
            result[np.flatnonzero(inside), from_pixel] += share[inside]
    return result


def _components(pixels: Floats) -> Callable[[Floats], Floats]:
    """(n, 64) -> (n, 30): principal components of `pixels`, divided by one standard deviation."""
    mean = pixels.mean(axis=0)
    _, _, rows = np.linalg.svd(pixels - mean, full_matrices=False)
    basis = rows[:FEATURES].T
    # The sign of a component is free: fix it, so that every machine draws the same W₁.
    basis = basis * np.sign(basis[np.abs(basis).argmax(axis=0), np.arange(FEATURES)])
    deviation = ((pixels - mean) @ basis).std()
    return lambda pictures: (pictures - mean) @ basis / deviation


def _turned(pixels: Floats, degrees: Indices) -> Floats:
    """(n, 64): each picture turned by its own whole number of degrees, anticlockwise."""
    result = np.empty_like(pixels)
    for angle in np.unique(degrees):
        result[degrees == angle] = pixels[degrees == angle] @ rotation(int(angle)).T
    return result


@dataclass(frozen=True, slots=True)
class _Side:
    """What source or target makes of the data file, every sample of it."""

    pixels: Floats
    """(1797, 64), as its networks see them"""
    labels: Indices
    """(1797,), classes from 0; what is below belongs to the other side"""


def _digits(
    source: Indices, target: Indices, target_train: int, old: _Side, new: _Side
) -> TaskData:
    """Source and target samples in drawing order, and what each side sees of them."""
    source_pieces = _cut_source(source)
    target_pieces = _cut(target, target_train, TARGET_VALIDATION, TARGET_TEST)[:3]
    features = _components(old.pixels[source_pieces[0]])
    return TaskData(
        source=_domain(source_pieces, features(old.pixels), old.labels),
        target=_domain(target_pieces, features(new.pixels), new.labels),
        pictures=(new.pixels[target_pieces[2]] / INK).reshape(-1, SIDE, SIDE).astype(np.float32),
        names=(),
        features=features,
    )


def _split(target_train: int, rng: np.random.Generator) -> tuple[Indices, Indices]:
    """Source and target samples, all ten digits on both sides."""
    _, labels = load_digits()
    mixed = _mixed(np.arange(len(labels)), labels, rng)
    target, source = _cut(mixed, target_train + TARGET_VALIDATION + TARGET_TEST)
    return source, target


def _same_digits(seed: int, change: Callable[[Floats], Floats]) -> TaskData:
    """Args: change: what the target's pixels, (n, 64), undergo."""
    pixels, labels = load_digits()
    train = 100
    source, target = _split(train, np.random.default_rng(seed))
    return _digits(source, target, train, _Side(pixels, labels), _Side(change(pixels), labels))


def _draw_rotated(seed: int) -> TaskData:
    operator = rotation(TURN_DEGREES).T
    return _same_digits(seed, lambda pixels: pixels @ operator)


def _draw_inverted(seed: int) -> TaskData:
    return _same_digits(seed, lambda pixels: INK - pixels)


def _draw_five_to_nine(seed: int) -> TaskData:
    pixels, labels = load_digits()
    rng = np.random.default_rng(seed)
    source = _mixed(np.flatnonzero(labels < 5), labels, rng)
    target = _mixed(np.flatnonzero(labels >= 5), labels, rng)
    return _digits(source, target, 200, _Side(pixels, labels), _Side(pixels, labels - 5))


def draw_parity(seed: int, test_degrees: int = PARITY_TEST_DEGREES) -> TaskData:
    """Digits at any angle to 60°, then odd or even: learned upright, tested at another angle.

    Args: test_degrees: 0 tests on the pictures as they were learned from, upright.
    Source: the distribution shift of arXiv:2202.10054 §4, on the data at hand.
    """
    pixels, labels = load_digits()
    rng = np.random.default_rng(seed)
    train = 200
    source, target = _split(train, rng)
    degrees = np.zeros(len(labels), np.intp)
    degrees[source] = rng.integers(-WIDEST_DEGREES, WIDEST_DEGREES, len(source), endpoint=True)
    degrees[target[train + TARGET_VALIDATION :]] = test_degrees
    turned = _turned(pixels, degrees)
    return _digits(source, target, train, _Side(turned, labels), _Side(turned, labels % 2))


# ---------------------------------------------------------------- breast cancer


def _draw_cancer(seed: int) -> TaskData:
    measured, labels = load_cancer()
    rng = np.random.default_rng(seed)
    size = measured[:, CANCER_FEATURES.index("mean radius")]
    small = size <= np.median(size)
    source_pieces = _cut_source(_mixed(np.flatnonzero(small), labels, rng))
    target_pieces = _cut(_mixed(np.flatnonzero(~small), labels, rng), 20, 60)
    known = measured[source_pieces[0]]
    inputs = (measured - known.mean(axis=0)) / known.std(axis=0)
    tests = inputs[target_pieces[2]]
    return TaskData(
        source=_domain(source_pieces, inputs, labels),
        target=_domain(target_pieces, inputs, labels),
        pictures=tests.reshape(-1, 3, len(_MEASURED)).astype(np.float32),
        names=CANCER_FEATURES,
    )


# ---------------------------------------------------------------- all tasks


def _task(draw: Callable[[int], TaskData], **info: object) -> Task:
    # A reset draws the same data again, and nobody writes into it.
    return Task(TaskInfo(**info), lru_cache(maxsize=4)(draw))  # type: ignore[arg-type]


TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        _task(
            _draw_rotated,
            name="digits-to-rotated",
            label="Digits → turned by 30°",
            source="upright digits",
            target="digits turned by 30°",
            classes=DIGITS,
            shares_head=True,
        ),
        _task(
            _draw_five_to_nine,
            name="digits-0-4-to-5-9",
            label="Digits 0–4 → 5–9",
            source="the digits 0 to 4",
            target="the digits 5 to 9",
            classes=DIGITS[5:],
            shares_head=False,
        ),
        _task(
            _draw_inverted,
            name="digits-to-inverted",
            label="Digits → inverted",
            source="handwritten digits",
            target="digits with ink and paper swapped",
            classes=DIGITS,
            shares_head=True,
        ),
        _task(
            draw_parity,
            name="digits-turned-to-parity",
            label="Digits, any angle → odd or even",
            source="digits turned by up to 60°",
            target="odd or even: learned upright, tested at 40°",
            classes=("even", "odd"),
            shares_head=False,
        ),
        _task(
            _draw_cancer,
            name="cancer-small-to-large",
            label="Tumours, small → large",
            source="small tumours",
            target="large tumours",
            classes=("malignant", "benign"),
            shares_head=True,
            features=CANCER_FEATURES,
            no_drawing="a tumour is thirty measurements, not a picture",
        ),
    )
}
