"""The sample that the user looks at: one of the target's, or one drawn; changed, if wished."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.digit_images import MAX_PIXEL, PICTURE_SIDE, load_digits
from engine.protocol.messages import Array, DrawSample, ShowSample
from engine.tasks import Task, TaskData


class SampleError(ValueError):
    """A drawing that cannot be looked at; the message says why."""


class SampleSelection:
    """The user's choice of a sample; it stays from run to run, and from task to task."""

    def __init__(self) -> None:
        self.index = 0
        """Index into the target's test samples; it wraps round."""
        self._picture: Array | None = None
        self._change: tuple[str, int] | None = None
        """Name of the task whose change is applied, and by how much; None: it is as it is."""

    def choose(self, command: ShowSample | DrawSample, task: Task) -> None:
        """Choose another sample.

        Args: command: an index, or a drawing.  task: of the run.
        Raises: SampleError: it cannot be drawn, or is no picture; nothing was changed.
        """
        change = None if command.change is None else _checked_change(command.change, task)
        if isinstance(command, ShowSample):
            self.index, self._picture = command.index, None
        elif task.info.no_drawing:
            raise SampleError(f"Drawing is not possible: {task.info.no_drawing}.")
        else:
            self._picture = _checked(command.picture)
        self._change = change

    def change_for(self, task: Task) -> int | None:
        """Return the amount of the change; None: there is none. Args: task: of the run."""
        name, amount = self._change or ("", 0)
        return amount if name == task.name else None

    def is_drawn(self, data: TaskData) -> bool:
        """Whether a drawing is shown. Args: data: of the run; those of some are no pictures."""
        return self._picture is not None and data.features is not None

    def own_picture(self, task: Task, data: TaskData) -> tuple[Array, NDArray[np.float32]] | None:
        """Return the drawing or the changed sample, and the network's inputs made from it.

        Args: task, data: of the run; they tell what changes, and how inputs are made from pixels.
        Returns: (8, 8) in 0…1 and (1, 30); None: a sample of the data is shown as it is.
        """
        amount = self.change_for(task)
        if data.features is None or (self._picture is None and amount is None):
            return None
        if self._picture is not None:
            pixels = self._picture.reshape(1, -1).astype(np.float64) * MAX_PIXEL
        else:
            rows = data.target.test.samples
            pixels = load_digits()[0][rows[self.index % len(rows)]][np.newaxis]  # (1, 64)
        if amount is not None and task.change is not None:
            pixels = task.change(pixels, amount)
        picture = (pixels / MAX_PIXEL).reshape(PICTURE_SIDE, PICTURE_SIDE).astype(np.float32)
        return picture, data.features(pixels).astype(np.float32)


def _checked_change(amount: int, task: Task) -> tuple[str, int]:
    change = task.info.change
    if change is None:
        raise SampleError("change: this task does not change images.")
    if not 0 <= amount <= change.largest:
        raise SampleError(f"change: {amount} lies outside 0…{change.largest}.")
    return task.name, amount


def _checked(picture: object) -> Array:
    if not isinstance(picture, np.ndarray) or picture.shape != (PICTURE_SIDE, PICTURE_SIDE):
        found = "×".join(map(str, picture.shape)) if isinstance(picture, np.ndarray) else "none"
        raise SampleError(
            f"picture: {PICTURE_SIDE}×{PICTURE_SIDE} values are needed; there are {found}."
        )
    if not np.isfinite(picture).all():
        raise SampleError("picture: it contains a value that is not finite.")
    if picture.min() < 0 or picture.max() > 1:
        raise SampleError("picture: it contains a value outside 0…1.")
    return picture.astype(np.float32)
