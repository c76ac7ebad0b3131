"""The stage: every layer of the network as W + ΔW = W′."""
