"""Whether days repeat what was told before: `same_hours` has how that is seen."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from analytics.integrity.examined import Examined, hours_text
from domain.grants import DayRange, Finding, FindingSeverity, Reason

REPLAYED_SEGMENT = "replayed_segment"
_PAIRS_TOLD = 5


def repeated_hours(examined: Examined) -> Iterator[Finding]:
    """One finding for each line and the line that it repeats (mostly itself). Of two lines that
    tell the same on one day nobody can say which one was copied: the finding names both."""
    days = examined.days
    inside = examined.facts.same_hours.filter(
        pl.col("line").is_in(examined.lines) & pl.col("day").is_between(days.start, days.end)
    )
    for (line, source), found in inside.group_by("line", "from_line", maintain_order=True):
        pairs = [f"{day} = {earlier}" for day, earlier in found.select("day", "from_day").rows()]
        more = "" if len(pairs) <= _PAIRS_TOLD else " …"
        yield Finding(
            REPLAYED_SEGMENT,
            FindingSeverity.WARNS,
            tuple(dict.fromkeys((str(line), str(source)))),
            DayRange(found["day"][0], found["day"][-1]),
            Reason(
                "On %(count)s days %(hours)s hours of %(line)s are to the microsecond and the "
                "item what %(source)s told: %(pairs)s.",
                {
                    "count": len(pairs),
                    "hours": hours_text(int(found["same_us"].sum())),
                    "line": str(line),
                    "source": str(source),
                    "pairs": ", ".join(pairs[:_PAIRS_TOLD]) + more,
                },
            ),
            Reason("Ask for the machine's own records of these days, and visit it unannounced."),
        )
