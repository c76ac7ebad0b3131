"""Controls: widgets that change the settings and drive the run, one a file."""
