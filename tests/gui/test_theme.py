"""Text stays legible when the colours are switched while the window stands."""

import itertools

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QDoubleSpinBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.settings import Settings
from gui.controls.boxes import SeedBox
from gui.controls.value_slider import ValueSlider
from gui.lessons.card.prose import Prose
from gui.palette import DARK, LIGHT, Theme
from gui.session import Session
from gui.shell.notice_toast import NoticeToast
from gui.theme import Scheme, appearance
from gui.widgets.button import IconButton
from gui.widgets.slider import Slider
from tests.gui.patience import settle
from tests.gui.shell_frames import FakeSession


def _ink(widget: QWidget, colour: str) -> int:
    """Pixels that are nearly of this colour."""
    wanted = QColor(colour)
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(abs(pixel.lightness() - wanted.lightness()) < 25 for pixel in pixels)


@pytest.mark.parametrize("kind", ["notice", "lesson"])
def test_text_takes_the_new_colour(qtbot: QtBot, kind: str) -> None:
    appearance.start(Scheme.LIGHT)
    page = QWidget()
    qtbot.addWidget(page)
    if kind == "notice":
        session = Session(Settings())
        foot = QWidget(page)
        foot.setGeometry(0, 120, 420, 1)
        widget: QWidget = NoticeToast(session, page, foot)
        session.notices.report_error("Something went wrong, and here is a long line that says so.")
    else:
        widget = Prose()
        widget.show_markdown("A card's text with a formula, $W' = W + \\Delta W$, and more of it.")
        widget.setParent(page)
        widget.resize(420, 60)
    page.resize(420, 121)
    page.show()
    for scheme, theme in ((Scheme.LIGHT, LIGHT), (Scheme.DARK, DARK), (Scheme.LIGHT, LIGHT)):
        appearance.set_scheme(scheme)
        settle()
        assert _ink(page, theme.text) > 100, scheme


def _luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in QColor(colour).getRgbF()[:3])
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("count", "apart"), [(12, 40), (24, 20), (48, 16)])
def test_every_layer_has_a_colour_of_its_own_that_can_be_read(
    theme: Theme, count: int, apart: int
) -> None:
    """Args: apart: least distance of two colours, in 255ths of red, green and blue together."""
    colours = [theme.layer_colour(number) for number in range(1, count + 1)]
    for one, other in itertools.combinations(colours, 2):
        parts = zip(QColor(one).getRgb(), QColor(other).getRgb(), strict=True)
        assert sum(abs(a - b) for a, b in parts) >= apart, (one, other)
    for colour in colours:
        assert min(_contrast(colour, behind) for behind in (theme.page, theme.panel)) >= 4.4


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(
    "part",
    ["text", "muted", "accent", "target", "source", "good", "bad", "second_run", "third_run",
     "fourth_run"],
)  # fmt: skip
def test_contrast_is_that_of_readable_text(theme: Theme, part: str) -> None:
    for behind in (theme.page, theme.panel, theme.field):
        assert _contrast(getattr(theme, part), behind) >= 4.4


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_frames_and_axes_can_be_seen(theme: Theme) -> None:
    for behind in (theme.page, theme.panel, theme.field):
        assert _contrast(theme.line, behind) >= 2
        assert _contrast(theme.hatch, behind) >= 2


@pytest.mark.parametrize("country", ["ar_EG", "fa_IR", "de_DE", "hi_IN", "fr_CH"])
def test_numbers_are_written_alike_in_every_country(qtbot: QtBot, country: str) -> None:
    QLocale.setDefault(QLocale(country))
    appearance.start(Scheme.LIGHT)
    box = QDoubleSpinBox()
    qtbot.addWidget(box)
    box.setRange(-1e6, 1e6)
    for value, text in ((1234.5, "1234.50"), (-0.25, "-0.25")):
        box.setValue(value)
        assert box.text() == text == QLocale().toString(value, "f", 2)
    for kind in (lambda session: ValueSlider(session, "learning_rate"), SeedBox):
        shown = kind(FakeSession())
        qtbot.addWidget(shown)
        fields = shown.findChildren(QLineEdit) or [shown]
        assert [field.text() for field in fields] in (["0.003"], ["0"])


def test_a_text_size_is_reached_again_exactly(qtbot: QtBot) -> None:
    appearance.start(Scheme.LIGHT)
    sizes = []
    for steps in (1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1):
        appearance.step_text_scale(steps)
        sizes.append(appearance.chosen_scale)
    assert sizes == [1.1, 1.25, 1.5, 1.75, 2.0, 2.0, 1.75, 1.5, 1.25, 1.1, 1.0]
    appearance.set_text_scale(1.43)  # as remembered from an older version
    appearance.step_text_scale(1)
    assert appearance.chosen_scale == 1.75
    appearance.step_text_scale(0)
    assert appearance.chosen_scale == 1.0


def test_icons_grow_with_the_text(qtbot: QtBot) -> None:
    appearance.start(Scheme.LIGHT)
    button, slider = IconButton("play", "Play", size=32), Slider()
    qtbot.addWidget(button)
    qtbot.addWidget(slider)
    before = button.width(), button.iconSize().width(), slider.height()
    appearance.set_text_scale(2.0)
    try:
        after = button.width(), button.iconSize().width(), slider.height()
        assert [one / other for one, other in zip(after, before, strict=True)] == [1.5] * 3
    finally:
        appearance.set_text_scale(1.0)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_colour_table_is_symmetric_about_zero_and_marks_what_is_not_finite(
    theme: Theme,
) -> None:
    table = [QColor.fromRgb(value) for value in theme.table]
    assert len(table) == 256
    assert table[127] == QColor(theme.negative_to_positive[3])
    assert table[255] == QColor(theme.not_finite)
    for step in range(1, 128):
        low, high = table[127 - step], table[127 + step]
        assert abs(_luminance(low.name()) - _luminance(high.name())) < 0.12
