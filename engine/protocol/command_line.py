"""What one may type: the options of the window and of every subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

DEFAULT_STEPS = 300
DEFAULT_SIZE = (1600, 1000)
LARGEST_SIDE = 16_384
LONGEST_MEASURE = 86_400


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _refused(text, "a whole number") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _refused(text, "a number") from None


def _refused(text: str, allowed: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"{text!r} is not allowed; it must be {allowed}")


SETTING_OPTIONS: dict[str, Any] = {
    "strategy": str,
    "task": str,
    "learning_rate": _number,
    "rank": _whole,
    "alpha": _number,
    "bottleneck": _whole,
    "head_width": _whole,
    "optimizer": str,
    "batch_size": _whole,
    "weight_decay": _number,
    "schedule": str,
    "warmup_steps": _whole,
    "total_steps": _whole,
    "rate_ratio": _number,
    "rate_decay": _number,
    "stage_steps": _whole,
    "penalty": _number,
    "dropout": _number,
    "patience": _whole,
    "label_noise": _number,
    "train_samples": _whole,
    "batch_norm": bool,
    "freeze_statistics": bool,
    "width": _whole,
    "depth": _whole,
    "seed": _whole,
}
"""Settings field -> how its option's text becomes a value; --learning-rate sets learning_rate.

A bool has no text: --batch-norm, --no-batch-norm.
"""


def _add_setting_options(parser: argparse.ArgumentParser) -> None:
    """Give a parser one option for every settings field; what is not given stays unset."""
    group = parser.add_argument_group("settings")
    for field, kind in SETTING_OPTIONS.items():
        taken: dict[str, Any] = (
            {"action": argparse.BooleanOptionalAction} if kind is bool else {"type": kind}
        )
        option = f"--{field.replace('_', '-')}"
        group.add_argument(option, dest=field, default=argparse.SUPPRESS, **taken)
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
    "rank": _whole,
    "bottleneck": _whole,
    "tokens": _whole,
    "precision": _whole,
    "tasks": _whole,
}
"""Field of a cost's plan -> how its option's text becomes a value."""

DIMENSION_OPTIONS: dict[str, tuple[Any, str]] = {
    "blocks": (_whole, "how many there are, all alike"),
    "width": (_whole, "d, of what flows from block to block"),
    "inner": (_whole, "width of the feed-forward layer"),
    "vocabulary": (_whole, "tokens that it knows"),
    "context": (_whole, "tokens that it reads at once"),
    "keys": (_whole, "width of the keys and values, less than d with grouped queries (default: d)"),
    "family": (str, "what stands around the blocks: as in llama (default), gpt2 or roberta"),
}
"""Dimension of a typed-in model -> how its option's text becomes a value, and what it is."""
DIMENSION_FLAGS = {
    "gated": "whether the feed-forward layer has a gate (default: as the family has it)",
    "biases": "whether matrices and norms have biases (default: as the family has them)",
}


def chosen_plan(options: argparse.Namespace) -> dict[str, Any]:
    """The plan's fields that were given on the command line."""
    fields = (*PLAN_OPTIONS, "targets")
    plan = {field: getattr(options, field) for field in fields if hasattr(options, field)}
    fields = (*DIMENSION_OPTIONS, *DIMENSION_FLAGS)
    typed = {field: getattr(options, field) for field in fields if hasattr(options, field)}
    return {**plan, "dimensions": typed} if typed else plan


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
    model = cost.add_argument_group("a model of your own, instead of --preset")
    for field, (kind, meaning) in DIMENSION_OPTIONS.items():
        model.add_argument(
            f"--{field}", type=kind, default=argparse.SUPPRESS, metavar="N", help=meaning
        )
    for flag, meaning in DIMENSION_FLAGS.items():
        model.add_argument(
            f"--{flag}",
            action=argparse.BooleanOptionalAction,
            default=argparse.SUPPRESS,
            help=meaning,
        )
    cost.add_argument("--json", action="store_true", help="print one JSON object")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


WINDOW_OPTIONS = ("lesson", "theme", "size", "screenshot", "measure")


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
    train.add_argument("--steps", type=_count, default=argparse.SUPPRESS, metavar="N")
    train.add_argument("--json", action="store_true", help="print one JSON object")
    _add_cost(subcommands)
    options = parser.parse_args(arguments)
    given = [name for name in WINDOW_OPTIONS if getattr(options, name) is not None]
    if options.command is not None and given:
        parser.error(f"--{given[0]}: is for the window, not for {options.command!r}")
    if options.screenshot is not None and options.measure is not None:
        parser.error("--measure: cannot be used together with --screenshot")
    return options


def _count(text: str) -> int:
    value = _whole(text)
    if value < 0:
        raise _refused(text, "at least 0")
    return value


def _seconds(text: str) -> float:
    value = _number(text)
    if not 0 < value <= LONGEST_MEASURE:
        raise _refused(text, f"above 0 and at most {LONGEST_MEASURE:,}")
    return value


def _size(text: str) -> tuple[int, int]:
    sides = text.lower().split("x")
    if len(sides) == 2 and all(side.isdecimal() and len(side) <= 5 for side in sides):
        width, height = int(sides[0]), int(sides[1])
        if 640 <= width <= LARGEST_SIDE and 480 <= height <= LARGEST_SIDE:
            return width, height
    allowed = f"WIDTHxHEIGHT, from 640x480 to {LARGEST_SIDE}x{LARGEST_SIDE}"
    raise _refused(text, allowed)


def complain(error: Exception | str, exit_code: int = 2) -> int:
    """Say in one line what is wrong. Returns: the exit code."""
    sys.stderr.write(f"deltaw: {error}\n")
    return exit_code
