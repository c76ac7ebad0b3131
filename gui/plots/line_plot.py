"""Plot of curves over steps: zoom, pan, values under the pointer, logarithmic axis, export."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from gui.plots.annotations import KEY_ROOM, LABEL_GAP, LEGEND_GAP, Annotations, flow
from gui.plots.axis_items import StepAxisItem, ValueAxisItem
from gui.plots.copied_values import curve_rows
from gui.plots.plot_spec import Curve, PlotSpec, tick_distance
from gui.theme import TINY, appearance, font
from gui.widgets.copying import COPY_PICTURE, Copy, MenuRow, picture_of, sharp_factor, table_text

PREVIOUS_RUN_ALPHA, OTHER_BRANCH_ALPHA = 110, 200
"""Opacity of the curves of the previous run and of other branches, 0…255."""
RIGHT_END_ROUNDING = 50
"""Parts of the width, at least, of which there is a whole number between 0 and the right end."""
MAX_OVERSHOOT = 10.0
"""Heights of the view that a curve leaves it by, at most: Qt paints no line to 1e300."""
MAX_LABEL_SHARE = 0.3
"""Labels that are wider than this share of the plot stand in rows above the curves."""
NO_LABEL_WIDTH = 10.0
"""Pixels right of the curves where no label stands: the last number below has its half there."""
MAX_DECADES = 6
"""Powers of ten that a logarithmic axis shows at first."""
POINTS_PER_PIXEL = 0.5
"""Pairs of a minimum and a maximum that a long curve is painted with."""
MAX_PLAIN_POINTS = 400
"""Points that are painted one by one, up to the newest, which a pair would take back a little."""


class LinePlot(pg.PlotWidget):  # type: ignore[misc] # pyqtgraph has no type hints
    """Draws a `PlotSpec`. Wheel: zoom; drag: pan; click: report; double click: show all again.

    Args: empty_text: shown while there is no curve.  zoomable: else the wheel scrolls the page.
    """

    hovered = Signal(object)
    """The step under the pointer, a float; None when it leaves."""
    clicked = Signal(float)
    """The step that was clicked."""
    background = "page"
    """Name of a theme colour."""
    line_width = 1.0
    """Pixels; antialiased lines that are wider take three times as long to paint."""
    titled: QWidget | None = None
    """What it stands in, below its title."""
    _pen_scale = 1
    """How much wider lines are, in a picture that is larger than on the screen."""

    def __init__(
        self, object_name: str = "", empty_text: str = "", *, zoomable: bool = True
    ) -> None:
        self._spec, self._empty_text = PlotSpec(), empty_text
        self._zoomed = self._logarithmic = False
        self.hint = ""
        """Last line of the tooltip: what a click does, e.g."""
        self.needed = self._least = (0.0, 0.0)
        """Pixels for texts at the left and at the right of the curves: needed, and kept free."""
        self.wheel_scrolls = False
        """Whether the wheel alone scrolls the page around the plot; with Ctrl it zooms anyway."""
        super().__init__(
            axisItems={"left": ValueAxisItem(), "bottom": StepAxisItem("bottom")},
            enableMenu=False,
            background=None,
        )
        self.setObjectName(object_name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.setMinimumHeight(64)
        self._zoomable = zoomable
        plot = self.plotItem
        plot.setMouseEnabled(zoomable, zoomable)
        plot.hideButtons()
        plot.getAxis("left").setZValue(-200)  # its lines lie behind the curves, which are at −100
        plot.setDownsampling(auto=True, mode="peak")
        plot.setClipToView(True)
        plot.disableAutoRange()
        plot.setLimits(xMin=0.0, yMin=0.0)
        plot.vb.sigRangeChangedManually.connect(self._on_view_box_range_changed_manually)
        self._lines: list[pg.PlotDataItem] = []
        self._annotations = Annotations(plot, self.point_at, self.background)
        self._pressed_at: QPointF | None = None
        """Where the left button went down, until the pointer moves away from there."""
        self._click = QTimer(self, singleShot=True)
        self._click.timeout.connect(self._on_click_timeout)
        self._clicked_step = 0.0
        appearance.changed.connect(self._on_appearance_changed)  # `_restyle` may be overridden
        self._restyle()

    @property
    def spec(self) -> PlotSpec:
        """The plot that is drawn."""
        return self._spec

    def set_spec(self, spec: PlotSpec) -> None:
        """Draw another plot; what was zoomed to stays. Args: spec: of the new one."""
        self._spec = spec
        self._fit()
        self._draw_curves()

    def show_all(self) -> None:
        """Zoom out to all curves."""
        self._zoomed = False
        self._fit()

    def align(self, left: float, right: float) -> None:
        """Keep room free beside the curves, so that plots below each other have one axis of steps.

        Args: left, right: pixels, at least.
        """
        if (left, right) != self._least:
            self._least = left, right
            self._fit()

    def set_logarithmic(self, logarithmic: bool) -> None:
        """Make the axis of values logarithmic. Args: logarithmic: False: make it linear."""
        self._logarithmic = logarithmic
        self.plotItem.setLimits(yMin=-1e307 if logarithmic else 0.0)
        self.plotItem.setLogMode(y=logarithmic)
        self.show_all()

    def show_hover(self, step: float | None) -> None:
        """Draw a vertical line at a step. Args: step: None for no line."""
        self._annotations.show_pointer(step)

    def hover_text(self, step: float) -> str:
        """Return the curves' values at their points nearest to a step. Args: step: any number."""
        lines = []
        for curve in (*self._spec.curves, *self._spec.named):
            if curve.label and len(curve.steps):
                index = int(np.abs(curve.steps - step).argmin())
                value = self._spec.value_text(float(curve.values[index]))
                lines.append(f"{curve.label} {value} at step {curve.steps[index]:,.0f}")
        return "\n".join(lines)

    # ------------------------------------------------------------ positions

    def area(self) -> QRectF:
        """Return the rectangle of the curves; labels are right of it, numbers left and below."""
        return QRectF(self.plotItem.vb.geometry())

    def point_at(self, step: float, value: float) -> QPointF:
        """Return the pixel of a step and a value. Args: step, value: may be out of view."""
        view = self.plotItem.vb
        if self._logarithmic:
            value = math.log10(value) if value > 0 else view.viewRange()[1][0]
        return QPointF(view.mapViewToScene(QPointF(step, value)))

    def value_at(self, point: QPointF) -> tuple[float, float]:
        """Return the step and the value at a point, clamped to the area. Args: point: pixels."""
        (first, last), (low, high) = self.plotItem.vb.viewRange()
        at = self.plotItem.vb.mapSceneToView(point)
        step, value = min(max(at.x(), first), last), min(max(at.y(), low), high)
        return step, 10.0**value if self._logarithmic else value

    def text_font(self, *, bold: bool = False) -> QFont:
        """Return the font of the texts. Args: bold: for labels of curves."""
        return font(TINY, bold=bold)

    def end_labels(self) -> list[str]:
        """Return the labels that the right margin has to hold."""
        return [curve.label for curve in self._spec.curves]

    def plotted_values(self) -> NDArray[np.floating[Any]]:
        """Return all values that are drawn, (n,)."""
        return np.concatenate([np.zeros(0), *(curve.values for curve in self._spec.curves)])

    def _value_range(self) -> tuple[float, float]:
        """Return the ends of the value axis; of a logarithmic one their logarithms, whole."""
        top = self._spec.top
        if not self._logarithmic:
            return self._spec.bottom, top
        high = math.ceil(math.log10(top))
        values = np.append(self.plotted_values(), top)
        low = math.floor(math.log10(values[values > 0].min()))
        return min(max(low, high - MAX_DECADES), high - 1), high

    def _fit(self) -> None:
        """Fit the view to the curves unless it was zoomed, and the margins to the labels."""
        spec, plot = self._spec, self.plotItem
        if not self._zoomed:
            # Rounded, so that most points that come change no axis.
            part = tick_distance(spec.last_step, RIGHT_END_ROUNDING)
            last = part * math.ceil(spec.last_step / part)
            plot.vb.setRange(xRange=(0.0, last), yRange=self._value_range(), padding=0.0)
        bold = QFontMetricsF(self.text_font(bold=True))
        widths = [bold.horizontalAdvance(label) for label in self.end_labels() if label]
        right, legend_top = max(widths, default=0.0), None
        top = bold.height() * (1.5 if spec.title else 0.5)
        if right > MAX_LABEL_SHARE * self.width():
            legend_top, right = top, 0.0
            keyed = [KEY_ROOM + width for width in widths]
            rows = flow(keyed, self.width() - plot.getAxis("left").width(), LEGEND_GAP)
            top += (rows[-1][0] + 1.5) * bold.height()
        right = max(right, self._axis_name_width()) or NO_LABEL_WIDTH
        left = plot.getAxis("left").fit(spec, self.height() - top - bold.height(), self._least[0])
        self.needed = left, right
        margins = (0.0, top, math.ceil(max(right, self._least[1]) + LABEL_GAP), 1.0)
        if plot.layout.getContentsMargins() != margins:
            plot.layout.setContentsMargins(*margins)
        plot.layout.activate()
        self._annotations.show_texts(
            spec, self._empty_text, self.text_font(), self.text_font(bold=True), legend_top
        )

    def _axis_name_width(self) -> float:
        """Return the pixels right of the curves that the name of the axis takes, with its gap."""
        if not self._spec.axis_name:
            return 0.0
        metrics, last = QFontMetricsF(self.text_font()), f"{self._spec.last_step:,.0f}"
        return metrics.horizontalAdvance(self._spec.axis_name) + metrics.horizontalAdvance(last) / 2

    # ------------------------------------------------------------ drawing

    def _pen(self, curve: Curve) -> QPen:
        colour = pg.mkColor(getattr(appearance.theme, curve.colour, curve.colour))
        if curve.faint:
            colour.setAlpha(OTHER_BRANCH_ALPHA if curve.label else PREVIOUS_RUN_ALPHA)
        styles = Qt.PenStyle
        style = styles.DashLine if curve.dashed else styles.SolidLine
        style = styles.DotLine if curve.dotted else style
        width = 1.0 if curve.faint else self.line_width * appearance.sizes.overlay_scale
        return QPen(pg.mkPen(colour, width=width * self._pen_scale, style=style))

    def _draw_curves(self) -> None:
        curves = self._spec.curves
        while len(self._lines) < len(curves):
            line = pg.PlotDataItem(autoDownsampleFactor=POINTS_PER_PIXEL, antialias=True)
            line.setDynamicRangeLimit(MAX_OVERSHOOT, hysteresis=1.0)
            self._lines.append(line)
            self.plotItem.addItem(line)
        # Items are used again and never taken out: the scene went on painting one that was gone.
        for line in self._lines[len(curves) :]:
            line.clear()
        for line, curve in zip(self._lines, curves, strict=False):
            line.setDownsampling(auto=len(curve.steps) > MAX_PLAIN_POINTS)
            line.setData(curve.steps, curve.values, pen=self._pen(curve), name=curve.name)
            line.setZValue(0 if curve.faint else 1)

    def _restyle(self) -> None:
        theme = appearance.theme
        self.setBackground(pg.mkColor(getattr(theme, self.background)))
        for side in ("left", "bottom"):
            self.plotItem.getAxis(side).restyle(
                self.text_font(), pg.mkPen(theme.line), pg.mkPen(theme.muted)
            )
        self.set_spec(self._spec)

    # ------------------------------------------------------------ Qt's hooks

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the axes to the new size; pyqtgraph calls this without an event."""
        super().resizeEvent(event)
        if event is not None:
            self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a drag, or a click; the right button opens a menu, and zooms nothing."""
        if event.button() == Qt.MouseButton.RightButton:
            return
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and self.area().contains(event.position()):
            self._pressed_at = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Report a click; where a double click means something, once it cannot become one."""
        super().mouseReleaseEvent(event)
        if self._pressed_at is not None:
            self._clicked_step, self._pressed_at = self.value_at(self._pressed_at)[0], None
            self._click.start(QApplication.doubleClickInterval() if self._zoomed else 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Report the step under the pointer."""
        super().mouseMoveEvent(event)
        pressed = self._pressed_at
        if pressed is not None:
            away = (event.position() - pressed).manhattanLength()
            self._pressed_at = pressed if away < QApplication.startDragDistance() else None
        step, _ = self.value_at(event.position())
        self.show_hover(step)
        self.hovered.emit(step)

    def leaveEvent(self, event: QEvent) -> None:
        """Report that the pointer has left."""
        super().leaveEvent(event)
        self.show_hover(None)
        self.hovered.emit(None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all."""
        self._click.stop()
        self.show_all()
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom, or let the page around it scroll."""
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if self._zoomable and (held or not self.wheel_scrolls):
            super().wheelEvent(event)
        else:
            event.ignore()

    def viewportEvent(self, event: QEvent) -> bool:
        """Show the values under the pointer as a tooltip."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            step, _ = self.value_at(QPointF(event.pos()))
            text = "\n".join(filter(None, (self.hover_text(step), self.hint)))
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return bool(super().viewportEvent(event))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Leave it to the window."""
        event.ignore()

    # ------------------------------------------------------------ menu

    def copies(self, _at: QPoint | None) -> tuple[Copy, ...]:
        """Return what can be copied: picture, and values in columns. Args: _at: any point."""
        values = Copy("Copy the values as text", self._values_text)
        return Copy(COPY_PICTURE, self.picture), values

    def picture(self) -> QImage:
        """Return the plot as a picture, with its title; lines are as wide as on the screen."""
        self.show_hover(None)
        self.hovered.emit(None)
        whole = self.titled or self
        self._pen_scale = sharp_factor(whole)
        self._draw_curves()
        picture = picture_of(whole)
        self._pen_scale = 1
        self._draw_curves()
        return picture

    def _values_text(self) -> str:
        return table_text(self.value_rows())

    def value_rows(self) -> list[list[str]]:
        """Return a heading and the values of all curves, a step a row."""
        return curve_rows(self._spec)

    def menu_rows(self, _at: QPoint | None) -> tuple[MenuRow | str, ...]:
        """Return what can be done with the plot. Args: _at: any point."""
        logarithmic = not self._logarithmic
        return (
            MenuRow("Show all", self.show_all, "double click"),
            MenuRow("Logarithmic axis", partial(self.set_logarithmic, logarithmic),
                    checked=self._logarithmic),
            MenuRow("Save picture…", partial(self._export, "ImageExporter")),
            MenuRow("Save values as CSV…", partial(self._export, "CSVExporter")),
        )  # fmt: skip

    def _export(self, name: str) -> None:
        """Ask for a file and export to it; the exporter lives as long as its dialog."""
        import pyqtgraph.exporters

        self._exporter = getattr(pyqtgraph.exporters, name)(self.plotItem)
        self._exporter.export()

    @Slot()
    def _on_click_timeout(self) -> None:
        self.clicked.emit(self._clicked_step)

    @Slot(object)
    def _on_view_box_range_changed_manually(self, _axes: object) -> None:
        self._zoomed = True
        self._fit()

    @Slot()
    def _on_appearance_changed(self) -> None:
        self._restyle()
