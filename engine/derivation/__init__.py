"""The arithmetic of one cell and the phases of one step, as data."""
