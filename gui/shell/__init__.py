"""Shell of the window: columns, page stack, notice bar, layout sizes."""
