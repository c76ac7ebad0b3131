"""Context menus and copying: what each part of the window offers, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QCursor, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine.protocol.messages import Branch, CellAddress, DropBranch, FrameOptions, Timeline
from gui.actions.context_menu import ContextMenu
from gui.analysis.bar_table import BarTable
from gui.compare.table import ComparisonTable
from gui.cost.parts_table import MEMORY_PARTS, PartsTable, memory_segments
from gui.inspector.sheet import LineView
from gui.matrices.heatmap import Heatmap
from gui.network_page.heatmaps import Activations, Thumbnail
from gui.plots.copied_values import curve_rows
from gui.plots.line_plot import LinePlot
from gui.plots.plot_spec import Curve, PlotSpec
from gui.shell.context_menus import NOTHING
from gui.shell.page_stack import COMPARE, METHOD_GUIDE, NETWORK, STAGE
from gui.timeline.lane import LaneName
from gui.widgets.copying import CanCopy
from gui.widgets.selectable_label import SelectableLabel
from tests.gui.comparisons import comparison, row
from tests.gui.frames import frame, session_of
from tests.gui.made_activations import flowing
from tests.gui.made_derivations import with_derivation
from tests.gui.patience import settle
from tests.gui.shared_window import SharedWindow, shared_window

pytestmark = pytest.mark.qt_log_ignore("does not support (raise|grabbing)", extend=True)
Reason = QContextMenuEvent.Reason
CELL = CellAddress("layer2", 1, 2, "delta")
AWAY = QPoint(-500, -500)


def _made() -> SharedWindow:
    return SharedWindow((1280, 720), frame("lora", step=3), session=session_of("lora"))


@pytest.fixture(scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedWindow]:
    folder: Path = tmp_path_factory.mktemp("menus")
    with shared_window(folder, _made) as shared:
        yield shared


@pytest.fixture
def shared(qtbot: QtBot, _shared: SharedWindow) -> Iterator[SharedWindow]:
    _shared.restore()
    QCursor.setPos(AWAY)
    QGuiApplication.clipboard().clear()
    yield _shared
    for menu in _shared.window.findChildren(ContextMenu):
        menu.close()


def asked(shared: SharedWindow, widget: QWidget, at: QPoint | None) -> dict[str, ContextMenu]:
    """Ask for a menu, by the Menu key where `at` is None, and return its rows -> the menu."""
    for menu in shared.window.findChildren(ContextMenu):
        menu.close()
        menu.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    reason, at = (Reason.Mouse, at) if at is not None else (Reason.Keyboard, widget.rect().center())
    target = widget.viewport() if isinstance(widget, LinePlot) else widget
    QApplication.sendEvent(target, QContextMenuEvent(reason, at, target.mapToGlobal(at)))
    menu = shared.window.findChild(ContextMenu)
    return {} if menu is None else {row.text().partition("\t")[0]: menu for row in menu.actions()}


def choose(shared: SharedWindow, widget: QWidget, at: QPoint | None, text: str) -> str:
    """Choose a row of a menu. Returns: the text on the clipboard."""
    menu = asked(shared, widget, at)[text]
    next(row for row in menu.actions() if row.text().startswith(text)).trigger()
    return QGuiApplication.clipboard().text()


def heatmap(shared: SharedWindow, name: str = "layer2.delta") -> Heatmap:
    found = shared.window.findChild(Heatmap, f"heatmap.{name}")
    assert isinstance(found, Heatmap)
    return found


def point_of(view: Heatmap, row: int, column: int) -> QPoint:
    return next(
        QPoint(x, y)
        for x in range(view.width())
        for y in range(view.height())
        if view.cell_at(QPoint(x, y).toPointF()) == (row, column)
    )


def table_of(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.split("\n")]


# ------------------------------------------------------------ matrices


def test_a_cell_is_copied_with_every_bit(shared: SharedWindow) -> None:
    view = heatmap(shared)
    text = choose(shared, view, point_of(view, 5, 7), "Copy the value")
    assert np.float32(text) == view.matrix()[5, 7] and "−" not in text


def test_a_matrix_is_copied_as_a_spreadsheet_takes_it(shared: SharedWindow) -> None:
    for name in ("layer1.weight", "layer2.delta", "layer1.lora_B", "layer1.lora_A"):
        view = heatmap(shared, name)
        rows = table_of(choose(shared, view, QPoint(8, 8), "Copy the matrix as text"))
        assert np.array_equal(np.array(rows, np.float32), view.matrix()), name


def test_the_picture_of_a_matrix_has_its_cells_and_no_marks(shared: SharedWindow) -> None:
    view = heatmap(shared, "layer1.delta")
    view.set_cross(3, 3, pinned=True)
    choose(shared, view, QPoint(8, 8), "Copy the picture")
    picture = QGuiApplication.clipboard().image()
    rows, columns = view.matrix().shape
    assert max(picture.width(), picture.height()) >= 800
    side = picture.height() // rows
    assert (picture.width(), picture.height()) == (columns * side, rows * side)
    for i, j in ((0, 0), (3, 3), (3, 20), (39, 29)):
        cell = picture.copy(j * side, i * side, side, side)
        corner = cell.pixelColor(0, 0)
        assert all(cell.pixelColor(x, x) == corner for x in range(side))


def test_a_right_click_pins_and_drags_nothing(shared: SharedWindow) -> None:
    view = heatmap(shared)
    sent = shared.session.fake_host.sent
    QTest.mouseClick(view, Qt.MouseButton.RightButton, pos=QPoint(30, 30))
    assert not any(isinstance(one, FrameOptions) and one.cell for one in sent)


def test_a_cell_is_pinned_and_let_go_from_its_menu(shared: SharedWindow) -> None:
    view, other = heatmap(shared), heatmap(shared, "layer2.weight")
    at = point_of(view, 5, 7)
    choose(shared, view, at, "Pin this cell")
    reading = shared.window.stage.reading
    assert reading is not None and reading.pinned and (reading.row, reading.column) == (5, 7)
    assert "Unpin this cell" in asked(shared, view, at)
    assert "Pin this cell" in asked(shared, other, point_of(other, 5, 7)), "another matrix’s cell"
    choose(shared, view, at, "Unpin this cell")
    assert shared.window.stage.reading is None or not shared.window.stage.reading.pinned


def test_a_layer_is_shown_alone_and_all_again_from_its_menu(shared: SharedWindow) -> None:
    choose(shared, heatmap(shared), QPoint(20, 20), "Show this layer alone")
    assert shared.window.stage.focused == "layer2"
    choose(shared, heatmap(shared), QPoint(20, 20), "Show all layers")
    assert shared.window.stage.focused == ""


# ------------------------------------------------------------ keys


def test_ctrl_c_copies_the_cell_that_the_keyboard_is_on(shared: SharedWindow) -> None:
    view = heatmap(shared)
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Right)
    cross = view.cross()
    assert cross is not None
    QTest.keyClick(shared.window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert np.float32(QGuiApplication.clipboard().text()) == view.matrix()[cross]
    assert shared.window.actions_table.text("copy") == "Copy the value"
    assert "Copy the value" in asked(shared, view, None), "the Menu key"
    assert view.cross() == cross, "the menu speaks of this cell"


def test_shift_f10_opens_the_menu_of_what_has_the_keyboard(shared: SharedWindow) -> None:
    heatmap(shared).setFocus()
    shared.window.actions_table.trigger("context_menu")
    assert shared.window.findChild(ContextMenu) is not None


def test_ctrl_c_copies_what_is_pointed_at(shared: SharedWindow) -> None:
    view = heatmap(shared)
    QCursor.setPos(view.mapToGlobal(point_of(view, 4, 6)))
    shared.window.actions_table.trigger("copy")
    assert np.float32(QGuiApplication.clipboard().text()) == view.matrix()[4, 6]


def test_where_there_is_nothing_to_copy_it_says_so(shared: SharedWindow) -> None:
    assert shared.window.actions_table.reason("copy") == NOTHING
    QCursor.setPos(shared.window.transport.mapToGlobal(QPoint(400, 2)))
    assert shared.window.actions_table.reason("copy") == NOTHING
    assert asked(shared, shared.window.transport, QPoint(400, 2)) == {}


def test_a_text_field_copies_its_own_selection(shared: SharedWindow) -> None:
    field = QLineEdit("0.003", shared.window)
    field.show()
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "0.003"
    field.deleteLater()


# ------------------------------------------------------------ charts


def test_the_curves_of_a_chart_are_copied_step_by_step(shared: SharedWindow, qtbot: QtBot) -> None:
    shared.session.feed(frame("lora", step=4), frame("lora", step=5))
    plot = shared.window.findChild(LinePlot, "lossChart")
    qtbot.waitUntil(lambda: plot.isVisible() and not plot.spec.is_empty)
    at = plot.visibleRegion().boundingRect().center()
    head, *rows = table_of(choose(shared, plot, at, "Copy the values as text"))
    assert head[0] == "step" and {"train_loss", "validation_loss"} <= set(head)
    curve = next(curve for curve in plot.spec.curves if curve.name == "train_loss")
    told = {int(r[0]): r[head.index("train_loss")] for r in rows}
    assert len(curve.steps) > 1
    for step, value in zip(curve.steps, curve.values, strict=True):
        assert np.float32(told[int(step)]) == np.float32(value)
    before = plot.grab().toImage()
    QTest.mouseMove(plot.viewport(), at)
    choose(shared, plot, at, "Copy the picture")
    assert QGuiApplication.clipboard().image().width() > 2 * plot.width()
    assert plot.grab().toImage() == before, "its lines are as wide as before"


def test_a_step_at_which_a_curve_has_no_value_is_empty() -> None:
    steps, values = np.array([0.0, 2.0]), np.array([0.1, np.nan])
    other = Curve("b", "", "source", np.array([0.0, 1.0]), np.array([1e300, 3e-8]))
    rows = curve_rows(PlotSpec((Curve("a", "", "target", steps, values), other)))
    assert rows == [
        ["step", "a", "b"], ["0", "0.1", "1e+300"], ["1", "", "3e-08"], ["2", "nan", ""],
    ]  # fmt: skip


# ------------------------------------------------------------ tables


def test_a_comparison_is_copied_with_its_margins(shared: SharedWindow) -> None:
    settings = shared.session.state.settings
    shared.window.page_stack.show_page(COMPARE)
    shared.session.feed(comparison(row(settings), row(settings.replace(strategy="full"))))
    settle()
    table = shared.window.findChild(ComparisonTable)
    head, *rows = table_of(choose(shared, table, QPoint(5, 5), "Copy the table"))
    assert (
        head[0] == "Strategy" and len(rows) == len(table.texts()) and len(set(map(len, rows))) == 1
    )
    target = next(i for i, title in enumerate(head) if title.startswith("Target accuracy, %"))
    assert head[target + 1] == "±" and [r[target] for r in rows] == ["80.0"] * len(rows)
    at = table.rows[1].name.geometry().center()
    assert table_of(choose(shared, table, at, "Copy the row")) == [rows[1]]
    assert int(rows[0][head.index("To store, bytes")]) > 0
    table.rows[0].button.setFocus()
    assert "Copy the row" in asked(shared, table.rows[0].button, None)


def test_methods_are_copied_with_headings(shared: SharedWindow) -> None:
    shared.window.page_stack.show_page(METHOD_GUIDE)
    settle()
    page = shared.window.page_stack.page(METHOD_GUIDE)
    head, *rows = table_of(choose(shared, page, QPoint(60, 5), "Copy the table"))
    assert head[0] == "Method" and {len(r) for r in rows} == {len(head)}
    assert [r[0] for r in rows] == [r.label for r in page.rows]
    assert all("−" not in cell and " ± " not in cell for r in rows for cell in r)
    page.rows[2].run_button.setFocus()
    assert choose(shared, page.rows[2].run_button, None, "Copy the row").startswith(rows[2][0])


def test_costs_are_copied_in_bytes(qtbot: QtBot) -> None:
    table = PartsTable()
    qtbot.addWidget(table)
    sizes = {field: 3 * 2**30 for field, *_ in MEMORY_PARTS} | {"logit_bytes": 0}
    parts = memory_segments(sizes, frozen=True)
    table.draw(parts, [True] * len(parts), parts)
    table.resize(500, 200)
    table.show()
    settle()
    first = table.findChild(QWidget, "cost.model_bytes").geometry().center()
    offered = {copy.text: copy for copy in table.copies(first)}
    head, *rows = table_of(str(offered["Copy the table"].take()))
    assert head == ["part", "bytes", "share"] and len(rows) == len(parts) - 1
    assert {r[1] for r in rows} == {str(3 * 2**30)}
    assert sum(float(r[2]) for r in rows) == pytest.approx(1)
    assert str(offered["Copy the row"].take()) == "\t".join(rows[0])


# ------------------------------------------------------------ the arithmetic


def _pinned(shared: SharedWindow) -> LineView:
    view = heatmap(shared)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=point_of(view, CELL.row, CELL.column))
    shared.session.feed(with_derivation(frame("lora", step=3), CELL))
    settle()
    line = next(v for v in shared.window.inspector.findChildren(LineView) if v.isVisible())
    assert isinstance(line, LineView)
    return line


def test_the_arithmetic_is_copied_with_every_term(shared: SharedWindow) -> None:
    view = _pinned(shared)
    text = choose(shared, view, view.rect().center(), "Copy the arithmetic")
    assert "ΔW" in text.splitlines()[0] and "W + ΔW = W′" in text
    assert "\u00a0" not in text and "terms" not in text
    assert view.text(whole=True).replace("\u00a0", " ") in text
    value = choose(shared, view, view.rect().center(), "Copy the value")
    layers = shared.session.state.frame.layers
    delta = next(layer.delta for layer in layers if layer.name == "layer2")
    assert np.float32(value) == delta[1, 2]


def test_a_pinned_cell_is_copied_from_the_edit_menu_too(shared: SharedWindow) -> None:
    _pinned(shared)
    QCursor.setPos(shared.window.mapToGlobal(QPoint(40, 5)))
    assert shared.window.actions_table.text("copy") == "Copy the arithmetic"
    shared.window.stage.release()
    assert shared.window.actions_table.reason("copy") == NOTHING


def test_the_arrows_belong_to_the_run_although_a_part_is_selected(shared: SharedWindow) -> None:
    view = _pinned(shared)
    label = view.findChildren(SelectableLabel)[1]
    label.setFocus()
    label.setSelection(0, 4)
    shared.session.fake_host.sent.clear()
    QTest.keyClick(label, Qt.Key.Key_Right)
    assert shared.session.fake_host.sent != []


def test_a_part_of_it_is_selected_with_the_mouse_and_copied(shared: SharedWindow) -> None:
    view = _pinned(shared)
    label = next(
        one for one in view.findChildren(SelectableLabel) if one.isVisible() and len(one.text()) > 8
    )
    middle = label.height() // 2 if label.height() < 30 else 8
    QTest.mousePress(label, Qt.MouseButton.LeftButton, pos=QPoint(1, middle))
    QTest.mouseMove(label, QPoint(45, middle))
    QTest.mouseRelease(label, Qt.MouseButton.LeftButton, pos=QPoint(45, middle))
    chosen = label.selectedText()
    assert chosen and label.text().startswith(chosen)
    QTest.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == chosen.replace("\u00a0", " ")
    assert "Copy the selection" in asked(shared, label, QPoint(10, middle))
    shared.window.setFocus()
    assert not label.hasSelectedText(), "a click elsewhere ends it"


def test_a_click_on_a_line_still_unfolds_it_and_takes_no_key(shared: SharedWindow) -> None:
    _pinned(shared)
    folding = [v for v in shared.window.inspector.findChildren(LineView) if v.folds]
    assert folding
    before = folding[0].text()
    label = folding[0].findChildren(SelectableLabel)[1]
    QTest.mouseClick(label, Qt.MouseButton.LeftButton, pos=QPoint(3, 6))
    assert folding[0].text() != before
    assert shared.window.focusWidget() is shared.window


# ------------------------------------------------------------ branches


def test_a_branch_is_renamed_compared_and_deleted_from_its_menu(shared: SharedWindow) -> None:
    run = shared.session.state.frame.run
    session = shared.session
    session.feed(Timeline(run, 1, (Branch(0, "A", None, 0, 3), Branch(1, "B", 0, 2, 4))))
    settle()
    bar, sent = shared.window.timeline, session.fake_host.sent
    lane = bar.findChild(LaneName, "branch.1")
    assert [text for text in asked(shared, lane, QPoint(4, 4)) if text] == [
        "Show branch B", "Compare W′ with branch B", "Rename", "Delete",
    ]  # fmt: skip
    choose(shared, lane, QPoint(4, 4), "Compare W′ with branch B")
    assert session.view_requests.frame_options.compared_branch == 1
    lane.setFocus()
    choose(shared, lane, None, "Rename")
    editor = bar.findChild(QLineEdit, "branchNameEdit")
    assert editor is not None and editor.isVisible()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    on_line = QPoint(bar.track.geometry().center().x(), lane.geometry().center().y())
    choose(shared, bar, on_line, "Delete")
    assert any(isinstance(one, DropBranch) for one in sent)
    session.view_requests.set_options(compared_branch=None)


# ------------------------------------------------------------ every class


def test_whatever_can_copy_has_a_menu_by_mouse(shared: SharedWindow) -> None:
    window = shared.window
    shared.session.feed(flowing("lora", step=3))
    found: set[str] = set()
    for page in (STAGE, NETWORK, COMPARE):
        window.page_stack.show_page(page)
        if page == STAGE:
            window.show_tab("scale")
        settle()
        able = [one for one in window.findChildren(QWidget) if isinstance(one, CanCopy)]
        for widget in able:
            at = widget.visibleRegion().boundingRect().center()
            kind, is_seen = type(widget).__name__, not widget.visibleRegion().isEmpty()
            offered = widget.copies(at) if is_seen and kind not in found else ()
            if offered:
                assert offered[0].text in asked(shared, widget, at), widget
                offered[0].put_on_clipboard()
                mime = QGuiApplication.clipboard().mimeData()
                assert mime.hasText() or mime.hasImage()
                found.add(kind)
    kinds = Heatmap, Activations, Thumbnail, BarTable, ComparisonTable
    assert {kind.__name__ for kind in kinds} <= found, found


def test_the_stage_offers_its_picture_and_the_printer(shared: SharedWindow) -> None:
    stage = shared.window.stage
    at = QPoint(3, stage.height() - 3)
    assert list(asked(shared, stage, at)) == ["Copy the picture of the stage", "Print…"]
    assert [text for text in asked(shared, heatmap(shared), QPoint(9, 9)) if text][-1] == "Print…"
