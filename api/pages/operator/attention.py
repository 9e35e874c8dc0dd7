"""Which lines need someone now, and in which order lines stand on the floor.

Only in production time: who switched a machine off at night is not called back to it. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.queries.live import Live
from domain.alerts import Alert, AlertState
from domain.plant import Confidential
from domain.states import STOP_STATES, MachineState

# A person at the machine knows why; a starved or blocked machine waits for another one.
_SAYS_WHY = (MachineState.STOPPED, MachineState.IDLE, MachineState.OFF)


class NeedKind(StrEnum):
    FAULT = "fault"
    NO_DATA = "no_data"
    NO_REASON = "no_reason"
    ALERT = "alert"


@dataclass(frozen=True, slots=True)
class Need:
    """A line that needs someone. `since` None: for longer than was looked back, or always."""

    live: Live
    kind: NeedKind
    since: datetime | None
    silent: tuple[str, ...] = ()  # machines from which no data come

    @property
    def seconds(self) -> float | None:
        return None if self.since is None else (self.live.at - self.since).total_seconds()


def need_of(live: Live) -> Need | None:
    """What the line needs someone for: data first, for without them nothing else is known."""
    if live.plan != "busy":
        return None
    silent = tuple(it for it in live.machines if it.stale and not it.is_imported)
    if silent:
        ends = [it.at for it in silent if it.at is not None]
        since = min(ends) if len(ends) == len(silent) else None
        return Need(live, NeedKind.NO_DATA, since, tuple(it.machine for it in silent))
    if live.state == MachineState.FAULT:
        return Need(live, NeedKind.FAULT, live.since)
    if _lacks_reason(live):
        return Need(live, NeedKind.NO_REASON, live.since)
    alerts = unacknowledged(live)
    if alerts:
        return Need(live, NeedKind.ALERT, min(it.cause.since for it in alerts))
    return None


def unacknowledged(live: Live) -> list[Alert]:
    """The alerts that stand and that nobody has acknowledged, the oldest first."""
    return [it for it in live.alerts if it.state is AlertState.OPEN]


def _lacks_reason(live: Live) -> bool:
    """Whether it stands for longer than a minor stop, and whoever is there has not said why."""
    if not live.asks_why or live.reason or Confidential.REASONS in live.withheld:
        return False
    stood_s = None if live.since is None else (live.at - live.since).total_seconds()
    return live.state in _SAYS_WHY and (stood_s is None or stood_s >= live.minor_stop_s)


def needs(lives: Iterable[Live]) -> list[Need]:
    """Those that need someone, longest first."""
    found = [it for live in lives if (it := need_of(live)) is not None]
    return sorted(found, key=lambda it: -_lasting_s(it.seconds))


def worst_first(lives: Sequence[Live]) -> list[Live]:
    """Those that need someone, longest first; then those that stand, those that are behind, those
    that run, and last those that are not to run now; in each the lowest OEE first."""
    return sorted(lives, key=_badness)


def _badness(live: Live) -> tuple[int, float]:
    need = need_of(live)
    if need is not None:
        return 0, -_lasting_s(need.seconds)
    oee = live.kpis["oee"] if live.kpis else None
    order = 1.0 if oee is None else oee
    if live.plan != "busy":
        return 4, order
    if live.state in STOP_STATES:
        return 1, order
    if live.forecast is not None and live.forecast.on_pace is False:
        return 2, order
    return 3, order


def _lasting_s(seconds: float | None) -> float:
    return float("inf") if seconds is None else seconds
