"""The window. It knows of the engine only what engine.protocol says."""
