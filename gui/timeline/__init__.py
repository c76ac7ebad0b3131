"""The timeline under the stage: every step of the run, and its branches."""

from gui.timeline.bar import TimelineBar

__all__ = ["TimelineBar"]
