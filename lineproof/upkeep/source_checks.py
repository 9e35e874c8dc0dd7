"""What `doctor` says of the machines' sources: whether they are heard, and what is wrong with them.

What is wrong their agents told; of an agent that was stopped it says no more than that nothing is
heard.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from api.documents.source_faults import fault_words
from api.i18n import language
from api.queries.source_faults import agent_ahead, by_our_clock
from domain.plant import IMPORTED, Line
from domain.signals import FAULTS
from domain.source_faults import FaultCode, from_text
from lineproof.upkeep.findings import Finding
from store.node.opening import Stores

# Of all others data are missing, or are not what they seem, until somebody mends it.
_PASSING = frozenset(
    {
        FaultCode.CONNECTION_LOST,
        FaultCode.MACHINE_OFFLINE,
        FaultCode.HEARTBEAT_STILL,
        FaultCode.ADDRESS_SILENT,
        FaultCode.VALUES_REJECTED,
        FaultCode.SOURCE_TIME_AHEAD,
        FaultCode.SOURCE_TIME_BEHIND,
    }
)

# What agents tell live is not asked here, and what they seal may be so old when all is well.
SEALED_S = 75.0


def sources(stores: Stores, now: datetime) -> Iterator[Finding]:
    """Machines with a live source that were not heard lately, or whose agent's clock is ahead."""
    for plant in stores.registry.plants.all():
        for line in plant.lines.values():
            heard, reports = stores.telemetry.last_span_end(line.id), _told(stores, line)
            for machine in line.machines.values():
                if machine.profile == IMPORTED:
                    continue
                subject = f"source {line.id}/{machine.id}"
                at = heard.get(machine.id)
                at = at and by_our_clock(at, from_text(reports.get(machine.id)))
                if at is None:
                    yield Finding(
                        subject, "warning", "never heard", "Check its connection in plant.yaml."
                    )
                elif (now - at).total_seconds() > line.stale_after_s + SEALED_S:
                    local = at.astimezone(plant.zone).isoformat(timespec="seconds")
                    yield Finding(
                        subject,
                        "warning",
                        f"last heard at {local}; the time since then is unknown",
                        "Start the node or the agent, or look at the machine's connection.",
                    )
                elif (ahead := agent_ahead(at, now)) is not None:
                    words = fault_words(machine.id, ahead, language("en"), plant.zone)
                    yield Finding(subject, "problem", words.what, words.todo)
                else:
                    yield Finding(subject, "ok", "heard just now")


def wiring(stores: Stores) -> Iterator[Finding]:
    """What the agents told of the sources that they read."""
    for plant in stores.registry.plants.all():
        for line in plant.lines.values():
            for machine, text in _told(stores, line).items():
                for fault in from_text(text):
                    if fault.code is FaultCode.AGENT_STOPPED:
                        continue
                    words = fault_words(machine, fault, language("en"), plant.zone)
                    yield Finding(
                        f"wiring {line.id}/{machine}",
                        "warning" if fault.code in _PASSING else "problem",
                        words.what,
                        words.todo,
                    )


def _told(stores: Stores, line: Line) -> dict[str, str]:
    """The last report of each of the line's machines."""
    latest = stores.telemetry.latest(line.id).filter(pl.col("signal") == FAULTS)
    told = dict(latest.select("machine", "text").iter_rows())
    return {machine: told[machine] for machine in line.machines if told.get(machine)}
