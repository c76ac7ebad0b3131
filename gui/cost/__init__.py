"""What fine-tuning a large model costs: a form at the left, the answer at the right."""
