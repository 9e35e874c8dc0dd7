"""What `lineproof demo` uses while nobody looks at it: part of a core, and memory.

    python benchmarks/demo_idle.py [--seconds 600] [--warm-up 30] [--data DIR]

Starts the demo as anybody would, waits for its addresses and the warm-up, then counts the CPU of
the process and of all that it started over the seconds, and its memory at their end. Simulated
machines, broker, agents, collector, facts and pages are all in it; no page is open. With a data
folder of an earlier run the history is there already, as on a second start.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from processes import cpu_s, free_port, memory_mb

CPU_AIM = 0.12
MEMORY_AIM_MB = 350
_ADDRESSES = "Stop it with Ctrl-C."


@dataclass(frozen=True)
class Idle:
    """`start_s`: from the command to the addresses; `cores`: CPU seconds a second."""

    start_s: float
    cores: float
    memory_mb: float
    peak_mb: float


def idle(data: Path, warm_up_s: float, seconds: float) -> Idle:
    """Run the demo on the data folder and measure it. Raises SystemExit when it ends early."""
    command = [sys.executable, "-m", "lineproof", "demo", "--no-browser"]
    command += ["--port", str(free_port()), "--data", str(data)]
    begun = time.monotonic()
    demo = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert demo.stdout is not None
        if not any(_ADDRESSES in line for line in demo.stdout):
            raise SystemExit("the demo ended before it told its addresses")
        start_s = time.monotonic() - begun
        time.sleep(warm_up_s)
        used_s, since = cpu_s(demo.pid), time.monotonic()
        time.sleep(seconds)
        used_s, passed_s = cpu_s(demo.pid) - used_s, time.monotonic() - since
        return Idle(start_s, used_s / passed_s, memory_mb(demo.pid), memory_mb(demo.pid, "VmHWM"))
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--warm-up", type=float, default=30)
    parser.add_argument("--data", type=Path, help="of the demo; default: a new one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = idle(options.data or Path(folder), options.warm_up, options.seconds)
    print(f"addresses after {found.start_s:.1f} s")
    print(f"CPU: {found.cores:.1%} of a core (aim: under {CPU_AIM:.0%})")
    print(
        f"memory: {found.memory_mb:.0f} MB, at most {found.peak_mb:.0f} MB "
        f"(aim: under {MEMORY_AIM_MB} MB)"
    )


if __name__ == "__main__":
    main()
