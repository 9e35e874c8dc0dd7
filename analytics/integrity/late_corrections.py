"""Corrections that pile up before a due day: written down when money depends on them, of time that
nobody had anything to say about before.

Counted are corrections that hold and touch the days. They pile up where five or more, and at least
half of all, were recorded from seven days before the due day on, of time more than a week back.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from analytics.integrity.examined import A_DAY, Examined
from domain.corrections import Correction, CorrectionKind
from domain.grants import Finding, FindingSeverity, Reason
from domain.time import midnight

CORRECTIONS_CONCENTRATED = "corrections_concentrated"
BEFORE_DUE = timedelta(days=7)
BACK = timedelta(days=7)
COUNT_MIN = 5
SHARE_MIN = 0.5


def late_corrections(examined: Examined) -> Iterator[Finding]:
    """One finding for each line."""
    window = examined.window
    since = midnight(examined.due + A_DAY, examined.plant.zone) - BEFORE_DUE
    for line in examined.lines:
        of_days = [
            it
            for it in examined.of_line(line).corrections
            if it.kind is not CorrectionKind.FIGURE
            and it.start < window.end
            and window.start < max(it.end, it.start + timedelta(microseconds=1))
        ]
        late = [it for it in of_days if it.recorded_at >= since and _is_of_long_ago(it)]
        if len(late) < COUNT_MIN or len(late) < SHARE_MIN * len(of_days):
            continue
        yield Finding(
            CORRECTIONS_CONCENTRATED,
            FindingSeverity.WARNS,
            (line,),
            examined.within(
                examined.day_of(min(it.start for it in late)),
                examined.day_of(max(it.end for it in late)),
            ),
            Reason(
                "%(count)s of %(all)s corrections of %(line)s in these days were recorded from "
                "%(since)s on, a week before the due day or later, of time more than a week back.",
                {
                    "count": len(late),
                    "all": len(of_days),
                    "line": line,
                    "since": examined.day_of(since).isoformat(),
                },
            ),
            Reason("Ask why this was not written down when it happened, and what shows it."),
        )


def _is_of_long_ago(correction: Correction) -> bool:
    return correction.recorded_at - correction.end > BACK
