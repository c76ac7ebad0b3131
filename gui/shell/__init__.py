"""Shell of the window: rail, columns, page stack, notice toast, highlighter."""
