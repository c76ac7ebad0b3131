"""The stage as a whole: what can be copied of it and done with it, whatever it shows."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from gui.widgets.copying import Copy, MenuRow, picture_of


class StageSurface(QWidget):
    """Offers its picture and the printer, in the menu of each of its parts as well."""

    def copies(self, _at: QPoint | None) -> tuple[Copy, ...]:
        """Return what can be copied of the stage as a whole."""
        return (Copy("Copy the picture of the stage", partial(picture_of, self)),)

    def menu_rows(self, _at: QPoint | None) -> tuple[MenuRow | str, ...]:
        """Return what can be done with the stage as a whole."""
        return ("print",)
