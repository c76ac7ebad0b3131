"""Linear probe: the body is frozen; one new linear layer reads its features."""

from engine.strategies._strategy import Strategy, trains_head_only

STRATEGY = Strategy(
    name="linear_probe",
    label="Linear probe",
    summary="The body is frozen; one new linear layer is trained on its output.",
    lesson=5,
    source="arXiv:1610.01644",
    trains=trains_head_only,
    lock_reason="A linear probe trains only its new linear layer.",
    new_head=True,
)
