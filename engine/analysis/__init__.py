"""Measurements and invariants of a network while it trains."""
