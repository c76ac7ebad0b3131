"""Every sentence that gives a reason names what holds it."""

import pytest

from tests.resources.causes import FILE, entries, problem, sources

SOURCES, ENTRIES = sources(), entries()


@pytest.mark.parametrize("source", SOURCES)
def test_every_reason_is_held(source: str) -> None:
    entered, found = ENTRIES.get(source, {}), SOURCES[source]
    missing = [f'"{sentence}" = {{  }}' for sentence in found if sentence not in entered]
    stale = [sentence for sentence in entered if sentence not in found]
    wrong = {sentence: problem(source, held) for sentence, held in entered.items()}
    assert not missing, f"enter in {FILE.name}, [{source}]:\n" + "\n".join(missing)
    assert not stale, f"no longer said: {stale}"
    assert not any(wrong.values()), {key: said for key, said in wrong.items() if said}


def test_nothing_is_entered_for_a_source_that_is_not_there() -> None:
    assert ENTRIES.keys() <= SOURCES.keys()
