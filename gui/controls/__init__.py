"""The parts with which a user steers a run, one widget a file."""
