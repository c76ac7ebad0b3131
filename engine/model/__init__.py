"""Networks and layers: what is trained, and how ΔW is added to W."""
