"""Network page: the network before fine-tuning and now, with a sample's activations in both."""
