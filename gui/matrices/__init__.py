"""Matrices as heatmaps: colours, viewports, crosshair and linked views."""
