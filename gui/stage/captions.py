"""Captions on the stage: the longest text that fits, and what is visible of a large layer."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from gui.matrices.heatmap import INSET
from gui.matrices.viewport import Viewport
from gui.theme import SMALL, appearance, font
from gui.widgets.box import hbox
from gui.widgets.label import Label

SHOW_ALL = "show all"
SHOW_ALL_TOOLTIP = "Back to the whole layer (0 or Escape)"
ZOOM_HINT = "Scroll to zoom, drag to pan, double-click to see single cells"


class FittingLabel(Label):
    """Shows the longest of its texts that fits; as wide as the shortest at least.

    Args: reserved: a text for which there is always room, so that showing it moves nothing.
    """

    def __init__(self, parent: QWidget | None = None, *, reserved: str = "") -> None:
        self._reserved = reserved
        self._texts: tuple[str, ...] = ()
        super().__init__(scale=SMALL, colour="muted")
        self.setParent(parent)

    def show_texts(self, *texts: str) -> None:
        """Set the texts, the longest first; without any it takes no space."""
        if texts != self._texts:
            self._texts = texts
            self._choose()
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size of the shortest text."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the size of the shortest text."""
        if not self._texts:
            return QSize(0, 0)
        margins, line = self.contentsMargins(), QFontMetrics(self.font()).height()
        width = max(map(self.advance, (self._texts[-1], self._reserved)))
        return QSize(margins.left() + width, margins.top() + line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose the text anew."""
        super().resizeEvent(event)
        self._choose()

    def changeEvent(self, event: QEvent) -> None:
        """Qt's hook: in a larger font another text fits, though the place is the same."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._choose()

    def _choose(self) -> None:
        width = self.contentsRect().width()
        fitting = (text for text in self._texts if self.advance(text) <= width)
        self.show_text(next(fitting, self._texts[-1] if self._texts else ""))


class ViewCaption(QWidget):
    """The line under a large layer: its visible part, and a button back to the whole."""

    overview_requested = Signal()

    def __init__(self, layer: str, subject: str) -> None:
        super().__init__()
        self.setObjectName(f"caption.{layer}")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._shown: tuple[object, ...] = ()
        self._words = FittingLabel()
        self._button = QToolButton()
        self._button.setText(SHOW_ALL)
        self._button.setToolTip(SHOW_ALL_TOOLTIP)
        self._button.setAccessibleName(f"{SHOW_ALL} of {subject}")
        self._button.setProperty("role", "caption")
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self._button.clicked.connect(self.overview_requested)
        self._button.hide()
        self._row = hbox(self._button, (self._words, 1), on=self, margins=(INSET, 0, 0, 0))
        self.hide()

    def show_viewport(self, viewport: Viewport | None) -> None:
        """Describe the visible part; None: the layer is small."""
        shown = viewport, appearance.text_scale
        if shown == self._shown:  # as with nearly every frame
            return
        self._shown = shown
        zoomed = viewport is not None and not viewport.whole
        self._button.setFont(font(SMALL))
        self._button.setVisible(zoomed)
        texts = [] if viewport is None else [viewport.description()]
        if viewport is not None and zoomed:
            texts += viewport.range_text(), viewport.short_range_text()
        self._words.show_texts(*filter(None, texts))
        self._words.setToolTip("\n".join((*texts[:1], ZOOM_HINT)).strip() if texts else "")
        self._row.activate()

    def sizeHint(self) -> QSize:
        """Return the height of a line; any width will do."""
        return QSize(0, QFontMetrics(font(SMALL)).height())

    def text(self) -> str:
        """Return the text, shortened as needed."""
        return self._words.text()
