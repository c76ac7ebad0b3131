"""Widgets of a lesson's card: text, questions, runs, plots."""
