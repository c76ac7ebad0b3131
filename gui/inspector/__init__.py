"""The inspector: one cell's numbers, and the derivation of each."""
