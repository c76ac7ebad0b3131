"""Start-up: settles the search path, file names and printed signs before anything is imported.

Only the standard library is used, so that nothing in the user's surroundings can be in the way.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_PLAIN_SIGNS = str.maketrans(
    {
        "Δ": "d", "′": "'", "’": "'", "“": '"', "”": '"', "−": "-", "–": "-", "×": "x", "·": "*",
        "±": "+-", "‖": "|", "…": "...",
    }
)  # fmt: skip
"""Signs that the program prints -> what stands for one where the encoding lacks it."""


def settle() -> None:
    """Make the program the same in all surroundings; may begin it anew, with UTF-8 file names."""
    _search_own_packages_first()
    _read_file_names_as_utf8()
    _print_in_any_encoding()


@contextmanager
def no_foreign_modules() -> Iterator[None]:
    """Within it, a process begins without PYTHONPATH and without modules of the current folder.

    `multiprocessing` gives it this process's search path before it imports anything of ours.
    """
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", "PYTHONSAFEPATH")}
    os.environ.pop("PYTHONPATH", None)
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTHONSAFEPATH")
        os.environ.update({name: value for name, value in before.items() if value is not None})


def _search_own_packages_first() -> None:
    """Put PYTHONPATH last: what is needed from there is found, a numpy of another Python is not."""
    foreign = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    folders = {os.path.abspath(folder) for folder in foreign if folder}
    last = [entry for entry in sys.path[1:] if os.path.abspath(entry) in folders]
    sys.path[1:] = [entry for entry in sys.path[1:] if entry not in last] + last


def _read_file_names_as_utf8() -> None:
    """Begin anew in Python's UTF-8 mode where the locale, such as LC_ALL=C, has a lesser encoding.

    Qt reads names as UTF-8 there: the two would disagree about `Übung`.
    """
    if codecs.lookup(sys.getfilesystemencoding()).name == "utf-8":
        return
    if isinstance(sys.stdout, io.TextIOWrapper):  # what is printed keeps the locale's encoding
        os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
    os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _print_in_any_encoding() -> None:
    """Write another sign for one that the encoding lacks; without an output, write to nowhere."""
    codecs.register_error("plain_signs", _replace_signs)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plain_signs")


def _replace_signs(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    text = error.object[error.start : error.end].translate(_PLAIN_SIGNS)
    return text.encode("ascii", "replace").decode("ascii"), error.end
