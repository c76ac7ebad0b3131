"""Networks and layers: W, W′ and the updates that strategies add."""
