"""The cost calculator: parameters, bytes on disk and in memory for fine-tuning a large model."""
