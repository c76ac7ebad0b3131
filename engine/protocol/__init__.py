"""The messages between window and engine, and the engine's host: all that the window imports."""
