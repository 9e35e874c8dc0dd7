"""What is wrong between the agents and a line's machines, as far as a node knows it.

The agents tell what they see; that nothing comes at all, a node sees by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.timeline.tracks import is_ahead
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
) -> tuple[MachineFault, ...]:
    """The faults of every machine. `told`: the text of the agent's last report;
    `heard`: until when each was confirmed alive; `lost`: those whose connection was lost since."""
    found: list[MachineFault] = []
    for machine in line.machines.values():
        faults = from_text(told.get(machine.id))
        explained = any(fault.code in UNCONNECTED for fault in faults)
        if machine.profile != IMPORTED and not explained:
            end = heard.get(machine.id)
            is_silent = end is not None and at - end > timedelta(seconds=line.stale_after_s)
            if end is not None and is_ahead(end, at):
                ahead_s = (end - at).total_seconds()
                fault = SourceFault(FaultCode.AGENT_CLOCK_AHEAD, amount_s=ahead_s)
                found.append(MachineFault(machine.id, fault))
            elif is_silent or (end is not None and machine.id in lost):
                found.append(MachineFault(machine.id, SourceFault(FaultCode.SILENT, end)))
            elif end is None and told.get(machine.id) is None:
                found.append(MachineFault(machine.id, SourceFault(FaultCode.NEVER_HEARD)))
        found += [MachineFault(machine.id, fault) for fault in faults]
    return tuple(found)
