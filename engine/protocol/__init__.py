"""The messages between window and engine, as plain data, and the host of the engine process.

The window imports nothing else of the engine.
"""
