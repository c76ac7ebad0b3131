"""Line plots: axes, labels, curves, painting."""
