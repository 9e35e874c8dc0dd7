"""How one machine of an agent is doing: what metrics and the status page show of it."""

from __future__ import annotations

from dataclasses import dataclass

from device_profiles.decoding.clock_error import ClockError
from domain.source_faults import SourceFault
from edge.last_minute import Pace
from edge.sources.base import SourceStatus


@dataclass(frozen=True, slots=True)
class MachineStatus:
    """A snapshot. `problem` is why it is not read at all, else empty.

    `address`: where it is, without credentials;
    `rejected`: how many values could not be used since the start, by reason; `clock_error`: by how
    much its clock is off, None while it is right or nothing is known; `time_doubts`: for each
    reason, how many source times were not believed since the start; `faults`: all that is wrong,
    the gravest first.
    """

    line: str
    machine: str
    profile: str
    profile_digest: str
    address: str
    alive: bool
    samples: int
    rejections: int
    rejected: tuple[tuple[str, int], ...]
    problem: str
    source: SourceStatus
    pace: Pace
    clock_error: ClockError | None
    time_doubts: tuple[tuple[str, int], ...]
    faults: tuple[SourceFault, ...]
