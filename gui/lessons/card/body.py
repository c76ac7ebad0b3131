"""Text of a card: its Markdown with the runs' numbers filled in, and its blocks of code."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from gui.lessons.card.code import CodeView
from gui.lessons.card.prose import Prose
from gui.lessons.code_block import Passage, passages
from gui.lessons.expression import Results, fill, known_part
from gui.theme import SPACE
from gui.widgets.box import vbox


class CardBody(QWidget):
    """Column of paragraphs and of code, in the order of the text."""

    def __init__(self) -> None:
        super().__init__()
        self._passages: list[Passage] = []
        self._parts: list[Prose | CodeView] = []
        self._column = vbox(on=self, spacing=SPACE)

    @property
    def problems(self) -> tuple[str, ...]:
        """Messages about formulas and pictures that could not be shown."""
        return tuple(problem for part in self._parts for problem in part.problems)

    def text(self) -> str:
        """Return the text without markup, its formulas as TeX."""
        return "\n".join(part.text() for part in self._parts)

    def show_text(self, text: str, results: Results, folder: Path | None) -> None:
        """Show a card's text. Args: results: of the runs.  folder: of its pictures."""
        wanted = list(passages(text))
        kinds = [passage.is_code for passage in wanted]
        if kinds != [passage.is_code for passage in self._passages]:
            self._rebuild(kinds)
        self._passages = wanted
        for passage, part in zip(wanted, self._parts, strict=True):
            if isinstance(part, CodeView):
                part.show_code(passage.text, passage.language)
            else:
                told = known_part(fill(passage.text, results))
                part.show_markdown(told, folder)
                part.setVisible(bool(told))

    def _rebuild(self, kinds: list[bool]) -> None:
        for part in self._parts:
            self._column.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts = [CodeView() if is_code else Prose() for is_code in kinds]
        for part in self._parts:
            self._column.addWidget(part)
