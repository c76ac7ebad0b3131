"""Line plots over steps, on pyqtgraph. Imports of the gui only text, widgets, state and theme."""
