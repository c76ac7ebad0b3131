"""The stage: each layer as W + ΔW = W′. `stage.Stage` is the way in, `cell` what it says."""
