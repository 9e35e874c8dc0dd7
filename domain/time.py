"""Time: UTC microseconds inside, the plant's zone at the edges.

Instants are aware datetimes in UTC or integers of microseconds since the epoch. No clock here:
`now` is always an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.errors import InputError
from domain.texts import N_

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR_US = 3_600_000_000
_HALF_HOUR_S = 1800
_ZONE_TOLERANCE_S = 60.0  # a clock of another zone may be off by a little besides
PLANT_YEARS = range(1900, 3000)  # before and after them no plant keeps time


def micros(instant: datetime) -> int:
    """Microseconds since the epoch of an aware datetime, exactly."""
    return (instant - _EPOCH) // MICROSECOND


def instant(us: int) -> datetime:
    """The UTC datetime of that many microseconds since the epoch."""
    return _EPOCH + timedelta(microseconds=us)


def parse_instant(text: str, zone: ZoneInfo) -> datetime:
    """ISO 8601 text to an instant in UTC; without offset it is in `zone`.

    A bare date is its midnight. Raises InputError when it is not a time, or not one that days
    and weeks can be counted from.
    """
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(
            N_("'%(text)s' is not a time"),
            todo=N_("Write ISO 8601, as in 2026-03-02T07:00:00+08:00."),
            values={"text": text},
        ) from None
    if parsed.year not in PLANT_YEARS:
        raise InputError(
            N_("'%(text)s' is not a time of any plant"),
            todo=N_("Give a year from %(first)s to %(last)s."),
            values={"text": text, "first": PLANT_YEARS[0], "last": PLANT_YEARS[-1]},
        )
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=zone)
    return parsed.astimezone(UTC)


def check_past(at: datetime, now: datetime, zone: ZoneInfo, field: str) -> None:
    """Raises InputError for a time to come: nothing is known of it."""
    if at > now:
        raise InputError(
            f"{at.astimezone(zone).isoformat()} has not come yet",
            where=field,
            todo=f"Give a time that has passed; it is {now.astimezone(zone).isoformat()}.",
        )


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which that local day begins."""
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)


def zone_hours(off_s: float) -> float | None:
    """The full and half hours (as 8.0 or -5.5) by which a clock is off that most likely runs in
    another time zone; None: that is not why."""
    halves = round(off_s / _HALF_HOUR_S)
    if halves == 0 or abs(off_s - halves * _HALF_HOUR_S) > _ZONE_TOLERANCE_S:
        return None
    return halves / 2


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A half-open stretch of time [start, end) between two aware instants."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InputError(
                N_("the window ends at %(end)s, not after its start %(start)s"),
                todo=N_("Give an end later than the start."),
                values={"end": self.end.isoformat(), "start": self.start.isoformat()},
            )

    @classmethod
    def of_days(cls, first: date, last: date, zone: ZoneInfo) -> Window:
        """From the first day's midnight to the end of the last day, both local."""
        return cls(midnight(first, zone), midnight(last + timedelta(days=1), zone))
