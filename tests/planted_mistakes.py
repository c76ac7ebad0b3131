"""Plants mistakes one by one and says which tests catch each: a test of the tests.

    python -m tests.planted_mistakes [NAMES…] [--skip-clean] [--list]

Each mistake changes one place of a copy of the tree; the tests that should notice run on the copy.
They run on the copy as it is first, since a test that fails anyway catches nothing. The exit code
is 1 if a mistake is not caught, and 2 if the text to replace is not there any more.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHOWN_TESTS = 4
"""Tests named for each mistake, at most; the others are counted."""
MAX_FAILURES = 8
"""Failed tests after which a run ends: it is caught by then."""


class PlantError(Exception):
    """The text that a mistake replaces is not there, or is there twice."""


@dataclass(frozen=True)
class Mistake:
    """One mistake: a text that stands once in the modules of a folder, and what replaces it."""

    name: str
    folder: str
    old: str
    new: str
    tests: tuple[str, ...]
    """Files that should catch it, below tests/."""

    def plant(self, root: Path) -> tuple[Path, str]:
        """Plant it in a tree. Returns: the module and its text without the mistake."""
        texts = {
            path: path.read_text(encoding="utf-8")
            for path in sorted((root / self.folder).rglob("*.py"))
        }
        places = [path for path, text in texts.items() for _ in range(text.count(self.old))]
        if len(places) != 1:
            raise PlantError(f"{self.name}: {self.old!r} stands {len(places)} times, not once, "
                             f"in {self.folder}/")  # fmt: skip
        path = places[0]
        path.write_text(texts[path].replace(self.old, self.new), encoding="utf-8")
        return path, texts[path]


MISTAKES = (
    Mistake(
        "a frozen weight moves", "engine/training",
        "parameter.requires_grad_(free)",
        "parameter.requires_grad_(name in self._parameters)",
        ("engine/test_trainer.py", "engine/strategies/test_strategies.py"),
    ),
    Mistake(
        "a gradient outlives the lock", "engine/training",
        "            if not free:\n                parameter.grad = None\n",
        "            if not free:\n",
        ("engine/test_trainer.py", "engine/strategies/test_strategies.py"),
    ),
    Mistake(
        "LoRA is scaled by the wrong rank", "engine/model",
        "settings.scaling_alpha / settings.rank",
        "settings.scaling_alpha / (settings.rank + 1)",
        ("engine/strategies/test_oracles_low_rank.py",),
    ),
    Mistake(
        "a command gets lost", "engine/protocol",
        "if in_order or not isinstance(other, _SUPERSEDABLE):",
        "if in_order:",
        ("engine/protocol/test_command_queue.py",),
    ),
    Mistake(
        "a stale run's branches are believed", "gui/state",
        "if timeline is None or timeline.run != frame.run:",
        "if timeline is None:",
        ("gui/timeline/test_branches.py", "gui/test_session.py"),
    ),
    Mistake(
        "colours are off by one cell", "gui/matrices",
        "level.astype(np.uint8)",
        "np.roll(level, 1, axis=-1).astype(np.uint8)",
        ("gui/matrices/test_heatmap.py",),
    ),
    Mistake(
        "a derivation has a wrong sign", "engine/derivation",
        'yield _Formula("after", f"θₜ₋₁ − η · {g}")',
        'yield _Formula("after", f"θₜ₋₁ + η · {g}")',
        ("engine/derivation/test_cell.py",),
    ),
    Mistake(
        "W′ is not W + ΔW", "engine/model",
        "else weight + self.update.delta(",
        "else weight - self.update.delta(",
        ("engine/strategies/test_contract.py", "engine/strategies/test_strategies.py"),
    ),
    Mistake(
        "scrubbing forgets the optimizer's memory", "engine/training",
        'self._optimizer.load_state_dict(state["optimizer"])',
        "self._optimizer.load_state_dict({})",
        ("engine/strategies/test_strategies.py", "engine/history/test_history.py"),
    ),
    Mistake(
        "every epoch has the same order", "engine/training",
        "torch.randperm(count, generator=self._generator)",
        "torch.randperm(count, generator=torch.Generator().manual_seed(0))",
        ("engine/test_trainer.py", "engine/strategies/test_strategies.py"),
    ),
    Mistake(
        "forgetting is measured on the training split", "engine/training",
        "from_split(initial.data.source.test)",
        "from_split(initial.data.source.train)",
        ("engine/test_trainer.py", "engine/strategies/test_strategies.py"),
    ),
    Mistake(
        "NF4's codes are off by one", "engine/model",
        "midpoints = (table[:-1] + table[1:]) / 2",
        "midpoints = table[:-1]",
        ("engine/model/test_nf4.py",),
    ),
    Mistake(
        "the engine gets the settings before the newest", "gui/state",
        "self._engine.send(Configure(new))",
        "self._engine.send(Configure(self._state.settings))",
        ("gui/test_session.py",),
    ),
    Mistake(
        "a state loses BatchNorm's statistics", "engine/training",
        "in self.network.moving_tensors().items()\n",
        'in self.network.moving_tensors().items() if ".norm.running" not in name\n',
        ("engine/training/test_training_aids.py", "engine/history/test_history.py"),
    ),
    Mistake(
        "a lower rank keeps the weakest directions", "engine/model",
        "left, values, right = truncated_svd(self.product(), rank)\n",
        "left, values, right = truncated_svd(self.product(), self.rank)\n"
        "        left, values, right = left[:, -rank:], values[-rank:], right[-rank:]\n",
        ("engine/strategies/test_live_changes.py",),
    ),
    Mistake(
        "a lesson's points are shares", "gui/lessons",
        "points_text(share, plus=True)",
        "points_text(share / 100, plus=True)",
        ("gui/lessons/test_expression.py", "gui/lessons/test_file.py"),
    ),
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Plant what is asked for. Returns: the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="parts of mistakes' names; none: all mistakes")
    parser.add_argument("--skip-clean", action="store_true", help="trust that the tests pass")
    parser.add_argument("--list", action="store_true", help="print the names alone")
    options = parser.parse_args(arguments)
    chosen = [m for m in MISTAKES if _is_chosen(m, options.names)]
    if options.list or not chosen:
        print(*(mistake.name for mistake in (chosen or MISTAKES)), sep="\n")
        return 0 if chosen else 2
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        root = Path(folder) / "tree"
        _copy_tree(root)
        return _plant_all(root, chosen, check_first=not options.skip_clean)


def _plant_all(root: Path, chosen: Sequence[Mistake], *, check_first: bool) -> int:
    if check_first:
        failed = _failed_tests(root, dict.fromkeys(f for m in chosen for f in m.tests))
        if failed:
            print("These fail without a mistake:", *failed, sep="\n  ")
            return 1
    print("| mistake | caught by |\n|-|-|", flush=True)
    missed, not_planted = 0, 0
    for mistake in chosen:
        try:
            path, text = mistake.plant(root)
        except PlantError as error:
            not_planted += 1
            print(f"| {mistake.name} | NOT PLANTED: {error} |", flush=True)
            continue
        failed = _failed_tests(root, mistake.tests)
        path.write_text(text, encoding="utf-8")
        missed += not failed
        print(f"| {mistake.name} | {_list_tests(failed)} |", flush=True)
    caught = len(chosen) - missed - not_planted
    print(f"\n{caught} of {len(chosen)} caught, {missed} missed, {not_planted} not planted")
    return 2 if not_planted else int(missed > 0)


def _is_chosen(mistake: Mistake, names: Sequence[str]) -> bool:
    return not names or any(name.lower() in mistake.name.lower() for name in names)


def _copy_tree(root: Path) -> None:
    """Copy the working tree: what git tracks, and new files that it does not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)


def _failed_tests(root: Path, files: Iterable[str]) -> list[str]:
    """Run tests of a tree. Returns: those that failed; the file itself where it cannot be run."""
    paths = [f"tests/{name}" for name in files]
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "--no-header", "--tb=no", "-rfE",
         "-p", "no:cacheprovider", f"--maxfail={MAX_FAILURES}", *paths],
        cwd=root, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True, text=True,
    )  # fmt: skip
    failed = [
        line.split(" ", 1)[1].partition(" - ")[0]
        for line in done.stdout.splitlines()
        if line.startswith(("FAILED ", "ERROR "))
    ]
    if done.returncode not in (0, 1, 2) or (done.returncode and not failed):
        raise SystemExit(f"pytest did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return failed


def _list_tests(failed: Sequence[str]) -> str:
    if not failed:
        return "NOTHING"
    shown = [f"`{name.removeprefix('tests/')}`" for name in failed[:SHOWN_TESTS]]
    more = len(failed) - len(shown)
    return "; ".join(shown) + (f" and {more} more" if more else "")


if __name__ == "__main__":
    sys.exit(main())
