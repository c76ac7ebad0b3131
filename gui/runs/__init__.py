"""Runs: the page that lists every run since the program began."""
