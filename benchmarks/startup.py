"""How long `lineproof --help` takes, beside `python -c "import polars"`.

    python benchmarks/startup.py [--pairs 15]

Both start as a user starts them, in turns, each first in every other pair; the first pair only
warms caches up and does not count. `lineproof` is the program that is installed beside this
Python, running the code of this checkout.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HELP = (str(Path(sysconfig.get_path("scripts"), "lineproof")), "--help")
POLARS = (sys.executable, "-c", "import polars")
AIM = 1.2


@dataclass(frozen=True)
class Startup:
    """Seconds of each start, pair by pair."""

    help_s: tuple[float, ...]
    polars_s: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return statistics.median(self.help_s) / statistics.median(self.polars_s)


def measured(pairs: int) -> Startup:
    """Start both in turns. Raises CalledProcessError when one of them fails."""
    taken: dict[Sequence[str], list[float]] = {HELP: [], POLARS: []}
    for number in range(pairs + 1):
        for command in (HELP, POLARS) if number % 2 else (POLARS, HELP):
            taken[command].append(_seconds(command))
    return Startup(tuple(taken[HELP][1:]), tuple(taken[POLARS][1:]))


def _seconds(command: Sequence[str]) -> float:
    begun = time.perf_counter()
    subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=15)
    found = measured(parser.parse_args().pairs)
    for name, seconds in (("lineproof --help", found.help_s), ("import polars", found.polars_s)):
        print(
            f"{name:16} {statistics.median(seconds):.3f} s "
            f"(median of {len(seconds)}; {min(seconds):.3f} to {max(seconds):.3f} s)"
        )
    print(f"ratio            {found.ratio:.2f} × (aim: ≤ {AIM})")


if __name__ == "__main__":
    main()
