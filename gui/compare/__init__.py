"""Strategies racing side by side. Importing its page loads pyqtgraph, for the curves."""
