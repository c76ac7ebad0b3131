"""Numbers, layers and settings as words."""
