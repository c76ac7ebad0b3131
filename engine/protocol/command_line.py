"""Options of the command line: those of the window and of every subcommand."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from engine.protocol.setting import Choice, Flag, Integer, LayerNames, Number
from engine.protocol.settings import SETTINGS

DEFAULT_STEPS = 300
"""Steps that `train` and `--screenshot` take by default."""
DEFAULT_SIZE = (1600, 1000)
"""Width and height of the window, in pixels."""
MAX_WINDOW_SIDE_PIXELS = 16_384
MAX_MEASURE_SECONDS = 86_400


def _parse_int(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise _argument_error(text, "a whole number") from None


def _parse_float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise _argument_error(text, "a number") from None


def _argument_error(text: str, allowed: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"{text!r} is not allowed; it must be {allowed}")


_PARSERS = {Integer: _parse_int, Number: _parse_float, Choice: str}
"""Kind of a setting -> parser of its option's text; a flag has none: --batch-norm, --no-batch-norm.
"""


def _add_setting_options(parser: argparse.ArgumentParser) -> None:
    """Add one option for every settings field; a field that is not given stays unset."""
    group = parser.add_argument_group("settings")
    for field, setting in SETTINGS.items():
        how: dict[str, Any] = {"action": argparse.BooleanOptionalAction}
        if isinstance(setting.kind, LayerNames):
            continue  # --freeze, below
        if not isinstance(setting.kind, Flag):
            how = {"type": _PARSERS[type(setting.kind)]}
        option = f"--{field.replace('_', '-')}"
        group.add_argument(option, dest=field, default=argparse.SUPPRESS, **how)
    group.add_argument(
        "--freeze",
        dest="frozen",
        type=_parse_names,
        default=argparse.SUPPRESS,
        metavar="LAYERS",
        help="layers to hold fixed, separated by commas",
    )


def collect_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Collect the settings fields that were given on the command line.

    Args: options: as `parse_arguments` returned them.
    Returns: field -> value.
    """
    return {field: getattr(options, field) for field in SETTINGS if hasattr(options, field)}


PLAN_OPTIONS: dict[str, Any] = {
    "preset": str,
    "method": str,
    "rank": _parse_int,
    "bottleneck": _parse_int,
    "tokens": _parse_int,
    "precision": _parse_int,
    "tasks": _parse_int,
}
"""Field of a cost plan -> parser of its option's text."""

DIMENSION_OPTIONS: dict[str, tuple[Any, str]] = {
    "blocks": (_parse_int, "how many there are, all alike"),
    "width": (_parse_int, "d, of what flows from block to block"),
    "inner": (_parse_int, "width of the feed-forward layer"),
    "vocabulary": (_parse_int, "tokens that it knows"),
    "context": (_parse_int, "tokens that it reads at once"),
    "keys": (
        _parse_int,
        "width of the keys and values, less than d with grouped queries (default: d)",
    ),
    "family": (str, "what stands around the blocks: as in llama (default), gpt2 or roberta"),
}
"""Dimension of a typed-in model -> parser of its option's text, and its help."""
DIMENSION_FLAGS = {
    "gated": "whether the feed-forward layer has a gate (default: as the family has it)",
    "biases": "whether matrices and norms have biases (default: as the family has them)",
}
"""Flag of a typed-in model -> its help."""


def collect_cost_plan(options: argparse.Namespace) -> dict[str, Any]:
    """Collect the fields of a cost plan that were given on the command line.

    Args: options: as `parse_arguments` returned them.
    Returns: field -> value; `dimensions` where the model is typed in.
    """
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
        type=_parse_names,
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


def _parse_names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


WINDOW_OPTIONS = ("lesson", "theme", "size", "screenshot", "measure")
"""Options that no subcommand accepts."""


class _Parser(argparse.ArgumentParser):
    """A parser that answers a mistake with one line and exit code 2."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"deltaw: {message}; --help lists what there is\n")
        raise SystemExit(2)


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line; exit with code 2 and one line where it is wrong.

    Args: arguments: without the program's name.
    """
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
    window.add_argument("--size", type=_parse_size, metavar="WxH", help="size of the window")
    window.add_argument("--screenshot", metavar="FILE", help="train --steps, save a picture, exit")
    window.add_argument("--steps", type=_parse_count, default=DEFAULT_STEPS, metavar="N")
    window.add_argument(
        "--measure",
        type=_parse_seconds,
        metavar="SECONDS",
        help="train at full speed, print frame times and steps per second, exit",
    )
    subcommands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    train = subcommands.add_parser("train", help="train without a window")
    _add_setting_options(train)
    train.add_argument("--steps", type=_parse_count, default=argparse.SUPPRESS, metavar="N")
    train.add_argument("--json", action="store_true", help="print one JSON object")
    _add_cost(subcommands)
    options = parser.parse_args(arguments)
    window_options = [name for name in WINDOW_OPTIONS if getattr(options, name) is not None]
    if options.command is not None and window_options:
        parser.error(f"--{window_options[0]}: is for the window, not for {options.command!r}")
    if options.screenshot is not None and options.measure is not None:
        parser.error("--measure: cannot be used together with --screenshot")
    return options


def _parse_count(text: str) -> int:
    value = _parse_int(text)
    if value < 0:
        raise _argument_error(text, "at least 0")
    return value


def _parse_seconds(text: str) -> float:
    value = _parse_float(text)
    if not 0 < value <= MAX_MEASURE_SECONDS:
        raise _argument_error(text, f"above 0 and at most {MAX_MEASURE_SECONDS:,}")
    return value


def _parse_size(text: str) -> tuple[int, int]:
    sides = text.lower().split("x")
    if len(sides) == 2 and all(side.isdecimal() and len(side) <= 5 for side in sides):
        width, height = int(sides[0]), int(sides[1])
        if 640 <= width <= MAX_WINDOW_SIDE_PIXELS and 480 <= height <= MAX_WINDOW_SIDE_PIXELS:
            return width, height
    allowed = f"WIDTHxHEIGHT, from 640x480 to {MAX_WINDOW_SIDE_PIXELS}x{MAX_WINDOW_SIDE_PIXELS}"
    raise _argument_error(text, allowed)


def print_error(error: Exception | str, exit_code: int = 2) -> int:
    """Print one line about what is wrong to stderr.

    Args: error: the message.  exit_code: of the program.
    Returns: the exit code.
    """
    sys.stderr.write(f"deltaw: {error}\n")
    return exit_code
