"""Costs page: what fine-tuning a large model takes."""
