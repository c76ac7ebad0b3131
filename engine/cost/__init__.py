"""The calculator: what fine-tuning a large model takes."""
