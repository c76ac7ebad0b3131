"""The shape of the one network that every lesson speaks of."""

FEATURES = 30
"""Numbers that describe one sample."""

BODY_SHAPES: dict[str, tuple[int, int]] = {
    "layer1": (40, 30),
    "layer2": (40, 40),
    "layer3": (40, 40),
}
"""Layer name -> (out, in). The body has no biases: 4,400 weights."""

BODY_OUT = 40
"""Numbers that the body hands to a head."""

BODY_WEIGHTS = sum(out * inputs for out, inputs in BODY_SHAPES.values())

MAX_RANK = min(min(shape) for shape in BODY_SHAPES.values())
"""The largest rank that a change of every body layer can have."""
