"""Labels: plain text in the program's font and colours, following both as they change."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.theme import appearance, font

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
"""Alignment of figures."""


class Label(QLabel):
    """Plain text in the theme's font and colours.

    Args: parent: of a label that is placed by coordinates and resizes itself to its text; None: it
    is in a layout.  scale: of the text; 1.0 is ordinary.  colour: name of a colour of the theme.
    widest: the longest text it will ever show: its size is fixed to that, so that a figure
    that changes with every frame moves nothing and costs no layout.  wrap: whether lines wrap.
    """

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        scale: float = 1.0,
        bold: bool = False,
        colour: str = "text",
        widest: str = "",
        wrap: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self._is_placed = parent is not None
        self._scale, self._bold, self._colour, self._widest = scale, bold, colour, widest
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_text(self, text: str) -> None:
        """Show a text; free where it is shown already."""
        if text != self.text():
            self.setText(text)
            self._fit()

    def advance(self, text: str) -> int:
        """Return the width of another text in this font, in pixels."""
        return QFontMetrics(self.font()).horizontalAdvance(text) + 1

    def centre_on(self, x: int, y: int) -> None:
        """Move the centre to (x, y) of the parent."""
        self.move(x - self.width() // 2, y - self.height() // 2)

    def set_colour(self, colour: str) -> None:
        """Set the colour. Args: colour: name of a colour of the theme."""
        if colour != self._colour:
            self._colour = colour
            self._apply_colour(colour)

    def event(self, event: QEvent) -> bool:
        """Qt's hook: keep font and colour; a style sheet that polishes brings back older ones."""
        done = super().event(event)
        if event.type() in (QEvent.Type.Polish, QEvent.Type.StyleChange):
            self._on_appearance_changed()
        return done

    def _size(self) -> float:
        """Return the text scale. A slot that a subclass overrides would outlive its widget."""
        return self._scale

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFont(font(self._size(), bold=self._bold))
        self._apply_colour(self._colour)
        if self._widest:
            metrics = QFontMetrics(self.font())
            self.setFixedSize(metrics.horizontalAdvance(self._widest) + 2, metrics.height())
        self._fit()

    def _fit(self) -> None:
        """Resize a placed label to its text."""
        if self._is_placed:
            metrics = QFontMetrics(self.font())
            # A sign from the fallback font can be taller than the line of the font itself.
            glyph_height = metrics.tightBoundingRect(self.text()).height()
            height = metrics.height() if glyph_height < metrics.height() else glyph_height + 2
            self.resize(self.advance(self.text()), height)

    def _apply_colour(self, colour: str) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(getattr(appearance.theme, colour)))
        self.setPalette(palette)


class ElidedLabel(Label):
    """One line that may be shortened: it then ends in “…”, and its tooltip has the full text.

    Args: whole: on a projector, where nobody sees tooltips, it shows all or nothing.
    """

    def __init__(
        self,
        text: str = "",
        *,
        scale: float = 1.0,
        bold: bool = False,
        colour: str = "text",
        whole: bool = False,
    ) -> None:
        self._full_text = text
        self._all_or_nothing = whole
        super().__init__(text, scale=scale, bold=bold, colour=colour)
        # Takes what is left, wants what it needs, and can do with nothing.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)

    def full_text(self) -> str:
        """Return the text before it was shortened."""
        return self._full_text

    def show_text(self, text: str) -> None:
        """Show as much of a text as fits."""
        if text != self._full_text:
            self._full_text = text
            self._elide()

    def sizeHint(self) -> QSize:
        """Qt's hook: the size of the full text."""
        return QSize(self.fontMetrics().horizontalAdvance(self._full_text) + 2, self._line_height())

    def minimumSizeHint(self) -> QSize:
        """Qt's hook: any width will do."""
        return QSize(1, self._line_height())

    def _line_height(self) -> int:
        margins = self.contentsMargins()
        return self.fontMetrics().height() + margins.top() + margins.bottom()

    def resizeEvent(self, event: object) -> None:
        """Qt's hook: shorten the text to the new width."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(
            self._full_text, Qt.TextElideMode.ElideRight, self.width()
        )
        if self._all_or_nothing and appearance.projecting and shown != self._full_text:
            shown = ""
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._full_text if shown != self._full_text else "")
        self.setAccessibleName(self._full_text)
