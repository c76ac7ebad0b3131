"""Glossary dialog: finds a symbol or word by what one types, and explains it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QTextDocument
from PySide6.QtWidgets import QLineEdit, QTextBrowser, QWidget

from gui.text.glossary import GlossaryEntry, entries, entry_of_part, glossary
from gui.theme import HEADING, SPACE, TEXT_POINTS, appearance, font
from gui.widgets.box import vbox
from gui.widgets.dialog import Dialog

WIDTH = 680
"""Pixels at the ordinary text size."""
FOUND_TITLE, NOTHING = "Found", "Nothing here is called that. Try another word."
SCROLL_KEYS = frozenset({Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown})
"""Keys that scroll the entries although somebody is typing."""


class GlossaryDialog(Dialog):
    """A field above the entries that fit it, the best first; without a word all, in groups."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, "Glossary", "glossaryDialog", WIDTH)
        self.marked: GlossaryEntry | None = None
        """The entry that somebody asked for."""
        self.close_button.setAutoDefault(False)  # Enter ends a word that is looked for
        self.close_button.setDefault(False)
        self._field = QLineEdit()
        self._field.setPlaceholderText("Find a symbol or a word: ΔW, delta, rank, hatched …")
        self._field.setAccessibleName("Find in the glossary")
        self._field.setClearButtonEnabled(True)
        self._field.installEventFilter(self)
        self._page = QTextBrowser()
        self._page.setObjectName("glossaryPage")
        self._page.setAccessibleName("Entries")
        self._page.setOpenLinks(False)
        self._page.setTabChangesFocus(True)
        content = QWidget()
        vbox(self._field, (self._page, 1), on=content, spacing=SPACE)
        self.lay_out(content, scrolls=False)
        self._field.textChanged.connect(self._on_field_text_changed)
        appearance.changed.connect(self._show)
        self._show()

    def show_entry_of(self, *widgets: QWidget) -> None:
        """Mark the entry that explains one of the widgets, or what is around it, and show all."""
        self._field.clear()
        found = (entry_of_widget(widget) for widget in widgets)
        self.marked = next(filter(None, found), None)
        self._show()
        self._field.setFocus()

    def text(self) -> str:
        """Return all that is shown."""
        return self._page.toPlainText()

    @Slot()
    def _on_field_text_changed(self) -> None:
        self.marked = None
        self._show()

    @Slot()
    def _show(self) -> None:
        document = QTextDocument(self._page)
        document.setDefaultFont(font())
        document.setDocumentMargin(SPACE)
        document.setHtml(_page(find(self._field.text()), self.marked))
        self._page.setDocument(document)
        if self.marked is not None:
            self._page.scrollToAnchor("marked")

    def eventFilter(self, field: QObject, event: QEvent) -> bool:
        """Qt's hook: arrows and Page ↑ ↓ scroll while the field has the keyboard."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in SCROLL_KEYS:
                self._page.keyPressEvent(event)
                return True
        return super().eventFilter(field, event)


def entry_of_widget(widget: QWidget) -> GlossaryEntry | None:
    """Return the entry that explains a widget, or the nearest widget around it that has one."""
    around: QWidget | None = widget
    while around is not None:
        entry = entry_of_part(around.objectName())
        if entry is not None:
            return entry
        around = around.parentWidget()
    return None


def find(typed: str) -> dict[str, tuple[GlossaryEntry, ...]]:
    """Return the entries that fit what is typed, the best first; all groups for nothing."""
    if not typed.strip():
        return glossary()
    ranked = [(rank, one) for one in entries() if (rank := one.rank(typed)) is not None]
    return {FOUND_TITLE: tuple(one for _, one in sorted(ranked, key=lambda pair: pair[0]))}


def _page(groups: dict[str, tuple[GlossaryEntry, ...]], marked: GlossaryEntry | None) -> str:
    """Return the entries as HTML. Args: marked: the one that somebody asked for."""
    theme = appearance.theme
    if not any(groups.values()):
        return f'<p style="color:{theme.muted}">{NOTHING}</p>'
    size = TEXT_POINTS * appearance.text_scale * HEADING
    rows: list[str] = []
    for title, found in groups.items():
        above = 2 * SPACE if rows else 0
        rows.append(
            f'<tr><td colspan="2" style="padding:{above}px 0 {SPACE // 2}px {SPACE}px; '
            f'font-size:{size}pt; font-weight:600">{escape(title)}</td></tr>'
        )
        rows += [_row(one, is_marked=one is marked) for one in found]
    return f'<table width="100%" cellspacing="0">{"".join(rows)}</table>'


def _row(entry: GlossaryEntry, *, is_marked: bool) -> str:
    theme = appearance.theme
    anchor = '<a name="marked"></a>' if is_marked else ""
    colour = f' bgcolor="{theme.accent_soft}"' if is_marked else ""
    padding = f"padding:{SPACE // 2}px {SPACE}px"
    return (
        f'<tr{colour}><td width="26%" style="{padding}; font-weight:600">{anchor}'
        f'{escape(entry.term)}</td><td style="{padding}">{escape(entry.text)}</td></tr>'
    )
