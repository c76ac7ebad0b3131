"""Frames: everything that is shown of a step, built from a source."""
