"""What every test needs, before anything imports Qt."""

import os
import sys

from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch in each worker would take every core

if sys.platform == "win32":
    import torch  # noqa: F401 - there it cannot load its DLLs once Qt has loaded its own

settings.register_profile("deltaw", deadline=None)  # a shared core is no reason to fail
settings.load_profile("deltaw")
