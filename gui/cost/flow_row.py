"""Row of widgets that goes on in another line where there is no room for one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import SPACE


class FlowRow(QWidget):
    """Widgets side by side from the left, in as many lines as they need."""

    def __init__(self, *parts: QWidget, gap: int = SPACE // 2) -> None:
        """Args: gap: between parts, in pixels."""
        super().__init__()
        self._parts, self._gap = list(parts), gap
        for part in parts:
            part.setParent(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, part: QWidget) -> None:
        """Add a widget at the end."""
        part.setParent(self)
        self._parts.append(part)
        part.show()
        self.updateGeometry()

    def hasHeightForWidth(self) -> bool:
        """Return that more lines are needed in less width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all lines. Args: width: in pixels."""
        return self._arrange(width, move=False)

    def sizeHint(self) -> QSize:
        """Return the size in the present width."""
        return QSize(80, self._arrange(max(self.width(), 80), move=False))

    def minimumSizeHint(self) -> QSize:
        """Return room for the widest."""
        widest = max((part.sizeHint().width() for part in self._parts), default=0)
        return QSize(widest, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """Arrange them anew when one of them is another size, shown or hidden."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._arrange(self.width(), move=True)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange them in the new width."""
        super().resizeEvent(event)
        self._arrange(self.width(), move=True)
        self.updateGeometry()

    def _arrange(self, width: int, *, move: bool) -> int:
        """Return the height of the lines. Args: move: whether to place the widgets."""
        x, y, line = 0, 0, 0
        for part in self._parts:
            if part.isHidden():
                continue
            size = part.sizeHint()
            if x and x + size.width() > width:
                x, y, line = 0, y + line + self._gap, 0
            if move:
                part.setGeometry(x, y, size.width(), size.height())
            x, line = x + size.width() + self._gap, max(line, size.height())
        return y + line
