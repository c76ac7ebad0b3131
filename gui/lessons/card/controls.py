"""Controls on a card before a room: the settings and locks that the card speaks of, large."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QButtonGroup, QWidget

from engine.protocol.setting import Integer
from engine.protocol.settings import SETTINGS
from gui.lessons.card.run_button import RunButton
from gui.lessons.card.type import CardText
from gui.session import Session
from gui.text.layers import layer_phrase
from gui.text.setting_text import field_label, shown_text, shown_value
from gui.theme import LARGE, SPACE, appearance
from gui.widgets.box import hbox, vbox
from gui.widgets.slider import Slider

GROOVE, HANDLE = 8, 32
"""Heights of a slider's parts, in pixels."""
LOCK = ".lock"
"""End of a highlight's name that means a layer's lock."""


class RoomSlider(QWidget):
    """One setting as its name, its value and a slider that can be seen from the last row."""

    def __init__(self, session: Session, field: str) -> None:
        super().__init__()
        self._session, self._field = session, field
        self._scale = SETTINGS[field].slider
        self.value = CardText(scale=LARGE, bold=True)
        self.slider = Slider()
        self.slider.setFixedHeight(HANDLE + 4)
        self.slider.scale = self._scale
        self.slider.setRange(self._scale.first, self._scale.last)
        self.slider.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys are the clicker's
        self.slider.setAccessibleName(field_label(field))
        name = CardText(field_label(field), bold=True)
        vbox(hbox(name, 1, self.value), self.slider, on=self)
        self.slider.valueChanged.connect(self._on_slider_value_changed)
        session.state.settings_changed.connect(self._show)
        appearance.changed.connect(self._apply_style)
        self._apply_style()
        self._show()

    @Slot()
    def _show(self) -> None:
        settings = self._session.state.settings
        text = shown_text(self._field, settings)
        self.value.show_text(text)
        self.slider.speak(text)
        with QSignalBlocker(self.slider):
            self.slider.setValue(self._scale.position(shown_value(self._field, settings)))

    @Slot(int)
    def _on_slider_value_changed(self, position: int) -> None:
        self._session.editor.update(**{self._field: self._scale.value(position)})
        self._show()

    @Slot()
    def _apply_style(self) -> None:
        theme = appearance.theme
        self.slider.setStyleSheet(f"""
            QSlider::groove:horizontal {{ height: {GROOVE}px; border-radius: {GROOVE // 2}px;
                background: {theme.line}; }}
            QSlider::sub-page:horizontal {{ background: {theme.accent};
                border-radius: {GROOVE // 2}px; }}
            QSlider::handle:horizontal {{ width: {HANDLE - 6}px; height: {HANDLE - 6}px;
                margin: -{(HANDLE - GROOVE) // 2 - 1}px 0; border-radius: {HANDLE // 2 - 1}px;
                background: {theme.panel}; border: 3px solid {theme.accent}; }}
        """)


class RoomLocks(QWidget):
    """One button for each layer that locks it, or lets it train."""

    def __init__(self, session: Session, blocks: tuple[str, ...]) -> None:
        super().__init__()
        self._session, self._blocks = session, blocks
        self.buttons = [RunButton(f"roomLock.{block}") for block in blocks]
        group = QButtonGroup(self, exclusive=False)
        for index, button in enumerate(self.buttons):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            group.addButton(button, index)
        group.idClicked.connect(self._on_group_id_clicked)
        vbox(*self.buttons, on=self, spacing=SPACE // 2)
        session.state.settings_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        frozen = self._session.state.frozen_blocks()
        for block, button in zip(self._blocks, self.buttons, strict=True):
            name = layer_phrase(block)
            state = "frozen" if block in frozen else "trainable"
            button.show_state(f"{name[0].upper()}{name[1:]}: {state}", primary=block in frozen)

    @Slot(int)
    def _on_group_id_clicked(self, index: int) -> None:
        block = self._blocks[index]
        self._session.editor.freeze(block, block not in self._session.state.frozen_blocks())


def room_controls(session: Session, highlight: tuple[str, ...]) -> list[QWidget]:
    """Return new controls for the settings and locks among the names that a card highlights."""
    fields = {
        setting.key or field: field for field, setting in SETTINGS.items()
        if setting.section not in ("", "header", "boxes")
        and (setting.scale is not None or isinstance(setting.kind, Integer))
    }  # fmt: skip
    controls: list[QWidget] = [RoomSlider(session, fields[n]) for n in highlight if n in fields]
    locks = tuple(name.removesuffix(LOCK) for name in highlight if name.endswith(LOCK))
    return [*controls, RoomLocks(session, locks)] if locks else controls
