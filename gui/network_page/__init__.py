"""The network before fine-tuning and now, side by side, with a sample flowing through both."""
