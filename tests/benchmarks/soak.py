"""Whether anything grows while a run goes on and on: memory, threads, files, widgets, objects.

`python -m tests.benchmarks.soak MINUTES [--used] [--strategy NAME]` trains in the real window,
left alone, or used now and then, and prints one JSON object: the slope of the memory of window
and engine by least squares after the warm-up, and what was counted, over time.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

import numpy as np

WARM_UP_SHARE = 0.25
"""Of the time, but no more than `LONGEST_WARM_UP`, is not looked at."""
LONGEST_WARM_UP = 300.0
"""Each size of a font and of an icon, and each dialog, is kept from the first time on."""
FEWEST = 8
"""Samples that a slope takes."""


def soak(minutes: float, *, used: bool, strategy: str) -> dict[str, Any]:
    """Slopes per hour, in MiB or in things; the first, the last and all samples."""
    # Not above: the engine's process imports this module anew, and Qt would come along.
    from gui.app import import_qt

    import_qt()
    from tests.benchmarks.long_run import long_run

    seconds, samples, notice = long_run(minutes, used=used, strategy=strategy)
    columns = {name: [row[name] for row in samples] for name in samples[0]}
    both = np.asarray(columns["window_rss"]) + np.asarray(columns["engine_rss"])
    slopes = {name: slope(seconds, columns[name]) for name in columns if name != "step"}
    return {
        "minutes": minutes,
        "used": used,
        "strategy": strategy,
        "notice": notice,
        "mebibytes_per_hour": slope(seconds, both.tolist()),
        "slope_per_hour": slopes,
        "first": samples[0],
        "last": samples[-1],
        "samples": {"seconds": [round(second, 1) for second in seconds], **columns},
    }


def slope(seconds: list[float], values: list[float]) -> float | None:
    """Units per hour, by least squares after the warm-up; None where that left too few."""
    warm_up = min(WARM_UP_SHARE * seconds[-1], LONGEST_WARM_UP)
    after = [index for index, second in enumerate(seconds) if second >= warm_up]
    if len(after) < FEWEST:
        return None
    hours = np.asarray([seconds[index] for index in after]) / 3600
    return round(float(np.polyfit(hours, np.asarray([values[i] for i in after]), 1)[0]), 3)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Look for what grows while a run goes on.")
    parser.add_argument("minutes", type=float)
    parser.add_argument("--used", action="store_true", help="somebody uses the window meanwhile")
    parser.add_argument("--strategy", default="full")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    print(json.dumps(soak(options.minutes, used=options.used, strategy=options.strategy)))


if __name__ == "__main__":
    main()
