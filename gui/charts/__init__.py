"""The curves of a run."""

from gui.charts.charts import Charts

__all__ = ["Charts"]
