"""A source that became another one, and nobody had asked for it.

A machine's data come from an agent, an address and a profile (`domain.source_identity`), and it may
tell the serial number of its meter. A change of any of them during the days has a change request of
equipment, approved, of that machine and around that time; else it is warned of. An example:

    told          agent    profile digest    serial number
    2 March       hall-2   9f2b…             EM-7
    9 March       hall-2   41c0…             EM-7             warned of: perhaps another scale
    16 March      hall-2   41c0…             EM-9             nothing: request 2, replaced 16 March

What was told for the first time is held against nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from operator import attrgetter

from analytics.integrity.examined import Examined, SourceTold
from domain.change_requests import replacement_of
from domain.grants import DayRange, Finding, FindingSeverity, Reason
from domain.source_identity import differences

SOURCE_CHANGED = "source_changed"
_CHANGES_TOLD = 3
_WHOSE = attrgetter("machine", "signal", "at")


def changed_sources(examined: Examined) -> Iterator[Finding]:
    """One finding for each machine of each line."""
    for line in examined.lines:
        told = sorted(examined.of_line(line).sources, key=_WHOSE)
        for machine, of_machine in groupby(told, key=attrgetter("machine")):
            changes = [
                (after.at, f"{examined.day_of(after.at)} {differences(before.text, after.text)}")
                for before, after in pairwise(of_machine)
                if _is_unasked(examined, line, before, after)
            ]
            if not changes:
                continue
            days = [examined.day_of(at) for at, _ in changes]
            more = " …" if len(changes) > _CHANGES_TOLD else ""
            yield Finding(
                SOURCE_CHANGED,
                FindingSeverity.WARNS,
                (line,),
                DayRange(min(days), max(days)),
                Reason(
                    "What %(machine)s of %(line)s tells comes from another source than before, and "
                    "no change request was approved for it: %(changes)s.",
                    {
                        "machine": str(machine),
                        "line": line,
                        "changes": "; ".join(it for _, it in sorted(changes)[:_CHANGES_TOLD])
                        + more,
                    },
                ),
                Reason("Ask what was replaced or changed, and for a reading of both on that day."),
            )


def _is_unasked(examined: Examined, line: str, before: SourceTold, after: SourceTold) -> bool:
    window = examined.window
    return (
        before.signal == after.signal
        and before.text != after.text
        and window.start <= after.at < window.end
        and replacement_of(examined.requests, line, after.machine, after.at) is None
    )
