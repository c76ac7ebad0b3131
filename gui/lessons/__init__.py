"""Lessons: their files, the controller, and the panel."""
