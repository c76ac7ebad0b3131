"""What every test needs, before anything imports Qt."""

import os
import sys

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch in each worker would take every core

if sys.platform == "win32":
    import torch  # noqa: F401 - there it cannot load its DLLs once Qt has loaded its own

LONG_FILES = (
    "test_new_strategy.py", "test_lesson_claims.py", "test_app.py", "test_process.py",
    "test_random_user.py", "test_object_lifetime.py", "test_picture_sizes.py",
)  # fmt: skip
"""Files that take long and are begun first, so that none is left alone at the end."""

settings.register_profile("deltaw", deadline=None)  # a shared core is no reason to fail
settings.load_profile("deltaw")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is true on every machine is tested always; how fast it is, where nothing else runs."""
    parser.addoption(
        "--pace",
        action="store_true",
        help="fail a window's test in which an event takes over 100 ms, but for may_stall ones",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long files."""
    items.sort(key=lambda item: item.path.name not in LONG_FILES)
