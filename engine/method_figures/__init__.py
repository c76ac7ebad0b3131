"""Figures of the page “Which method?”: runs over seeds, and the calculator's for a large model."""
