"""The step view: one optimizer step, phase by phase, on the stage."""
