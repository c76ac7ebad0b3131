"""The curves of a run. Importing this loads pyqtgraph, so the window does it after it shows."""

from gui.charts.charts import Charts

__all__ = ["Charts"]
