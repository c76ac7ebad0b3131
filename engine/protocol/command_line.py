"""What one may type: the options of the window and of every subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

DEFAULT_STEPS = 300
DEFAULT_SIZE = (1600, 1000)


SETTING_OPTIONS: dict[str, Any] = {
    "strategy": str,
    "task": str,
    "learning_rate": float,
    "rank": int,
    "alpha": float,
    "bottleneck": int,
    "head_width": int,
    "optimizer": str,
    "batch_size": int,
    "weight_decay": float,
    "seed": int,
}
"""Settings field -> how its option's text becomes a value; --learning-rate sets learning_rate."""


def _add_setting_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser one option for every settings field; what is not given stays unset."""
    group = parser.add_argument_group("settings")
    for field, kind in SETTING_OPTIONS.items():
        group.add_argument(
            f"--{field.replace('_', '-')}", dest=field, type=kind, default=argparse.SUPPRESS
        )
    group.add_argument(
        "--freeze",
        dest="frozen",
        type=_names,
        default=argparse.SUPPRESS,
        metavar="LAYERS",
        help="layers to hold fixed, separated by commas",
    )


def chosen_settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings fields that were given on the command line."""
    fields = (*SETTING_OPTIONS, "frozen")
    return {field: getattr(options, field) for field in fields if hasattr(options, field)}


PLAN_OPTIONS: dict[str, Any] = {
    "preset": str,
    "method": str,
    "rank": int,
    "bottleneck": int,
    "tokens": int,
    "precision": int,
}
"""Field of a cost's plan -> how its option's text becomes a value."""


def chosen_plan(options: argparse.Namespace) -> dict[str, Any]:
    """The plan's fields that were given on the command line."""
    fields = (*PLAN_OPTIONS, "targets")
    return {field: getattr(options, field) for field in fields if hasattr(options, field)}


def _add_cost(subcommands: Any) -> None:
    cost = subcommands.add_parser("cost", help="what fine-tuning a large model takes, by formula")
    for field, kind in PLAN_OPTIONS.items():
        cost.add_argument(f"--{field}", type=kind, default=argparse.SUPPRESS)
    cost.add_argument(
        "--targets",
        type=_names,
        default=argparse.SUPPRESS,
        metavar="MATRICES",
        help="the blocks' matrices to change, separated by commas: q,k,v,o,up,down,gate",
    )
    cost.add_argument("--json", action="store_true", help="print one JSON object")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


class _Parser(argparse.ArgumentParser):
    """Answers a mistake with one line and exit code 2."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"deltaw: {message}; --help lists what there is\n")
        raise SystemExit(2)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options in `arguments`; exits with code 2 and one line where they are wrong."""
    parser = _Parser(
        prog="deltaw",
        description="See what fine-tuning does to a network's weights: W, ΔW and W′, live.",
    )
    _add_setting_options(parser)
    window = parser.add_argument_group("window")
    window.add_argument("--lesson", metavar="NAME", help="open this lesson")
    window.add_argument(
        "--theme", choices=("system", "light", "dark"), help="colours (default: as last time)"
    )
    window.add_argument("--size", type=_size, metavar="WxH", help="size of the window")
    window.add_argument("--screenshot", metavar="FILE", help="train --steps, save a picture, exit")
    window.add_argument("--steps", type=_count, default=DEFAULT_STEPS, metavar="N")
    window.add_argument(
        "--measure",
        type=_seconds,
        metavar="SECONDS",
        help="train at full speed, print frame times and steps per second, exit",
    )
    subcommands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    train = subcommands.add_parser("train", help="train without a window")
    _add_setting_options(train)
    train.add_argument("--steps", type=_count, default=DEFAULT_STEPS, metavar="N")
    train.add_argument("--json", action="store_true", help="print one JSON object")
    _add_cost(subcommands)
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; it must be at least 0")
    return value


def _seconds(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; it must be above 0")
    return value


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= 640 and int(height) >= 480):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not allowed; it must be WIDTHxHEIGHT, at least 640x480"
        )
    return int(width), int(height)


def complain(error: Exception | str, exit_code: int = 2) -> int:
    """Say in one line what is wrong. Returns: the exit code."""
    sys.stderr.write(f"deltaw: {error}\n")
    return exit_code
