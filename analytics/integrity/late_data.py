"""Data that came long after they were told.

An agent keeps what it cannot send, so data may come late: a cable was cut, a site had no network.
But what lay in a factory for days could be chosen there. Told is what came more than a day after it
was told, and warned of what came more than a week after. History files are no such data: that they
were imported, and when, is in the record of their agent.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from analytics.integrity.examined import Examined, hours_text
from domain.grants import Finding, FindingSeverity, Reason

LATE_DATA = "late_data"
LATE = timedelta(days=1)
VERY_LATE = timedelta(days=7)


def late_data(examined: Examined) -> Iterator[Finding]:
    """One finding for each line."""
    window = examined.window
    for line in examined.lines:
        late = [
            it
            for it in examined.of_line(line).late
            if it.first < window.end and window.start <= it.last
        ]
        if not late:
            continue
        worst = max(it.received - it.first for it in late)
        yield Finding(
            LATE_DATA,
            FindingSeverity.WARNS if worst > VERY_LATE else FindingSeverity.TELLS,
            (line,),
            examined.within(
                examined.day_of(min(it.first for it in late)),
                examined.day_of(max(it.last for it in late)),
            ),
            Reason(
                "Data of %(line)s came more than a day after they were told: %(count)s batches, up "
                "to %(late)s hours late.",
                {
                    "line": line,
                    "count": f"{len(late):,}",
                    "late": hours_text(worst / timedelta(microseconds=1)),
                },
            ),
            Reason("Ask why they could not be sent, and what the agent's log says of that time."),
        )
