"""The text of a card: Markdown, formulas on the baseline, pictures of the lesson's own folder."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from gui.lessons.card.prose import ClosedDocument, Prose
from gui.lessons.images import MAX_FILE_BYTES, PictureError, load_picture
from gui.palette import DARK, LIGHT
from gui.theme import Scheme, appearance

pytestmark = pytest.mark.usefixtures("dressed")


def read(qtbot: QtBot, text: str, folder: Path | None = None, width: int = 280) -> Prose:
    prose = Prose()
    qtbot.addWidget(prose)
    prose.show_markdown(text, folder)
    prose.resize(width, prose.heightForWidth(width))
    prose.show()
    return prose


def ink(prose: Prose) -> np.ndarray:
    """(height, width) how far each pixel is from the emptiest one."""
    image = prose.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    size = image.size()
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(size.height(), -1)
    pixels = flat[:, : size.width()].astype(int)
    return np.abs(pixels - pixels[-1, -1])


def colours(prose: Prose) -> set[str]:
    image = prose.grab().toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_a_formula_stands_on_the_baseline(qtbot: QtBot) -> None:
    # Neither x nor the letters of the formula reach below the line.
    pixels = ink(read(qtbot, "x $W$ x", width=120))
    columns = np.flatnonzero((pixels > 60).any(axis=0))
    gaps = np.flatnonzero(np.diff(columns) > 2)
    words = np.split(columns, gaps + 1)
    assert len(words) == 3
    lowest = [int(np.flatnonzero((pixels[:, word] > 60).any(axis=1)).max()) for word in words]
    assert max(lowest) - min(lowest) <= 1


def test_a_formula_takes_room_and_the_text_goes_on(qtbot: QtBot) -> None:
    without = read(qtbot, "so is the change, and more of it is to be said here")
    tall = read(qtbot, r"so is the change, $\frac{\alpha}{r}$ and more of it is to be said here")
    assert without.height() < tall.height() < 2 * without.height()
    assert tall.problems == ()
    assert r"\frac" in tall.text() and "$" not in tall.text()


def test_a_formula_alone_is_set_larger(qtbot: QtBot) -> None:
    inside, alone = (ink(read(qtbot, text)) > 60 for text in ("a $W$", "$W$"))
    # "a" is lower than the formula, whose height is that of all ink
    heights = [int(np.ptp(np.flatnonzero(pixels.any(axis=1)))) for pixels in (inside, alone)]
    assert heights[1] > 1.15 * heights[0]


def test_a_formula_never_stands_out_of_the_card(qtbot: QtBot) -> None:
    prose = read(
        qtbot, r"$\Delta W = \frac{\alpha}{r} B A + \Delta W + \Delta W + \Delta W$", None, 150
    )
    right = np.flatnonzero((ink(prose) > 60).any(axis=0)).max()
    assert 120 < right < 150


def test_what_cannot_be_set_stays_as_it_was_written_and_is_told(qtbot: QtBot) -> None:
    prose = read(qtbot, r"A $\foo$ and $W$")
    assert prose.problems == (r"\foo: no such command",)
    assert ink(prose).max() > 60


def test_formulas_follow_the_theme(qtbot: QtBot) -> None:
    prose = read(qtbot, "$W$")
    assert LIGHT.text in colours(prose)
    appearance.set_scheme(Scheme.DARK)
    try:
        assert DARK.text in colours(prose)
    finally:
        appearance.set_scheme(Scheme.LIGHT)


def test_the_text_grows_with_the_text_size(qtbot: QtBot) -> None:
    prose = read(qtbot, "A few words of $W$ that fill more than a single line of this card.")
    before = prose.heightForWidth(280)
    appearance.set_text_scale(1.6)
    try:
        assert prose.heightForWidth(280) > 1.5 * before
    finally:
        appearance.set_text_scale(1.0)


def test_a_narrow_column_is_higher(qtbot: QtBot) -> None:
    prose = read(qtbot, "A few words that fill more than a single line of this card, $W$.")
    assert prose.heightForWidth(140) > 1.4 * prose.heightForWidth(280)


def test_a_picture_of_the_folder_is_drawn(qtbot: QtBot, tmp_path: Path) -> None:
    image = QImage(QSize(50, 30), QImage.Format.Format_RGB32)
    image.fill(QColor("#d0006f"))
    assert image.save(str(tmp_path / "plot.png"))
    assert image.save(str(tmp_path / "photo.jpg"))
    prose = read(qtbot, "![a picture](plot.png)", tmp_path)
    assert prose.problems == ()
    assert "#d0006f" in colours(prose)
    assert load_picture(tmp_path, "photo.jpg", 300.0, 1.0).size() == QSize(50, 30)
    assert load_picture(tmp_path, "plot.png", 25.0, 1.0).width() == 25  # as wide as there is room


def test_html_is_text(qtbot: QtBot, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    prose = read(qtbot, f"<img src='{secret}'> <b>bold</b>", tmp_path)
    assert "<img" in prose.text()
    assert prose.findChildren(ClosedDocument)[0].refused == {}
    assert "<b>bold</b>" in prose.findChildren(ClosedDocument)[0].toPlainText()


@pytest.mark.parametrize(
    "name",
    ["../secret.png", "/etc/hostname", "sub/a.png", "file:///tmp/a.png",
     "https://example.org/a.png",
     "C:\\a.png", "~/a.png", "a.gif", "a.svg", "none.png", ".hidden.png", "link.png", "qrc:/a.png",
     "folder.png"],
)  # fmt: skip
def test_nothing_from_outside_the_folder(qtbot: QtBot, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "lessons"
    folder.mkdir()
    (folder / "folder.png").mkdir()
    image = QImage(QSize(4, 4), QImage.Format.Format_RGB32)
    for secret in (tmp_path / "secret.png", folder / ".hidden.png"):
        assert image.save(str(secret))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    prose = read(qtbot, f"![x]({name})", folder)
    assert len(prose.problems) == 1
    assert prose.problems[0]
    with pytest.raises(PictureError):
        load_picture(folder, name, 100.0, 1.0)


def test_what_is_refused_is_not_drawn_in_another_way(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Qt opens by itself the file of a picture that it was given nothing for.
    folder, elsewhere = tmp_path / "lessons", tmp_path / "elsewhere"
    for point_at in (folder, elsewhere):
        point_at.mkdir()
    image = QImage(QSize(50, 30), QImage.Format.Format_RGB32)
    image.fill(QColor("#d0006f"))
    secret = elsewhere / "secret.png"
    assert image.save(str(secret))
    monkeypatch.chdir(elsewhere)
    for name in (str(secret), f"file://{secret}", "secret.png"):
        prose = read(qtbot, f"![x]({name})", folder)
        assert "#d0006f" not in colours(prose), name
        assert prose.problems, name


def test_pictures_have_limits(tmp_path: Path) -> None:
    (tmp_path / "long.png").write_bytes(bytes(MAX_FILE_BYTES + 1))
    (tmp_path / "no.png").write_bytes(b"GIF89a")
    image = QImage(QSize(5000, 1), QImage.Format.Format_RGB32)
    assert image.save(str(tmp_path / "wide.png"))
    content = (tmp_path / "wide.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(content[:40])
    for name, reason in (("long.png", "larger than 4 MB"), ("no.png", "no PNG or JPEG"),
                         ("wide.png", "4,096 pixels"), ("cut.png", "no PNG or JPEG")):  # fmt: skip
        with pytest.raises(PictureError, match=reason):
            load_picture(tmp_path, name, 100.0, 1.0)


def test_a_text_that_has_no_place_yet_has_no_mistakes(qtbot: QtBot) -> None:
    prose = Prose()
    qtbot.addWidget(prose)
    prose.resize(1, 1)
    prose.show_markdown(r"$$L_{\mathrm{train}} \to 0, \quad L_{\mathrm{validation}} \to\ ?$$")
    assert prose.problems == ()
