"""Set-up: the parts of run.py; the standard library only, as nothing is installed yet."""
