"""The engine: networks, strategies and training. Nothing here knows of a window."""
