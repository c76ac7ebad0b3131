"""The engine process: it listens, trains in one thread, and answers."""
