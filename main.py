"""ΔW: see what fine-tuning does to a network's weights."""

from __future__ import annotations

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))


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
