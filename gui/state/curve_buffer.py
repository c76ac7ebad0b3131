"""The points of one branch of a run, in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.protocol.messages import Frame

LIMIT = 2000
"""Points kept of each curve."""

TRAIN, VALIDATION, TARGET, SOURCE = "train", "validation", "target", "source"

Points = NDArray[np.float64]


class CurveBuffer:
    """Rows of a step and the values at it, by rising step.

    Beyond `LIMIT` rows about half go, so that those that stay lie evenly over the steps, and
    from then on new rows keep that distance; the first and the newest are always there.
    """

    def __init__(self) -> None:
        self._steps = np.zeros(LIMIT, np.int64)
        self._values: dict[str, Points] = {}
        self._count = 0
        self._distance = 0.0
        """Steps between two rows, at least; the newest may be nearer."""

    def __len__(self) -> int:
        return self._count

    @property
    def names(self) -> tuple[str, ...]:
        """The curves there are."""
        return tuple(self._values)

    @property
    def last_step(self) -> int:
        """0 where there is nothing yet."""
        return int(self._steps[self._count - 1]) if self._count else 0

    def add(self, step: int, values: Mapping[str, float]) -> None:
        """Append a row, or replace the newest one; what was replayed is there already."""
        if step < self.last_step:
            return
        self.cut(step - 1)
        if self._count > 1 and self.last_step - self._steps[self._count - 2] < self._distance:
            self._count -= 1  # it was there only for being the newest
        elif self._count == LIMIT:
            self._thin()
        self._steps[self._count] = step
        for name in values:
            if name not in self._values:
                self._values[name] = np.full(LIMIT, np.nan)
        for name, column in self._values.items():
            column[self._count] = values.get(name, np.nan)
        self._count += 1

    def cut(self, step: int) -> None:
        """Forget the rows of later steps."""
        self._count = int(np.searchsorted(self._steps[: self._count], step, side="right"))

    def up_to(self, step: int) -> CurveBuffer:
        """A copy of the rows up to a step."""
        result = CurveBuffer()
        result._steps = self._steps.copy()
        result._values = {name: column.copy() for name, column in self._values.items()}
        result._count, result._distance = self._count, self._distance
        result.cut(step)
        return result

    def curve(self, name: str) -> tuple[Points, Points]:
        """(n,) steps and (n,) values of one curve, without what is not a finite number."""
        if name not in self._values:
            return np.zeros(0), np.zeros(0)
        values = self._values[name][: self._count]
        finite = np.isfinite(values)
        return self._steps[: self._count][finite].astype(np.float64), values[finite]

    def at(self, step: float) -> tuple[int, dict[str, float]] | None:
        """The row nearest to a step; None where there is none."""
        if not self._count:
            return None
        row = int(np.abs(self._steps[: self._count] - step).argmin())
        return int(self._steps[row]), {name: float(c[row]) for name, c in self._values.items()}

    def last(self) -> dict[str, float]:
        """The newest values."""
        return {name: float(column[self._count - 1]) for name, column in self._values.items()
                if self._count}  # fmt: skip

    def _thin(self) -> None:
        steps = self._steps[: self._count]
        self._distance = (steps[-1] - steps[0]) / (LIMIT // 2)
        wanted = np.linspace(steps[0], steps[-1], LIMIT // 2)
        kept = np.unique(np.searchsorted(steps, wanted))
        for column in (self._steps, *self._values.values()):
            column[: len(kept)] = column[kept]
        self._count = len(kept)


def rows_of(frame: Frame) -> list[tuple[int, dict[str, float]]]:
    """The points that the engine measured, so that none hangs on the watching, and the frame's own.

    The frame has none of its own where its measures are those of an earlier step.
    """
    rows, curves = [], frame.curves
    if curves is not None:
        names = [layer.name for layer in frame.layers]
        for index, step in enumerate(curves.steps.tolist()):
            if step >= frame.step:
                break
            row = {
                TRAIN: float(curves.train_loss[index]),
                VALIDATION: float(curves.validation_loss[index]),
                TARGET: float(curves.target_accuracy[index]),
                SOURCE: float(curves.source_accuracy[index]),
            }
            moved = dict(zip(names, curves.relative_change[index].tolist(), strict=True))
            rows.append((step, row | moved))
    if frame.measured_at is None:
        rows.append((frame.step, row_of(frame)))
    return rows


def row_of(frame: Frame) -> dict[str, float]:
    """The frame's own measures; ‖ΔW‖/‖W‖ under the name of each layer."""
    target = frame.target_accuracy
    return {
        TRAIN: frame.train_loss,
        VALIDATION: frame.validation_loss,
        TARGET: np.nan if target is None else target,
        SOURCE: frame.source_accuracy,
    } | {
        layer.name: layer.delta_norm / layer.weight_norm if layer.weight_norm > 0 else np.nan
        for layer in frame.layers
    }
