"""What processes use, as the kernel counts it (/proc): seconds of CPU, memory, bytes written.

A process and all that it started count together. Nothing is asked of the process itself.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_STATE_FIELD = 2  # of /proc/<pid>/stat behind the name, which may hold blanks itself
_USER_TICKS, _SYSTEM_TICKS = 13 - _STATE_FIELD, 14 - _STATE_FIELD


def family(pid: int) -> list[int]:
    """The process and everything below it."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += [int(child) for child in children.read_text().split()]
    return found


def cpu_s(pid: int) -> float:
    """Seconds of CPU, in user code and in the kernel, of the process and those below it."""
    ticks = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[_USER_TICKS]) + int(fields[_SYSTEM_TICKS])
    return ticks / _TICKS_PER_S


def memory_mb(pid: int, what: str = "VmRSS") -> float:
    """Resident memory (or its peak, "VmHWM") of the process and those below it, in MB."""
    kb = 0
    for one in family(pid):
        for line in Path(f"/proc/{one}/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                kb += int(line.split()[1])
    return kb / 1024


def written_mb(pid: int) -> float:
    """What the kernel had to write to disks for the process and those below it, in MB."""
    return sum(_written_bytes(one) for one in family(pid)) / 1e6


def _written_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/io").read_text().splitlines():
        if line.startswith("write_bytes:"):
            return int(line.split()[1])
    return 0


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
