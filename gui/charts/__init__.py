"""The page of a run's curves: loss, accuracy and distance moved."""

from gui.charts.charts import Charts

__all__ = ["Charts"]
