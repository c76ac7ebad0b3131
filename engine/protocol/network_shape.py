"""The shape of the network: that of the lessons, or one of another size."""

FEATURES = 30
"""Numbers that describe one sample."""

LESSON_WIDTH, LESSON_DEPTH = 40, 3
"""Of the one network that every lesson speaks of: 4,400 weights; its pretrained W are shipped."""

MAX_RANK = FEATURES
"""The largest rank that a change of every body layer can have: layer1 has so many inputs."""


def body_shapes(width: int = LESSON_WIDTH, depth: int = LESSON_DEPTH) -> dict[str, tuple[int, int]]:
    """Layer name -> (out, in), in order. The body has no biases.

    >>> body_shapes()
    {'layer1': (40, 30), 'layer2': (40, 40), 'layer3': (40, 40)}
    """
    inputs = (FEATURES, *[width] * (depth - 1))
    return {f"layer{number}": (width, each) for number, each in enumerate(inputs, start=1)}


def body_weights(width: int = LESSON_WIDTH, depth: int = LESSON_DEPTH) -> int:
    """How many weights the body has.

    >>> body_weights()
    4400
    """
    return width * FEATURES + (depth - 1) * width * width
