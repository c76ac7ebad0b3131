"""The state of the window: what the session holds, without widgets."""
