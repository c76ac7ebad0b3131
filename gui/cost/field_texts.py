"""Captions, units and hints of the form's fields."""

from __future__ import annotations

DIMENSIONS = {
    "blocks": ("Blocks", "all alike"),
    "width": ("Width d", "of what flows from block to block"),
    "inner": ("Inner width", "of the feed-forward layer"),
    "queries": ("Query width", "heads × width of one"),
    "keys": ("Key width", "of keys and of values"),
    "head_norm": ("q, k norms", "width; 0: none"),
    "vocabulary": ("Vocabulary", "tokens that it knows"),
    "context": ("Context", "tokens that it reads at once"),
}
"""Dimension of the user's own model -> (caption, unit)."""
FLAGS = {
    "gated": ("gate", "The feed-forward layer has a gate"),
    "biases": ("biases", "All matrices and norms have biases"),
    "qkv_biases": ("q, k, v biases", "q, k and v have biases"),
    "tied": ("tied head", "The token embedding serves as head, or there is none"),
    "fused": ("one qkv", "q, k and v are one matrix"),
}
"""What the user's own model has -> (caption of its switch, what it says)."""
COUNTS = {
    "rank": ("Rank r", "of each B A"),
    "bottleneck": ("Bottleneck", "numbers in the middle of an adapter"),
    "tokens": ("Prefix", "tokens put before the text"),
    "batch_size": ("Batch size", "sequences at once"),
    "sequence_length": ("Sequence", "tokens each"),
    "tasks": ("Tasks", "a file each"),
}
"""Field of the plan -> (caption, unit)."""
FIRST_COUNTS = {
    "rank": 8, "bottleneck": 64, "tokens": 20, "batch_size": 1, "sequence_length": 2048,
    "tasks": 10,
}  # fmt: skip
TARGETS = ("q", "k", "v", "o", "up", "down", "gate")
TARGET_NAMES = {
    "qkv": "Queries, keys and values in one matrix: one A serves all three",
    "q": "Queries", "k": "Keys", "v": "Values", "o": "Attention's output",
    "up": "Into the feed-forward layer", "down": "Out of the feed-forward layer",
    "gate": "The feed-forward layer's gate",
}  # fmt: skip
PRECISION_NAMES = {8: "LLM.int8()", 4: "NF4 with double quantisation"}
PRECISION_HINT = "Bits for each frozen weight"
STATE_HINT = (
    "Bytes for each parameter that trains: weight, gradient and Adam's states. Where all of them "
    "are float32, as PEFT's adapters are, that is 16"
)
ADAPTER_HINT = (
    "Bytes for each weight that the method adds, in memory and in the file: PEFT trains and saves "
    "float32, 4 bytes, unless told otherwise (autocast_adapter_dtype=False)"
)
CHECKPOINTING_HINT = (
    "Keep each block's input alone and compute the rest again in the backward pass: less memory, "
    "more time. PEFT turns it on for models in 8 or 4 bits"
)
