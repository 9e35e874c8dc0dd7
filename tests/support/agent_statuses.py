"""What agents know of themselves, made up for tests of metrics and pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.source_faults import FaultCode, SourceFault
from edge.agent import AgentStatus
from edge.collector_clock import AgentClock
from edge.last_minute import Pace
from edge.machine_status import MachineStatus
from edge.sources.base import SourceStatus
from edge.spool.depth import SpoolDepth
from edge.uplink import Trouble, UplinkStatus

NOW = datetime(2026, 3, 2, 4, 0, 0, tzinfo=UTC)  # noon in Hong Kong
SINCE = NOW - timedelta(hours=3)


def machine_status(**changes: Any) -> MachineStatus:
    """A machine that is heard."""
    heard = MachineStatus(
        line="line-1",
        machine="filler",
        profile="packml/opcua",
        profile_digest="0" * 64,
        address="opc.tcp://192.0.2.5:4840",
        alive=True,
        samples=1_200,
        rejections=0,
        rejected=(),
        problem="",
        source=SourceStatus(
            "filler", connected=True, since=SINCE, last_heard=NOW, readings=1_234, connects=1
        ),
        pace=Pace(12.5, 0.25, 1.5),
        clock_error=None,
        time_doubts=(),
        faults=(),
    )
    return replace(heard, **changes)


def agent_status(*machines: MachineStatus, **changes: Any) -> AgentStatus:
    """An agent that has nothing to complain of, with these machines (one, if none is given)."""
    well = AgentStatus(
        name="hall-2",
        started=SINCE,
        public_key="",
        machines=machines or (machine_status(),),
        spool=SpoolDepth(1, 40, 0, 0, None, 5_000, 1_000_000, 8),
        problem="",
        problem_s=0.0,
        waits=0,
        unsaved=2,
        uplink=UplinkStatus(
            "https://node.example", since=SINCE, sent=7, last_number=7, last_acknowledged=NOW
        ),
        clock=AgentClock(),
    )
    return replace(well, **changes)


def away_status() -> MachineStatus:
    """A machine that was lost, with a fault of it and two reasons of rejections."""
    why = "cannot connect to opc.tcp://192.0.2.6:4840"
    source = SourceStatus("capper", since=SINCE, error=why, readings=50, connects=3, losses=3)
    return machine_status(
        machine="capper",
        alive=False,
        source=source,
        pace=Pace(),
        rejected=(("not a number", 12), ("unknown code 9", 1)),
        faults=(SourceFault(FaultCode.CONNECTION_LOST, SINCE, detail=why),),
    )


def troubled_status() -> AgentStatus:
    """An agent with a machine that is heard and one that is away, whose collector is away, too,
    and whose spool is full."""
    told = "the collector at https://node.example cannot be reached (All attempts failed)"
    return agent_status(
        machine_status(),
        away_status(),
        spool=SpoolDepth(1, 40, 3, 30_000, SINCE, 950_000, 1_000_000, 8),
        problem="the spool has reached its limit",
        problem_s=180.0,
        waits=5,
        uplink=UplinkStatus(
            "https://node.example",
            problem=told,
            trouble=Trouble.UNREACHABLE,
            since=SINCE,
            last_problem=told,
            last_problem_at=NOW,
            failures=9,
        ),
        clock=AgentClock(is_compared=False),
    )
