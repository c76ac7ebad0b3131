"""Snapshots and deterministic replay: branches, curves, runs side by side."""
