"""The timeline under the stage: every step of the run, and its branches."""
