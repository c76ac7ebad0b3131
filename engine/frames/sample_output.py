"""The network's output for the sample that is looked at, before fine-tuning and now."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.analysis.activations import probabilities, trace_activations
from engine.frames.sample_selection import SampleSelection
from engine.frames.source import Source
from engine.protocol.messages import NetworkActivations, SampleFrame
from engine.tasks import TASKS


class SampleOutput:
    """Runs the chosen sample through a source's network as it was and as it is.

    Args: source: before its first step: the outputs of the test samples then are kept.
    selection: the user's choice, read anew each time.
    """

    def __init__(self, source: Source, selection: SampleSelection) -> None:
        self.network, self._data = source.network, source.initial.data
        self._task = TASKS[source.settings.task]
        self._selection = selection
        self._test = source.evaluator.target_test
        self._has_head = source.evaluator.knows_target
        self._initial_network = source.network.copied(with_original=True)
        self._before = probabilities(source.network, self._test.inputs).numpy()
        """(samples, classes)"""

    def inputs(self) -> Tensor:
        """Return what the network is given of the sample, (1, 30)."""
        own, tests = self._selection.own_picture(self._task, self._data), self._test.inputs
        if own is not None:
            return torch.from_numpy(own[1])
        index = self._selection.index % len(tests)
        return tests[index : index + 1]

    def predict(self) -> SampleFrame | None:
        """Return the class probabilities before and now; None: there is no head for the target."""
        if not self._has_head:
            return None
        own = self._selection.own_picture(self._task, self._data)
        drawn = self._selection.is_drawn(self._data)
        index = self._selection.index % len(self._test.labels)
        inputs = self.inputs()
        after = probabilities(self.network, inputs)[0]
        before = self._before[index]
        if own is not None:
            before = probabilities(self._initial_network, inputs)[0].numpy()
        return SampleFrame(
            index=index,
            count=len(self._test.labels),
            picture=self._data.pictures[index] if own is None else own[0],
            names=self._data.names,
            label=None if drawn else int(self._test.labels[index]),
            classes=self._task.info.classes,
            before=before,
            after=after.numpy(),
            drawn=drawn,
            change=self._selection.change_for(self._task),
        )

    def activations(self) -> NetworkActivations | None:
        """Return every layer's activations before and now; None: as `predict`."""
        if not self._has_head:
            return None
        return trace_activations(self.network, self._initial_network, self.inputs())
