"""The sample being looked at, and what the network says of it."""

from gui.sample.card import SampleCard

__all__ = ["SampleCard"]
