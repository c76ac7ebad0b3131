"""Rail: the narrow column of labelled icons at the left edge of the window."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.actions.table import tooltip_of
from gui.session import Session
from gui.shell.rail_sample import RailSample
from gui.theme import MAX_ICON_SCALE, SMALL, SPACE, appearance, font
from gui.widgets.box import vbox
from gui.widgets.button import ThemedIconButton
from gui.widgets.keyboard import make_one_stop

WIDTH = 60
"""Pixels at the ordinary text size."""


class RailButton(ThemedIconButton):
    """Checkable icon with its name below. Args: icon_name: as in `ThemedIconButton`."""

    icon_pixels = 20

    def __init__(self, icon_name: str, name: str, hint: str, object_name: str) -> None:
        super().__init__(icon_name, None, object_name=object_name)
        self.setText(name)
        self.setToolTip(hint)
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setProperty("role", "rail")
        self._on_appearance_changed()

    def _apply_style(self) -> None:
        # Larger names would take the stage's place.
        self.setFont(font(SMALL * min(1.0, MAX_ICON_SCALE / appearance.text_scale)))


class Rail(QWidget):
    """Opens and folds the left column, and opens the page of methods.

    While the column is folded the sample at hand stands at its foot.
    """

    column_wanted = Signal(bool)
    """Whether the left column is to be open."""
    methods_wanted = Signal()
    """The page of methods is to be shown, or left."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setProperty("role", "panel")
        self._sample = RailSample(session)
        self._column = RailButton(
            "book-open", "Lessons", "Lessons and the current sample (L)", "railLessons"
        )
        self._methods = RailButton("compass", "Methods", tooltip_of("methods"), "openChoices")
        margins = SPACE // 2, SPACE, SPACE // 2, SPACE
        parts = self._column, self._methods, 1, self._sample
        vbox(*parts, on=self, spacing=SPACE // 2, margins=margins)
        make_one_stop(self, Qt.Orientation.Vertical)
        self._column.clicked.connect(self.column_wanted)
        self._methods.clicked.connect(self.methods_wanted)
        appearance.changed.connect(self._on_appearance_changed)
        self._on_appearance_changed()

    def show_state(self, *, column: bool, methods: bool) -> None:
        """Mark what is open. Args: column: the left column.  methods: the page of methods."""
        self._column.setChecked(column)
        self._methods.setChecked(methods)
        self._sample.setVisible(not column)

    @Slot()
    def _on_appearance_changed(self) -> None:
        self.setFixedWidth(round(WIDTH * appearance.icon_scale))
