"""A run: its data order, optimizer, gradients and state."""
