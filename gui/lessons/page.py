"""An open lesson: its name, its dots, the card at hand, and the way back and on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui.lessons.card.card import CardView
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.lessons.controller import LessonController
from gui.lessons.highlight_targets import HANDLED
from gui.session import Session
from gui.theme import SPACE, appearance
from gui.widgets.button import IconButton
from gui.widgets.label import ElidedLabel
from gui.widgets.surface import scroll_area

SMALL = 0.88
"""Of a lesson's text."""
CONTROLS_HINT = " · H: controls"
"""For a lecturer, of a card that speaks of what is hidden before a room."""
RADIUS, LARGE = 3.5, 5.0
"""Of a dot, in logical pixels, and of the one at hand."""


class Dots(QWidget):
    """One dot for each card: filled where it was read, large where one is; a click leads there."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._count, self._at = 0, 0
        self._read: frozenset[int] = frozenset()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        appearance.changed.connect(self._on_appearance_changed)

    def show_place(self, count: int, at: int, read: frozenset[int]) -> None:
        """Show where one is. Args: at: index.  read: indices of the cards that were read."""
        self._count, self._at, self._read = count, at, read
        self.setAccessibleName(f"Card {at + 1} of {count}")
        self.setToolTip(f"Card {at + 1} of {count}")
        self.update()

    def sizeHint(self) -> QSize:
        """Qt's hook."""
        return QSize(80, 2 * SPACE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt's hook: to the card of the nearest dot."""
        if self._count and event.button() == Qt.MouseButton.LeftButton:
            away = [abs(self._x(index) - event.position().x()) for index in range(self._count)]
            self.chosen.emit(away.index(min(away)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Qt's hook."""
        theme, painter = appearance.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index in range(self._count):
            here = index == self._at
            colour = QColor(theme.accent if here or index in self._read else theme.hatch)
            painter.setPen(QPen(colour, 1.2))
            filled = here or index in self._read
            painter.setBrush(colour if filled else Qt.BrushStyle.NoBrush)
            radius = LARGE if here else RADIUS
            painter.drawEllipse(QPointF(self._x(index), self.height() / 2), radius, radius)
        painter.end()

    def _x(self, index: int) -> float:
        gap = min(16.0, (self.width() - 2 * LARGE) / max(self._count, 1))
        return LARGE + 1 + gap * index

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.update()


class LessonPage(QWidget):
    """The face of the panel that shows the lesson at hand."""

    def __init__(self, guide: LessonController, session: Session) -> None:
        super().__init__()
        self._guide, self._session = guide, session
        self._leave = IconButton("chevron-left", "All lessons", object_name="allLessons", size=28,
                                 frame=False)  # fmt: skip
        self._name = ElidedLabel(bold=True)
        self.card = CardView(guide, session)
        self.area = scroll_area(self.card)
        self.dots = Dots()
        self._back, self._next = RunButton("cardBack"), RunButton("cardNext")
        for button in (self._back, self._next):
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self._place = CardText(scale=SMALL, colour="muted")
        self._place.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.problem = CardText(scale=SMALL, wrap=True)
        self.problem.setProperty("role", "warning")
        self.problem.hide()
        self._lay_out()
        self._leave.clicked.connect(guide.leave)
        self.dots.chosen.connect(guide.go)
        self._back.clicked.connect(guide.back)
        self._next.clicked.connect(self._on_next_clicked)

    def _lay_out(self) -> None:
        self._top = QWidget()
        top = QHBoxLayout(self._top)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(SPACE // 2)
        top.addWidget(self._leave)
        top.addWidget(self._name, 1)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(SPACE)
        foot.addWidget(self._back)
        foot.addWidget(self._place, 1)
        foot.addWidget(self._next)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE // 2, 0, SPACE // 2, 0)
        column.setSpacing(SPACE)
        column.addWidget(self._top)
        column.addWidget(self.dots)
        column.addWidget(self.problem)
        column.addWidget(self.area, 1)
        column.addWidget(self._foot)

    def show_alone(self, alone: bool) -> None:
        """Show the card without what leads elsewhere, for a clicker does that; or all."""
        for part in (self._top, self._back, self._next):
            part.setHidden(alone)
        self.refresh()

    def place_text(self) -> str:
        """Where one is, and before a room how to reach what the card speaks of."""
        return self._place.text()

    def show_problem(self, problem: str) -> None:
        """Say what became wrong with the lesson's file; the card stays as it was."""
        self.problem.show_text(problem)
        self.problem.setVisible(bool(problem))

    def turn(self) -> None:
        """Another card: one reads it from its beginning."""
        self.area.verticalScrollBar().setValue(0)

    def refresh(self) -> None:
        """Show how things stand."""
        guide = self._guide
        self.card.refresh()
        if guide.lesson is None:
            return
        self._name.show_text(f"{guide.lesson.number}\u2002{guide.lesson.title}")
        at, count = guide.index, guide.count
        self.dots.show_place(count, at, guide.answers.seen(guide.lesson.key))
        handled = guide.card is not None and not HANDLED.isdisjoint(guide.card.highlight)
        hint = CONTROLS_HINT if appearance.projecting and self._top.isHidden() and handled else ""
        self._place.show_text(f"{at + 1} of {count}{hint}")
        last = at == count - 1
        self._back.show_state("‹ Back", enabled=at > 0, primary=False)
        self._next.show_state("Done ✓" if last else "Next ›", primary=not self._waits())

    def _waits(self) -> bool:
        """Whether the card has a run or a question left that one would do first."""
        guide, card = self._guide, self._guide.card
        if card is None or guide.under_way is not None:
            return card is not None
        unmade = any(run.name not in guide.records for run in card.runs)
        unanswered = card.question is not None and guide.answer(card.question) is None
        return unmade or unanswered or bool(guide.missing(card))

    @Slot()
    def _on_next_clicked(self) -> None:
        if self._guide.index == self._guide.count - 1:
            self._guide.leave()
        else:
            self._guide.next()
