"""Raises alerts and ends them, and has them told by the ways of reminders.

Every few seconds it asks what lines with rules do now, of the live board. An alert and the messages
that tell it are written at once; the keeper of reminders hands these over, so that this may be
killed at any point (store.registry.line_work.alerts).

Right after a start machines seem silent whose agents have only to find their node again, and so
they do when the clock is set ahead: silence is raised only once this has looked for as long as the
rule waits, by a clock that went evenly.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from api.queries.alerts import charts_standing, standing_of
from api.queries.lines import Queries
from api.queries.live import Live, lives
from domain.access import Scope, place_of_line
from domain.alerts import AlertCause, AlertKey, AlertKind, StandingCauses
from domain.plant import Line
from lineproof.reminders.keeper import recipient_of
from lineproof.reminders.settings import ALERTS, ReminderSettings
from store.registry.line_work.alerts import KeepingAlerts
from store.registry.project_work.outbox import Recipient
from store.work import piece

JUMPS_FROM = timedelta(seconds=30)  # so much more or less than what passed is a clock that was set
CHARTS_EVERY = timedelta(minutes=1)  # of each line: they read its measurements anew


class AlertKeeper:
    """Over the registry of one node. `queries`: of what lines do now; `steady_s`: seconds of a
    clock that nobody sets."""

    def __init__(
        self,
        queries: Queries,
        alerts: KeepingAlerts,
        settings: ReminderSettings | None,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queries = queries
        self._alerts = alerts
        self._settings = settings or ReminderSettings()
        self._steady_s = steady_s
        self._looked_last: tuple[datetime, float] | None = None
        self._looks_since: dict[str, datetime] = {}
        self._charts: dict[str, tuple[datetime, Line, StandingCauses]] = {}

    def refresh(self) -> None:
        """Raise what stands, end what stands no more. Raises StorageError, BusyError."""
        queries = self._queries.still()
        now = queries.now()
        lines = {line.id: line for _, line in queries.lines() if line.alerts.limits}
        self._note_looking(lines, now)
        causes: list[AlertCause] = []
        undecided: list[AlertKey] = []
        held_back: list[AlertKey] = []
        for live in lives(queries, list(lines)):
            with piece():
                line = lines[live.line]
                for found in (standing_of(live, line), self._charts_of(queries, live, line)):
                    causes += found.causes
                    undecided += found.undecided
                    held_back += self._held_back(live, line, found.causes, now)
        self._alerts.follow(StandingCauses(causes, undecided, held_back), self._told_to, now)

    def _note_looking(self, lines: Collection[str], now: datetime) -> None:
        """Since when each of them is looked at; all begin anew when the clock was set."""
        steady_s = self._steady_s()
        if self._looked_last is not None:
            last, last_s = self._looked_last
            if abs((now - last) - timedelta(seconds=steady_s - last_s)) > JUMPS_FROM:
                self._looks_since.clear()
        self._looked_last = now, steady_s
        self._looks_since = {it: self._looks_since.get(it, now) for it in lines}

    def _charts_of(self, queries: Queries, live: Live, line: Line) -> StandingCauses:
        """Looked at again every CHARTS_EVERY, and when the plant file changes."""
        looked = self._charts.get(line.id)
        if looked and looked[1] is line and abs(live.at - looked[0]) < CHARTS_EVERY:
            return looked[2]
        found = charts_standing(queries, live, line)
        self._charts[line.id] = (live.at, line, found)
        return found

    def _held_back(
        self, live: Live, line: Line, causes: Collection[AlertCause], now: datetime
    ) -> list[AlertKey]:
        shift = live.period.name if live.period else ""
        if line.alerts.is_quiet(shift, now.astimezone(live.zone).time()):
            return [it.key for it in causes]
        looked = now - self._looks_since[line.id]
        return [
            it.key
            for it in causes
            if it.kind is AlertKind.NO_DATA and looked.total_seconds() < it.limit
        ]

    def _told_to(self, cause: AlertCause) -> set[Recipient]:
        """Who is told of that line's alerts."""
        plant, line = self._queries.line(cause.line)
        place = place_of_line(plant, line.id, self._queries.projects())
        return {
            recipient_of(it)
            for it in self._settings.told
            if it.who == ALERTS and Scope.parse(it.scope).holds(place)
        }
