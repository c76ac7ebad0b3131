"""ΔW: see what fine-tuning does to a network's weights."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parent)


def main() -> int:
    """Run the command line; without a subcommand, open the window. Returns: the exit code."""
    if ROOT not in sys.path:  # python -P, python -I
        sys.path.insert(0, ROOT)
    from engine.protocol.startup import settle

    settle()
    from engine.protocol.command_line import parse_arguments

    options = parse_arguments(sys.argv[1:])
    if options.command is not None:
        from engine import cli

        return cli.run(options)
    from gui.app import run

    return run(options)


if __name__ == "__main__":
    sys.exit(main())
