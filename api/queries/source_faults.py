"""What is wrong between the agents and a line's machines, as far as a node knows it.

The agents tell what they see; that nothing comes at all, or a counter that cannot be believed, a
node sees by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.queries.refused_readings import RefusedLately
from device_profiles.decoding.clock_error import TOLERANCE as AGENT_TOLERANCE
from domain.plant import IMPORTED, Line
from domain.source_faults import FaultCode, SourceFault, from_text

UNCONNECTED = frozenset(
    {
        FaultCode.MISCONFIGURED,
        FaultCode.NO_CONNECTION,
        FaultCode.CONNECTION_LOST,
        FaultCode.SIGN_IN_REFUSED,
        FaultCode.SECURITY_REFUSED,
        FaultCode.SUBSCRIPTION_REFUSED,
        FaultCode.MACHINE_OFFLINE,
        FaultCode.HEARTBEAT_STILL,
        FaultCode.AGENT_STOPPED,
        FaultCode.NOTHING_RECEIVED,
    }
)


@dataclass(frozen=True, slots=True)
class MachineFault:
    machine: str
    fault: SourceFault


def machine_faults(
    line: Line,
    told: Mapping[str, str | None],
    heard: Mapping[str, datetime],
    lost: Collection[str],
    at: datetime,
    refused: Sequence[RefusedLately] = (),
) -> tuple[MachineFault, ...]:
    """The faults of every machine. `told`: the text of the agent's last report;
    `heard`: until when each was confirmed alive; `lost`: those whose connection was lost since."""
    found: list[MachineFault] = []
    for machine in line.machines.values():
        text, end = told.get(machine.id), heard.get(machine.id)
        faults = [*from_text(text)]
        explained = any(fault.code in UNCONNECTED for fault in faults)
        if machine.profile != IMPORTED:
            end = None if end is None else by_our_clock(end, faults)
            ahead = None if end is None else agent_ahead(end, at)
            if ahead is not None:
                faults.insert(0, ahead)
            if not explained:
                is_lost = machine.id in lost
                faults[:0] = _silent(end, at, line, is_lost=is_lost, is_told=text is not None)
        faults += _not_believed(it for it in refused if it.machine == machine.id)
        found += [MachineFault(machine.id, fault) for fault in faults]
    return tuple(found)


def by_our_clock(confirmed: datetime, faults: Iterable[SourceFault]) -> datetime:
    """Until when a machine is confirmed, where its agent knows by how much its own clock is off."""
    codes = (FaultCode.AGENT_CLOCK_AHEAD, FaultCode.AGENT_CLOCK_BEHIND)
    ahead_s = next((it.amount_s for it in faults if it.code in codes), 0.0)
    return confirmed - timedelta(seconds=ahead_s)


def agent_ahead(confirmed: datetime, at: datetime) -> SourceFault | None:
    """What is wrong with the clock of an agent that confirmed its machine until then."""
    if confirmed - at <= AGENT_TOLERANCE:
        return None
    ahead_s = (confirmed - at).total_seconds()
    return SourceFault(FaultCode.AGENT_CLOCK_AHEAD, amount_s=ahead_s)


def _silent(
    end: datetime | None, at: datetime, line: Line, *, is_lost: bool, is_told: bool
) -> list[SourceFault]:
    """That nothing comes, of which the agent says nothing."""
    if end is None:
        return [] if is_told else [SourceFault(FaultCode.NEVER_HEARD)]
    if is_lost or at - end > timedelta(seconds=line.stale_after_s):
        return [SourceFault(FaultCode.SILENT, min(end, at))]
    return []


def _not_believed(refused: Iterable[RefusedLately]) -> Iterator[SourceFault]:
    for it in refused:
        code = FaultCode.COUNTER_LEAPT if it.leapt else FaultCode.COUNTER_OUT_OF_LINE
        yield SourceFault(code, it.since, it.role, count=it.count)
