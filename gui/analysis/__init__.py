"""Analysis pages beside the stage: curves, spectrum, scale, merge."""

from gui.analysis.tabs import PAGES, AnalysisTabs

__all__ = ["PAGES", "AnalysisTabs"]
