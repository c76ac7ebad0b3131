"""The data are the real ones, and no sample serves two purposes."""

import numpy as np
import pytest

import engine.resources
from engine.digit_images import load_digits, rotation_matrix
from engine.pretraining import load_pretrained
from engine.protocol.settings import TRAINING_SAMPLES, Settings
from engine.resources import ResourceError, read_table
from engine.tasks import (
    CANCER_FEATURES,
    TASKS,
    Domain,
    draw_parity,
    draw_turned_parity,
    load_cancer,
)


def test_digits_equal_scikit_learns() -> None:
    from sklearn.datasets import load_digits as sklearn_digits

    pixels, labels = load_digits()
    known = sklearn_digits()
    assert np.array_equal(pixels, known.data)
    assert np.array_equal(labels, known.target)


def test_cancer_equals_scikit_learns() -> None:
    from sklearn.datasets import load_breast_cancer

    measured, labels = load_cancer()
    known = load_breast_cancer()
    assert np.array_equal(measured, known.data)
    assert np.array_equal(labels, known.target)
    assert tuple(known.feature_names) == CANCER_FEATURES
    assert tuple(known.target_names) == TASKS["cancer-small-to-large"].info.classes


def _splits(domain: Domain) -> list[np.ndarray]:
    return [domain.train.samples, domain.validation.samples, domain.test.samples]


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_no_sample_serves_two_purposes(task, seed) -> None:
    data = task.draw(seed)
    everything = np.concatenate(_splits(data.source) + _splits(data.target))
    assert len(np.unique(everything)) == len(everything)
    for split in (data.source.train, data.target.train, data.target.test):
        assert split.inputs.shape == (len(split.labels), 30)
        assert split.inputs.dtype == np.float32
    for domain, classes in (
        (data.source, len(load_pretrained(Settings(task=task.name)).head_bias)),
        (data.target, len(task.info.classes)),
    ):
        for split in (domain.train, domain.validation, domain.test):
            assert set(split.labels) == set(range(classes))
    assert len(data.pictures) == len(data.target.test.labels)


def test_the_training_samples_that_are_stated_are_those_that_there_are() -> None:
    assert {name: len(task.draw(0).target.train.labels) for name, task in TASKS.items()} == (
        TRAINING_SAMPLES
    )


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_a_seed_repeats_and_another_differs(task) -> None:
    once, again, other = task.draw(3), task.draw(3), task.draw(4)
    assert np.array_equal(once.target.train.inputs, again.target.train.inputs)
    assert not np.array_equal(once.target.train.samples, other.target.train.samples)


def test_components_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    data = TASKS["digits-0-4-to-5-9"].draw(0)
    pixels, _ = load_digits()
    train = data.source.train
    expected = PCA(30, svd_solver="full").fit_transform(pixels[train.samples])
    expected /= expected.std()
    assert np.allclose(np.abs(expected), np.abs(train.inputs), atol=1e-5)


def test_labels_are_those_of_the_samples() -> None:
    _, digits = load_digits()
    data = TASKS["digits-0-4-to-5-9"].draw(0)
    assert np.array_equal(digits[data.target.test.samples] - 5, data.target.test.labels)
    assert np.array_equal(digits[data.source.test.samples], data.source.test.labels)


def test_parity_is_learned_upright_and_tested_turned() -> None:
    pixels, digits = load_digits()
    turned, upright = draw_parity(2), draw_parity(2, test_degrees=0)
    test = turned.target.test
    assert np.array_equal(test.labels, digits[test.samples] % 2)
    pictures = pixels[test.samples].reshape(-1, 8, 8) / 16
    assert np.allclose(upright.pictures, pictures)
    expected = (rotation_matrix(-40) @ pictures.reshape(-1, 64).T).T.reshape(-1, 8, 8)
    assert np.allclose(turned.pictures, expected, atol=1e-6)
    assert not np.allclose(test.inputs, upright.target.test.inputs, atol=0.1)
    for name in ("train", "validation"):
        learned, same = getattr(turned.target, name), getattr(upright.target, name)
        assert np.array_equal(learned.inputs, same.inputs)


def test_the_source_of_parity_are_digits_turned_by_up_to_60_degrees() -> None:
    pixels, digits = load_digits()
    seen = [(draw_parity(2, angle).target.test, angle) for angle in range(-60, 61, 10)]
    known = np.concatenate(
        [pixels[test.samples] @ rotation_matrix(angle).T for test, angle in seen]
    )
    # Inputs are an affine map of pixels: with pictures at all angles, these determine it.
    ones = np.ones((len(known), 1))
    inputs = np.concatenate([test.inputs for test, _ in seen])
    affine = np.linalg.lstsq(np.hstack([known, ones]), inputs, rcond=None)[0]
    train = draw_parity(2).source.train
    assert np.array_equal(digits[train.samples], train.labels)
    angles = range(-60, 61)
    each = np.stack([pixels[train.samples] @ rotation_matrix(angle).T for angle in angles])
    error = abs(each @ affine[:-1] + affine[-1] - train.inputs).max(axis=-1)  # (121, n)
    assert (error.min(axis=0) < 1e-3).all()
    assert np.ptp(error.argmin(axis=0)) > 110


def test_rotation_turns_pictures() -> None:
    picture = np.arange(64.0).reshape(8, 8)
    assert np.allclose((rotation_matrix(90) @ picture.ravel()).reshape(8, 8), np.rot90(picture))
    assert np.allclose(rotation_matrix(0), np.eye(64))
    inner = rotation_matrix(-30).reshape(8, 8, 64)[2:6, 2:6]
    assert np.allclose(inner.sum(axis=-1), 1)


def test_rotation_agrees_with_scipy() -> None:
    from scipy.ndimage import rotate

    picture = load_digits()[0][5].reshape(8, 8)
    ours = (rotation_matrix(-30) @ picture.ravel()).reshape(8, 8)
    theirs = rotate(picture, -30, reshape=False, order=1)
    assert np.allclose(ours[1:-1, 1:-1], theirs[1:-1, 1:-1], atol=1e-9)


@pytest.mark.parametrize(
    ("content", "problem"),
    [(None, "is missing"), (b"junk", "cannot be read"), (b"1,2\n3,4\n", "where")],
)
def test_a_bad_data_file_is_named(tmp_path, monkeypatch, content, problem) -> None:
    monkeypatch.setattr(engine.resources, "RESOURCES", tmp_path)
    (tmp_path / "data").mkdir()
    if content is not None:
        (tmp_path / "data" / "table.csv").write_bytes(content)
    with pytest.raises(ResourceError, match=problem) as caught:
        read_table("table.csv", (3, 2))
    assert "table.csv" in str(caught.value)


def test_the_clean_parity_task_changes_the_labels_alone() -> None:
    _, digits = load_digits()
    clean, shifted = draw_turned_parity(2), draw_parity(2)
    assert np.array_equal(clean.source.train.inputs, shifted.source.train.inputs)
    for name in ("train", "validation", "test"):
        learned = getattr(clean.target, name)
        assert np.array_equal(learned.samples, getattr(shifted.target, name).samples)
        assert np.array_equal(learned.labels, digits[learned.samples] % 2)
    # The same digits at other angles: as alike to the source as the source's own test images.
    known = clean.source.test.inputs
    for split in (clean.target.train, clean.target.test):
        assert np.allclose(split.inputs.std(axis=0), known.std(axis=0), rtol=0.35)
        assert not np.allclose(split.inputs[:100], shifted.target.train.inputs[:100], atol=0.1)
