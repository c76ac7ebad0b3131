"""The frame of the window: columns, page stack, notices, layout sizes."""
