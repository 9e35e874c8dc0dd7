"""By how much the agent's own clock differs from the collector's, from the Date of a receipt. Pure.

A Date (RFC 9110, 6.6.1) has whole seconds, and servers renew it once a second: it was true at some
instant from the Date itself to DATE_IS_TRUE_FOR later. That instant lies between the question and
the answer, so the difference lies between two bounds. The clock is off where both are beyond the
tolerance, and stays so until both are within it again. A slow network parts the bounds and never
makes a clock wrong that is right:

    asked 10:03:00, answered 10:03:01, Date 10:00:00: ahead by 2 min 58 s to 3 min 1 s
    asked 10:00:00, answered 10:09:00, Date 10:00:30: nothing is known to be wrong
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from device_profiles.decoding.clock_error import TOLERANCE

DATE_IS_TRUE_FOR = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class AgentClock:
    """`ahead_s`: by how much it is ahead of the collector's, negative behind, 0 while nothing is
    known to be wrong; `unsure_since`: when it was known to be right for the last time, or began to
    be used, by the clock itself and over restarts; None: since the start. `is_compared`: whether a
    receipt has shown since the start what it is."""

    ahead_s: float = 0.0
    unsure_since: datetime | None = None
    is_compared: bool = True


def ahead_of_collector_s(
    date: str, asked: datetime, answered: datetime, *, was_off: bool = False
) -> float | None:
    """Seconds, negative where the agent is behind; 0 while nothing is known to be wrong. None where
    the answer has no date."""
    try:
        collectors = parsedate_to_datetime(date)
    except ValueError:
        return None
    if collectors.tzinfo is None:
        collectors = collectors.replace(tzinfo=UTC)
    least = asked - collectors - DATE_IS_TRUE_FOR
    most = answered - collectors
    ahead, behind = (most, least) if was_off else (least, most)
    if ahead > TOLERANCE or behind < -TOLERANCE:
        return (least + most).total_seconds() / 2
    return 0.0
