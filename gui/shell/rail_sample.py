"""The sample at hand in the rail: what goes into the network, and the class that comes out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from engine.protocol.messages import Frame
from gui.sample.picture import SamplePicture
from gui.sample.words import short_verdict, verdict
from gui.session import Session
from gui.theme import SMALL, SPACE, TINY
from gui.widgets.box import vbox
from gui.widgets.frame_throttle import SPEED_MILLISECONDS, FrameThrottle
from gui.widgets.label import ElidedLabel, Label

PICTURE_SIDE = 48
"""Pixels."""


class RailSample(QWidget):
    """A small picture of the sample, with the classes that W and W′ give it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setObjectName("railSample")
        self._picture = SamplePicture(PICTURE_SIDE)
        self._before, self._now = ElidedLabel(scale=SMALL), ElidedLabel(scale=SMALL, bold=True)
        captions = [Label(word, scale=TINY, colour="muted") for word in ("before", "now")]
        for label in (*captions, self._before, self._now):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._column = QWidget()
        picture = (self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        before, now = vbox(captions[0], self._before), vbox(captions[1], self._now)
        vbox(picture, before, now, on=self._column, spacing=SPACE // 2)
        vbox(self._column, on=self)
        self._throttle = FrameThrottle(self, SPEED_MILLISECONDS)
        self._throttle.due.connect(self._draw)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        self._draw()

    @Slot()
    def _draw(self) -> None:
        frame = self._session.state.frame
        sample = None if frame is None else frame.sample
        self._column.setVisible(sample is not None)
        if sample is None:
            return
        self._picture.show_picture(sample.picture, sample.names)
        self._before.show_text(short_verdict(sample, sample.before))
        self._now.show_text(short_verdict(sample, sample.after))
        before, now = (verdict(sample, p) for p in (sample.before, sample.after))
        self.setToolTip(f"Sample {sample.index + 1:,}\nbefore: {before}\nnow: {now}")
        self.setAccessibleDescription(self.toolTip())

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        if frame.playing:
            self._throttle.request()
        else:
            self._throttle.draw_now()
