"""Options of the command line: those of the window and of every subcommand."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from engine.protocol.number_text import parse_number, parse_whole_number
from engine.protocol.setting import Choice, Flag, Integer, Number
from engine.protocol.settings import SETTINGS

DEFAULT_STEPS = 300
"""Steps that `train` and `--screenshot` take by default."""
DEFAULT_SIZE = (1600, 1000)
"""Width and height of the window, in pixels."""
MAX_WINDOW_SIDE_PIXELS = 16_384
MAX_MEASURE_SECONDS = 86_400


def _parse_int(text: str) -> int:
    try:
        return parse_whole_number(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _parse_float(text: str) -> float:
    try:
        return parse_number(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _argument_error(text: str, allowed: str) -> argparse.ArgumentTypeError:
    return argparse.ArgumentTypeError(f"{text!r} is not allowed; it must be {allowed}")


def _parse_names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _parse_layers(text: str) -> tuple[str, ...]:
    names = _parse_names(text)
    if not names:
        raise _argument_error(text, "at least one layer; leave it out to freeze none")
    return names


Options = dict[str, dict[str, Any]]
"""Field -> arguments of its option's `add_argument`."""
_FLAG = {"action": argparse.BooleanOptionalAction}
_KINDS: dict[type, dict[str, Any]] = {
    Integer: {"type": _parse_int}, Number: {"type": _parse_float}, Choice: {}, Flag: _FLAG,
}  # fmt: skip
_SETTINGS: Options = {
    field: {**_KINDS[type(setting.kind)], "help": setting.allowed.replace("%", "%%")}
    for field, setting in SETTINGS.items() if field != "frozen"
}  # fmt: skip
_PLAN: Options = {
    "preset": {},
    "method": {},
    "rank": {"type": _parse_int},
    "bottleneck": {"type": _parse_int},
    "tokens": {"type": _parse_int},
    "precision": {"type": _parse_int},
    "bytes_per_parameter": {
        "type": _parse_int,
        "help": "of what trains, with gradient and optimizer states: 8, 12, 16 (default) or 18",
    },
    "adapter_bytes": {
        "type": _parse_int,
        "help": "of an adapter's parameter: 4, as PEFT trains and saves them (default), or 2",
    },
    "batch_size": {"type": _parse_int, "help": "sequences of one forward pass (default: 1)"},
    "sequence_length": {
        "type": _parse_int, "help": "tokens of each sequence (default: 2,048, if it reads so many)"
    },
    "checkpointing": {
        **_FLAG, "help": "whether activations are computed again in the backward pass (default: "
                         "with 8 and 4 bits)"
    },
    "tasks": {"type": _parse_int},
    "targets": {
        "type": _parse_names, "metavar": "MATRICES",
        "help": "the blocks' matrices to change, separated by commas: q,k,v,o,up,down,gate; qkv is "
                "the one matrix of GPT-2",
    },
}  # fmt: skip
_WHOLE = {"type": _parse_int, "metavar": "N"}
_DIMENSIONS: Options = {
    "blocks": {**_WHOLE, "help": "how many there are, all alike"},
    "width": {**_WHOLE, "help": "d, of what flows from block to block"},
    "inner": {**_WHOLE, "help": "width of the feed-forward layer"},
    "vocabulary": {**_WHOLE, "help": "tokens that it knows"},
    "context": {**_WHOLE, "help": "tokens that it reads at once"},
    "queries": {**_WHOLE, "help": "width of the queries, heads times the width of one "
                                  "(default: d)"},
    "keys": {**_WHOLE, "help": "width of the keys and values, less than the queries' with grouped "
                               "queries (default: the same)"},
    "head_norm": {**_WHOLE, "help": "width of the norms of q and k (default: 0, none)"},
    "family": {"metavar": "N", "help": "what stands around the blocks: as in llama (default), "
                                       "gemma3, gpt2, bert or roberta"},
    "gated": {**_FLAG, "help": "whether the feed-forward layer has a gate (default: as the family "
                               "has it)"},
    "biases": {**_FLAG, "help": "whether matrices and norms have biases (default: as the family "
                                "has them)"},
    "qkv_biases": {**_FLAG, "help": "whether q, k and v have biases (default: as --biases)"},
    "tied": {**_FLAG, "help": "whether the token embedding serves as head (default: as the family "
                              "has it)"},
    "fused": {**_FLAG, "help": "whether q, k and v are one matrix (default: as the family has "
                               "them)"},
}  # fmt: skip


def _add_options(parser: Any, options: Options) -> None:
    """Add options; a field whose option is not given stays unset."""
    for field, how in options.items():
        option = f"--{field.replace('_', '-')}"
        parser.add_argument(option, dest=field, default=argparse.SUPPRESS, **how)


def _collect(options: argparse.Namespace, fields: Iterable[str]) -> dict[str, Any]:
    return {field: getattr(options, field) for field in fields if hasattr(options, field)}


def _add_setting_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("settings")
    _add_options(group, _SETTINGS)
    group.add_argument(
        "--freeze",
        dest="frozen",
        type=_parse_layers,
        default=argparse.SUPPRESS,
        metavar="LAYERS",
        help="layers to hold fixed, separated by commas",
    )


def collect_settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that were given, by field. Args: options: from `parse_arguments`."""
    return _collect(options, SETTINGS)


def collect_cost_plan(options: argparse.Namespace) -> dict[str, Any]:
    """Collect the fields of a cost plan that were given on the command line.

    Args: options: as `parse_arguments` returned them.
    Returns: field -> value; `dimensions` where the model is typed in.
    """
    plan, typed = _collect(options, _PLAN), _collect(options, _DIMENSIONS)
    return {**plan, "dimensions": typed} if typed else plan


def _add_cost(subcommands: Any) -> None:
    cost = subcommands.add_parser("cost", help="what fine-tuning a large model takes, by formula")
    _add_options(cost, _PLAN)
    model = cost.add_argument_group("a model of your own, instead of --preset")
    _add_options(model, _DIMENSIONS)
    cost.add_argument("--json", action="store_true", help="print one JSON object")


WINDOW_OPTIONS = ("lesson", "theme", "size", "screenshot", "measure")
"""Options that no subcommand accepts."""


class _Parser(argparse.ArgumentParser):
    """A parser that answers a mistake with one line and exit code 2."""

    def error(self, message: str) -> NoReturn:
        sys.stderr.write(f"deltaw: {message}; --help lists what there is\n")
        raise SystemExit(2)


def parse_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse, or exit with code 2 and a line on what is wrong. Args: arguments: of the program."""
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
        raise _argument_error(text, f"above 0 and at most {MAX_MEASURE_SECONDS}")
    return value


def _parse_size(text: str) -> tuple[int, int]:
    sides = re.fullmatch(r"([0-9]{1,5})[xX×]([0-9]{1,5})", text)
    if sides is not None:
        width, height = int(sides[1]), int(sides[2])
        if 640 <= width <= MAX_WINDOW_SIDE_PIXELS and 480 <= height <= MAX_WINDOW_SIDE_PIXELS:
            return width, height
    allowed = f"WIDTHxHEIGHT, from 640x480 to {MAX_WINDOW_SIDE_PIXELS}x{MAX_WINDOW_SIDE_PIXELS}"
    raise _argument_error(text, allowed)


def print_error(error: Exception | str, exit_code: int = 2) -> int:
    """Print what is wrong in a line to stderr. Args: error: to print.  exit_code: to return."""
    sys.stderr.write(f"deltaw: {error}\n")
    return exit_code
