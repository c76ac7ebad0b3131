"""Blocks of code in a card's text, between two lines of ```; without Qt."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FENCE = "```"
FENCE_LINE = re.compile(r"^ {0,3}```[^`\n]*$", re.MULTILINE)
"""First or last line of a block."""
CODE = re.compile(
    r"^ {0,3}```[ \t]*(?P<language>[^\s`]*)[^`\n]*\n"
    r"(?P<code>(?:[^\n]*\n)*?) {0,3}```[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a card's text: Markdown, or code that is shown as it stands."""

    text: str
    is_code: bool = False
    language: str = ""


def passages(text: str) -> Iterator[Passage]:
    r"""Yield the parts of a text in order.

    >>> [part.text for part in passages("As in PEFT:\n```python\nr = 4\n```\n")]
    ['As in PEFT:', 'r = 4']
    """
    end = 0
    for match in CODE.finditer(text):
        yield from _prose(text[end : match.start()])
        yield Passage(match["code"].rstrip(), is_code=True, language=match["language"])
        end = match.end()
    yield from _prose(text[end:])


def _prose(text: str) -> Iterator[Passage]:
    if text.strip():
        yield Passage(text.strip("\n"))


def without_code(text: str) -> str:
    r"""Return a text without its code; every line keeps its number.

    >>> without_code("a\n```\n$x$\n```\nb")
    'a\n\n\n\nb'
    """
    return CODE.sub(lambda match: "\n" * match[0].count("\n"), text)
