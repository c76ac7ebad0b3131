"""The page of a run's curves: loss, accuracy and distance moved."""
