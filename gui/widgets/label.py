"""Labels: plain text in the program's font and colours, following both as they change."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy

from gui.theme import appearance, font

RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Label(QLabel):
    """Text shown exactly as it is, whatever signs it holds.

    Args: scale: of the ordinary text size.  colour: a colour of the theme, by name.
    widest: the longest text it will ever show: its size is fixed to that, so that a figure
    that changes with every frame moves nothing and costs no layout.
    """

    def __init__(
        self,
        text: str = "",
        *,
        scale: float = 1.0,
        bold: bool = False,
        colour: str = "text",
        widest: str = "",
        wrap: bool = False,
    ) -> None:
        super().__init__(text)
        self._scale, self._bold, self._colour, self._widest = scale, bold, colour, widest
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_text(self, text: str) -> None:
        """Show `text`; free where it is shown already."""
        if text != self.text():
            self.setText(text)

    def set_colour(self, colour: str) -> None:
        """Use another colour of the theme."""
        if colour != self._colour:
            self._colour = colour
            self._paint_with(colour)

    def event(self, event: QEvent) -> bool:
        """Keep font and colour: a style sheet, as it polishes a label, brings back older ones."""
        done = super().event(event)
        if event.type() in (QEvent.Type.Polish, QEvent.Type.StyleChange):
            self._on_appearance_changed()
        return done

    def _size(self) -> float:
        """Of the ordinary text size. A slot that a subclass overrides would outlive its widget."""
        return self._scale

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFont(font(self._size(), bold=self._bold))
        self._paint_with(self._colour)
        if self._widest:
            metrics = QFontMetrics(self.font())
            self.setFixedSize(metrics.horizontalAdvance(self._widest) + 2, metrics.height())

    def _paint_with(self, colour: str) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, QColor(getattr(appearance.theme, colour)))
        self.setPalette(palette)


class ElidedLabel(Label):
    """One line that gives way: what does not fit ends in “…” and is whole in the tooltip.

    Args: whole: before a room, where nobody sees tooltips, it says all or nothing.
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
        self._whole = text
        self._all_or_nothing = whole
        super().__init__(text, scale=scale, bold=bold, colour=colour)
        # Takes what is left, wants what it needs, and can do with nothing.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)

    def whole_text(self) -> str:
        """The text before it was shortened."""
        return self._whole

    def show_text(self, text: str) -> None:
        """Show as much of `text` as fits."""
        if text != self._whole:
            self._whole = text
            self._elide()

    def sizeHint(self) -> QSize:
        """Room for the whole text."""
        return QSize(self.fontMetrics().horizontalAdvance(self._whole) + 2, self._line_height())

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(1, self._line_height())

    def _line_height(self) -> int:
        margins = self.contentsMargins()
        return self.fontMetrics().height() + margins.top() + margins.bottom()

    def resizeEvent(self, event: object) -> None:
        """Fit the text anew."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(
            self._whole, Qt.TextElideMode.ElideRight, self.width()
        )
        if self._all_or_nothing and appearance.projecting and shown != self._whole:
            shown = ""
        if shown != self.text():
            self.setText(shown)
        self.setToolTip(self._whole if shown != self._whole else "")
        self.setAccessibleName(self._whole)
