"""Engine processes that begin at once."""

from collections.abc import Iterator

import pytest

from tests.forked import forked_engines


@pytest.fixture(scope="package", autouse=True)
def _engines_are_forked() -> Iterator[None]:
    with forked_engines():
        yield
