"""The sample that the user looks at: one of the target's, or one that was drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import Array, DrawSample, ShowSample
from engine.tasks import MAX_PIXEL, PICTURE_SIDE, Task, TaskData


class SampleError(ValueError):
    """A drawing that cannot be looked at; the message says why."""


class SampleSelection:
    """The user's choice of a sample; it stays from run to run, and from task to task."""

    def __init__(self) -> None:
        self.index = 0
        """Index into the target's test samples; it wraps round."""
        self._picture: Array | None = None

    def choose(self, command: ShowSample | DrawSample, task: Task) -> None:
        """Choose another sample.

        Args: command: an index, or a drawing.  task: of the run.
        Raises: SampleError: it cannot be drawn, or is no picture; nothing was changed.
        """
        if isinstance(command, ShowSample):
            self.index, self._picture = command.index, None
        elif task.info.no_drawing:
            raise SampleError(f"Nothing can be drawn here: {task.info.no_drawing}.")
        else:
            self._picture = _checked(command.picture)

    def drawing(self, data: TaskData) -> tuple[Array, NDArray[np.float32]] | None:
        """Return the drawing and the network's inputs made from it.

        Args: data: of the run, which tells how inputs are made from pixels.
        Returns: (8, 8) in 0…1 and (1, 30); None: nothing was drawn, or samples are no pictures.
        """
        if self._picture is None or data.features is None:
            return None
        pixels = self._picture.reshape(1, -1).astype(np.float64) * MAX_PIXEL
        return self._picture, data.features(pixels).astype(np.float32)


def _checked(picture: object) -> Array:
    if not isinstance(picture, np.ndarray) or picture.shape != (PICTURE_SIDE, PICTURE_SIDE):
        found = "×".join(map(str, picture.shape)) if isinstance(picture, np.ndarray) else "none"
        raise SampleError(
            f"picture: {PICTURE_SIDE}×{PICTURE_SIDE} numbers are wanted; there are {found}."
        )
    if not np.isfinite(picture).all():
        raise SampleError("picture: a number of it is not finite.")
    if picture.min() < 0 or picture.max() > 1:
        raise SampleError("picture: a number of it lies outside 0…1.")
    return picture.astype(np.float32)
