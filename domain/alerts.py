"""Alerts of a line: what is worth calling somebody for, by rules with limits.

A rule is of one of the kinds below, each at most once a line. What breaks a rule is a cause; an
alert of it is raised once, ends when the cause does, and somebody acknowledges it by name. In quiet
times nothing is raised: what still stands at their end is raised then.

So that nothing flaps, a cause that comes back goes on with the alert that ended (`goes_on`): nobody
is told again. What cannot be told (unknown time, a break) neither raises nor ends anything. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from domain.errors import InputError

ALERT_NOTE_MAX = 1000  # characters
# What ended is the same again within so long.
AGAIN_WITHIN = timedelta(minutes=30)


class AlertKind(StrEnum):
    """As the rules are called in the plant file."""

    STOPPED = "stopped_longer_than_s"
    NO_DATA = "no_data_for_s"
    OEE = "oee_under"
    ENERGY = "energy_over_kwh"
    FORECAST = "forecast_under_target"
    CONTROL_CHART = "control_chart_out"


# Whose cause begins with the shift.
_OF_SHIFT = frozenset({AlertKind.OEE, AlertKind.ENERGY, AlertKind.FORECAST})


@dataclass(frozen=True, slots=True)
class QuietTime:
    """A shift by its name, or the hours from one time of day on the plant's clocks to another (an
    end that is not later is of the next day)."""

    shift: str = ""
    start: time = time(0)
    end: time = time(0)

    def holds(self, shift: str, clock: time) -> bool:
        """Whether it is quiet in the running shift (empty: none), at that time of day.

        >>> night = QuietTime(start=time(22), end=time(6))
        >>> [night.holds("", time(it)) for it in (21, 22, 5, 6)]
        [False, True, True, False]
        """
        if self.shift:
            return shift == self.shift
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


@dataclass(frozen=True, slots=True)
class AlertRules:
    """`limits`: of each kind that has a rule, in the unit that its name says (1 where it has
    none)."""

    limits: Mapping[AlertKind, float] = field(default_factory=dict)
    quiet: tuple[QuietTime, ...] = ()

    def is_quiet(self, shift: str, clock: time) -> bool:
        return any(it.holds(shift, clock) for it in self.quiet)


AlertKey = tuple[str, AlertKind, str]  # line, kind, measurement


@dataclass(frozen=True, slots=True)
class AlertCause:
    """That a rule is broken. `limit`: that of the rule, or the shift's target; `since`: when what
    it speaks of began; `value`: what was found, in the limit's unit; `what`: a state,
    machines, or empty; `measurement`: of a control chart, else empty."""

    line: str
    kind: AlertKind
    limit: float
    since: datetime
    value: float
    what: str = ""
    measurement: str = ""

    @property
    def key(self) -> AlertKey:
        return self.line, self.kind, self.measurement


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """`device`: the shared tablet at which, or empty."""

    author: str
    at: datetime
    note: str = ""
    device: str = ""


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Alert:
    """`number`: among all of the node."""

    number: int
    cause: AlertCause
    raised_at: datetime
    ended_at: datetime | None = None
    acknowledged: Acknowledgement | None = None

    @property
    def state(self) -> AlertState:
        if self.ended_at is not None:
            return AlertState.ENDED
        return AlertState.ACKNOWLEDGED if self.acknowledged else AlertState.OPEN


def goes_on(earlier: Alert, cause: AlertCause, now: datetime) -> bool:
    """Whether the cause is that of the earlier alert of its key, which is open or has ended.

    A stop is the same by its beginning (or one that later data moved); what is reckoned by the
    shift, within its shift. What ended goes on if that was at most AGAIN_WITHIN ago; a stop always.
    """
    is_open = earlier.ended_at is None
    begins_alike = earlier.cause.since == cause.since
    if cause.kind is AlertKind.STOPPED:
        return begins_alike or (is_open and cause.since <= earlier.raised_at)
    if cause.kind in _OF_SHIFT and not begins_alike:
        return False
    if earlier.ended_at is None:
        return True
    return timedelta(0) <= now - earlier.ended_at <= AGAIN_WITHIN


@dataclass(frozen=True, slots=True)
class StandingCauses:
    """What breaks rules now; of which keys it cannot be told, and of which nothing is raised."""

    causes: Sequence[AlertCause] = ()
    undecided: Collection[AlertKey] = ()
    held_back: Collection[AlertKey] = ()


def ended_and_new(
    open_alerts: Sequence[Alert], standing: StandingCauses, now: datetime
) -> tuple[list[Alert], list[AlertCause]]:
    """Which of the open alerts end, and which causes have none."""
    causes = {it.key: it for it in standing.causes}
    ended, kept = [], set()
    for alert in open_alerts:
        key = alert.cause.key
        if key in standing.undecided or (key in causes and goes_on(alert, causes[key], now)):
            kept.add(key)
        else:
            ended.append(alert)
    left = kept.union(standing.held_back, standing.undecided)
    return ended, [it for key, it in causes.items() if key not in left]


def check_acknowledgement(alert: Alert, new: Acknowledgement) -> None:
    """Whether it may be acknowledged so. Raises InputError."""
    if not new.author:
        raise InputError(
            "nobody is named who acknowledges it", where="author", todo="Say who it is."
        )
    if alert.acknowledged is not None:
        raise InputError(
            f"{alert.acknowledged.author} has acknowledged alert {alert.number}",
            where="number",
            todo="There is nothing left to do.",
        )
    if len(new.note) > ALERT_NOTE_MAX:
        raise InputError(
            f"the note has {len(new.note)} characters",
            where="note",
            todo=f"Keep it within {ALERT_NOTE_MAX}.",
        )
