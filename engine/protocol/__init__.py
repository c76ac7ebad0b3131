"""All that the window may import of the engine: plain data, and the host of its process."""
