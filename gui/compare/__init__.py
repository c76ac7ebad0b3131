"""Comparison of strategies trained side by side. Importing its page loads pyqtgraph."""
