"""The arithmetic of one cell, written out line by line with its numbers."""
