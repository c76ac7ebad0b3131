"""Shape of the network: the lessons' or another size."""

from bisect import bisect_right

FEATURES = 30
"""Inputs of the network."""

LESSON_WIDTH, LESSON_DEPTH = 40, 3
"""Size of the network of the lessons: 4,400 weights; its pretrained W are shipped."""

MAX_RANK = FEATURES
"""Largest rank that every body layer's ΔW can have: layer1 has this many inputs."""
MAX_WIDTH = 8192
MAX_DEPTH = 16
MAX_BODY_WEIGHTS = 220_000_000
"""Weights of the largest body: three layers of 8,192 × 8,192 fit."""
MAX_STUDIED_WEIGHTS = 1_000_000
"""Body weights of the largest network whose steps are traced and W′ truncated and merged."""
MAX_KEPT_WEIGHTS = 8_000_000
"""Body weights of the largest network whose earlier steps are kept whatever its strategy."""


def body_shapes(width: int = LESSON_WIDTH, depth: int = LESSON_DEPTH) -> dict[str, tuple[int, int]]:
    """Return the shapes of the body's layers, in order. The body has no biases.

    Args: width: outputs of every layer.  depth: number of layers, ≥ 1.
    Returns: layer name -> (out, in).

    >>> body_shapes()
    {'layer1': (40, 30), 'layer2': (40, 40), 'layer3': (40, 40)}
    """
    inputs = (FEATURES, *[width] * (depth - 1))
    return {f"layer{number}": (width, each) for number, each in enumerate(inputs, start=1)}


def body_weights(width: int = LESSON_WIDTH, depth: int = LESSON_DEPTH) -> int:
    """Return the number of weights in the body.

    Args: width: outputs of every layer.  depth: number of layers, ≥ 1.

    >>> body_weights()
    4400
    """
    return width * FEATURES + (depth - 1) * width * width


def max_width(depth: int) -> int:
    """Return the largest allowed width of a body. Args: depth: number of body layers, 1…16."""
    allowed = range(LESSON_WIDTH, MAX_WIDTH + 1)
    return allowed[
        bisect_right(allowed, MAX_BODY_WEIGHTS, key=lambda w: body_weights(w, depth)) - 1
    ]
