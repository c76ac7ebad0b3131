"""Dialog that estimates the cost of fine-tuning a large model."""
