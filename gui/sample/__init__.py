"""The shown sample and the network's verdict on it before and after fine-tuning."""
