"""Widgets that show a text document, as high as it becomes in their width."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QPainter,
    QPalette,
    QTextDocument,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import appearance

MIN_WIDTH = 60
"""Pixels; the width for a text that has not been given one yet."""


def prepare(widget: QWidget, document: QTextDocument) -> None:
    """Let a document fill a widget, whose height follows from its width."""
    document.setUndoRedoEnabled(False)
    document.setDocumentMargin(0)
    policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    policy.setHeightForWidth(True)
    widget.setSizePolicy(policy)


def paint(widget: QWidget, document: QTextDocument, colour: str) -> None:
    """Draw a document on its widget. Args: colour: of its text, a name in the theme."""
    painter = QPainter(widget)
    context = QAbstractTextDocumentLayout.PaintContext()
    palette = widget.palette()
    palette.setColor(QPalette.ColorRole.Text, QColor(getattr(appearance.theme, colour)))
    context.palette = palette
    context.clip = QRectF(widget.rect())
    document.documentLayout().draw(painter, context)
    painter.end()
