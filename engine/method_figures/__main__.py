"""Makes resources/method_figures.toml again: `python -m engine.method_figures [METHODS…]`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence

from engine.method_figures.large_model import compute_large
from engine.method_figures.measured import (
    RunFigures,
    count_stored_parameters,
    keeps_head,
    measure,
    read_guide,
    settings_of,
)
from engine.protocol.method_figures import FIGURES_FILE, MethodFigures, SetupFigures, read_figures

SEEDS = range(12)
HEADING = (
    "# Written by `python -m engine.method_figures`: what resources/choices.toml asks for,\n"
    "# measured and calculated. A list has one number of each seed, as a share.\n"
)


def make_figures(strategy: str, seeds: Sequence[int] = SEEDS) -> MethodFigures:
    """Measure and calculate all figures of a method. Args: strategy: its name.  seeds: of runs."""
    setups, _ = read_guide()
    runs = {
        name: as_columns([measure(settings_of(strategy, setup, seed)) for seed in seeds])
        for name, setup in setups.items()
    }
    return MethodFigures(
        stored_parameters=count_stored_parameters(strategy),
        keeps_head=keeps_head(strategy),
        **compute_large(strategy)._asdict(),
        runs=runs,
    )


def as_columns(runs: Sequence[RunFigures]) -> SetupFigures:
    """Return the figures of some runs, one list of each kind. Args: runs: one of each seed."""
    return SetupFigures(*zip(*runs, strict=True))


def figures_text(strategy: str, figures: MethodFigures) -> str:
    """Return a method's figures as TOML. Args: strategy: its name.  figures: to write."""
    return "\n".join(_lines(strategy, figures)) + "\n"


def _lines(strategy: str, figures: MethodFigures) -> Iterator[str]:
    yield f"\n[{strategy}]"
    for field in MethodFigures.__struct_fields__:
        if field != "runs":
            yield f"{field} = {json.dumps(getattr(figures, field), ensure_ascii=False)}"
    for setup, runs in figures.runs.items():
        yield f"\n[{strategy}.runs.{setup}]"
        for field in RunFigures._fields:
            yield f"{field} = [{', '.join(map(str, getattr(runs, field)))}]"


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the figures again. Args: arguments: only of these; None: the command line's."""
    _, methods = read_guide()
    parser = argparse.ArgumentParser(description="Make the method guide's figures again.")
    # argparse holds the default against the choices, too.
    parser.add_argument("methods", nargs="*", choices=[[], *methods], default=[], metavar="METHOD")
    chosen = parser.parse_args(arguments).methods or methods
    made = {} if len(chosen) == len(methods) else read_figures()
    for method in chosen:
        made[method] = make_figures(method)
        sys.stdout.write(f"{method}\n")
    text = HEADING + "".join(figures_text(method, made[method]) for method in methods)
    FIGURES_FILE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
