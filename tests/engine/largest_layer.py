"""Memory, frame and visible part of a network of 8,192 × 8,192, in a process of its own.

`python -m tests.engine.largest_layer STRATEGY` prints one JSON object.
"""

from __future__ import annotations

import json
import resource
import sys

from engine.protocol.codec import MessageEncoder
from engine.protocol.messages import PartRequest
from engine.protocol.settings import Settings
from engine.trainer import Trainer


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(strategy: str) -> None:
    """Take one step and print what it took, and what a window sees of it."""
    base = _peak_bytes()
    trainer = Trainer(Settings(strategy=strategy, width=8192, depth=2, batch_size=8))
    loss = trainer.step().loss
    frame = trainer.frame()
    near = trainer.frame(views=(PartRequest("layer2", 4000, 8100, 100, 100, 400),)).layers[1]
    original = trainer.network.body[1].original[4000:4100, 8100:].numpy()
    assert near.part is not None
    found = {
        "base": base,
        "peak": _peak_bytes(),
        "loss": loss,
        "bytes": len(MessageEncoder().encode(frame)),
        "part": [near.part.top, near.part.columns, near.part.stride],
        "exact": bool((near.weight == original).all()),
        "holds": [check.holds for layer in frame.layers for check in layer.measured.checks],
    }
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
