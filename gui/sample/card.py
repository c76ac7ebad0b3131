"""Card that shows the selected sample."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.protocol.messages import Frame, SampleFrame
from gui.sample.class_bars import ClassBars
from gui.sample.picture import SamplePicture
from gui.sample.words import DRAWN, OTHER_CLASSES, verdict
from gui.session import Session
from gui.theme import SECONDARY, SPACE
from gui.widgets.box import hbox, vbox
from gui.widgets.button import IconButton
from gui.widgets.frame_throttle import SPEED_MILLISECONDS, FrameThrottle
from gui.widgets.label import Label
from gui.widgets.surface import rule

BAR_HEIGHT = 56  # pixels
NO_SAMPLE_YET = "A sample appears here once the engine is ready."


class SampleCard(QWidget):
    """A sample's picture, its class, and the network's verdicts before and now; ‹ and › step on."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._index = 0
        self.setObjectName("sampleCard")
        self._picture, self._bars = SamplePicture(), ClassBars(120, BAR_HEIGHT)
        self._title = Label(bold=True)
        self._position = Label(scale=SECONDARY, colour="muted")
        self._before = Label(scale=SECONDARY, colour="muted")
        self._after = Label(scale=SECONDARY, colour="target")
        self._previous = IconButton(
            "chevron-left", "Previous sample", object_name="previousSample", size=24, frame=False
        )
        self._next = IconButton(
            "chevron-right", "Next sample", object_name="nextSample", size=24, frame=False
        )
        self._hint = Label(NO_SAMPLE_YET, colour="muted", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        layout = vbox(rule(), on=self, spacing=SPACE, margins=(SPACE, 0, SPACE, 0))
        self._pages = QStackedLayout()
        layout.addLayout(self._pages)
        self._pages.addWidget(self._hint)
        self._pages.addWidget(self._new_page())
        self._previous.clicked.connect(self._on_previous_clicked)
        self._next.clicked.connect(self._on_next_clicked)
        self._throttle = FrameThrottle(self, SPEED_MILLISECONDS)
        self._throttle.due.connect(self._draw)
        session.state.frame_changed.connect(self._on_session_frame_changed)
        self._draw()

    def text(self) -> str:
        """Return the visible text: the sample's class and verdicts, or why there is none."""
        if self._pages.currentIndex() == 0:
            return self._hint.text()
        parts = (self._title, self._position, self._before, self._after)
        return " ".join(part.text() for part in parts)

    def _new_page(self) -> QWidget:
        page = QWidget()
        top = hbox(self._title, (self._position, 1), self._previous, self._next, spacing=SPACE // 2)
        bottom = Qt.AlignmentFlag.AlignBottom
        middle = hbox((self._picture, 0, bottom), (self._bars, 1, bottom), spacing=SPACE + 4)
        vbox(top, middle, self._before, self._after, 0, on=page, spacing=SPACE // 2)
        return page

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while it was hidden."""
        super().showEvent(event)
        self._throttle.request()

    @Slot()
    def _draw(self) -> None:
        frame = self._session.state.frame
        sample = None if frame is None else frame.sample
        if sample is not None:
            self._show(sample)
        elif frame is not None:
            self._hint.show_text(OTHER_CLASSES if frame.run > 0 else NO_SAMPLE_YET)
        self._pages.setCurrentIndex(0 if sample is None else 1)

    def _show(self, sample: SampleFrame) -> None:
        self._index = sample.index
        self._title.show_text(DRAWN if sample.drawn else f"Sample {sample.index + 1:,}")
        self._position.show_text("" if sample.drawn else f"of {sample.count:,}")
        self._before.show_text(f"before: {verdict(sample, sample.before)}")
        self._after.show_text(f"now: {verdict(sample, sample.after)}")
        self._picture.show_picture(sample.picture, sample.names)
        self._bars.show_classes(sample.classes, sample.label, sample.before, sample.after)

    @Slot(object)
    def _on_session_frame_changed(self, frame: Frame) -> None:
        same = frame.sample is not None and frame.sample.index == self._index
        if frame.playing and same:  # only the network's verdict changes, and that with each step
            self._throttle.request()
        else:
            self._throttle.draw_now()

    @Slot()
    def _on_previous_clicked(self) -> None:
        self._session.view_requests.show_sample(self._index - 1)

    @Slot()
    def _on_next_clicked(self) -> None:
        self._session.view_requests.show_sample(self._index + 1)
