"""Which instants of an imported time contradict themselves, told by machine and signal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.timeline.tracks import role_machine
from domain.plant import Line
from store.history.contradictions import contradictions
from store.telemetry.protocol import TelemetryReader

_HELD = ("state", "mode", "order", "product", "stop_reason")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Contradictions:
    """At `count` instants a signal says several new things; `first`: the first of them."""

    machine: str
    signal: str
    count: int
    first: tuple[datetime, ...]

    def sentence(self) -> str:
        shown = ", ".join(at.isoformat() for at in self.first[:3])
        more = ", …" if self.count > 3 else ""
        at = "one instant" if self.count == 1 else f"{self.count} instants"
        return (
            f"machine '{self.machine}' has several new values of {self.signal} at {at} ({shown}"
            f"{more}): which of them holds cannot be told, so nothing is known from there to the "
            "next one"
        )


def contradictions_of(
    telemetry: TelemetryReader, line: Line, zone: ZoneInfo, start: datetime, end: datetime
) -> Iterator[Contradictions]:
    """Of all that the line's states are made of, in [start, end] (UTC); told in that zone."""
    for signal in _HELD:
        machine = role_machine(line, signal)
        if machine is None:
            continue
        first, count = [], 0
        for at in contradictions(telemetry, line.id, machine, signal, start, end):
            count += 1
            if count <= _SHOWN:
                first.append(at.astimezone(zone))
        if count:
            yield Contradictions(machine, signal, count, tuple(first))
