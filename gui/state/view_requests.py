"""View requests: what coming frames include. They are sent again when the engine is restarted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from engine.protocol.messages import (
    Array,
    DrawSample,
    FrameOptions,
    NumberedCommand,
    PartRequest,
    SetViews,
    ShowSample,
)


class ViewRequests(QObject):
    """The sample, the measurements of open pages, and the visible parts of large layers."""

    frame_options_changed = Signal(object)
    """FrameOptions: what coming frames include beside the layers."""

    def __init__(self, send: Callable[[NumberedCommand], int]) -> None:
        """Args: send: sends a command to the engine."""
        super().__init__()
        self._send = send
        self._sample = 0
        self.drawing: Array | None = None
        """(8, 8) in 0…1: the user's drawing, shown in place of a sample; None: there is none."""
        self.change: int | None = None
        """Amount of the task's change that the sample is shown with; None: it is as it is."""
        self.frame_options = FrameOptions()
        """Options of coming frames, beside the layers."""
        self._views: tuple[PartRequest, ...] = ()
        self._sent_views: tuple[PartRequest, ...] = ()

    def set_options(self, **options: Any) -> None:
        """Change what coming frames include. Args: options: fields of `FrameOptions`."""
        new = replace(self.frame_options, **options)
        if new != self.frame_options:
            self.frame_options = new
            self._send(new)
            self.frame_options_changed.emit(new)

    def show_sample(self, index: int) -> None:
        """Show a test sample of the target task. Args: index: ≥ 0."""
        self._sample, self.drawing, self.change = index, None, None
        self._send(ShowSample(index))

    def draw_sample(self, picture: Array) -> None:
        """Show a picture of the user's own. Args: picture: (8, 8) in 0…1; 1 is ink."""
        self.drawing, self.change = picture, None
        self._send(DrawSample(picture))

    def change_sample(self, amount: int) -> None:
        """Change the sample or the drawing as the task does. Args: amount: see `TaskChange`."""
        self.change = amount
        if self.drawing is None:
            self._send(ShowSample(self._sample, amount))
        else:
            self._send(DrawSample(self.drawing, amount))

    def set_views(self, views: tuple[PartRequest, ...]) -> None:
        """Choose the parts of large layers to send from the next repaint. Args: views: one each."""
        self._views = views

    def send_views(self) -> None:
        """Send the visible parts if the engine does not know them yet."""
        if self._views != self._sent_views:
            self._sent_views = self._views
            self._send(SetViews(self._views))

    def resend(self, *, can_draw: bool) -> None:
        """Send everything to a new engine. Args: can_draw: whether samples are pictures."""
        self._send(ShowSample(self._sample, self.change))
        if can_draw and self.drawing is not None:
            self._send(DrawSample(self.drawing, self.change))
        if self.frame_options != FrameOptions():
            self._send(self.frame_options)
        self._sent_views = ()
        self.send_views()
