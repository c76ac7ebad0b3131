"""Matrices as heatmaps: colours, zoom, crosshair, linked views."""
