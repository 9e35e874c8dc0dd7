"""The one read path: command line, HTTP and pages all ask here.

Every figure comes from the same facts by the same functions of the analytics, so no two screens
can disagree. Reads only; nothing is cached but the time at which a live state began, which stays
true as long as the state does not change. `now` is a clock that the composition root gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from analytics.corrections import accepted_periods
from analytics.kpi.manual_inputs import Characteristic
from analytics.kpi.rows import kpi_rows
from analytics.methods import registry
from analytics.milestones.funding import funding
from analytics.milestones.verdict import facts_window, verdict
from analytics.shift_forecast import (
    Forecast,
    ForecastPeriod,
    forecast_of,
    period_at,
    plan_at,
    target_oee,
)
from analytics.timeline.state_intervals import needed_until, state_intervals
from analytics.timeline.tracks import role_machine
from api.queries.facts import facts_of
from api.queries.live import Heard, Live
from domain.corrections import Correction, CorrectionKind, in_force
from domain.errors import InputError, NotFoundError
from domain.frames import LineHistory
from domain.grants import Funding, Project, Verdict
from domain.plant import Line, Plant
from domain.reasons import reason_named
from domain.samples import Quality
from domain.states import MachineState
from domain.time import Window
from store.archive.sealed_batches import Archive, Quarantined
from store.history.line_history import line_history
from store.registry.registry import Registry
from store.telemetry.as_known import KnownTelemetry
from store.telemetry.protocol import BatchRecord, TelemetryStore

# How far a live state's beginning is looked for: first shortly, then further.
_LOOK_BACK = (timedelta(minutes=10), timedelta(hours=2), timedelta(hours=26))

_MOMENT = timedelta(milliseconds=1)
_ENDING = [MachineState.PRODUCING.value, MachineState.UNKNOWN.value]  # of a stop

Capability = Callable[[Window], Characteristic]  # of any part of a window
# Of a line, a window and what of it is frozen: as known now, and as accepted.
Measured = Callable[
    ["Queries", Line, Window, list[accepted_periods.FrozenFacts]], tuple[Capability, Capability]
]


@dataclass(frozen=True, slots=True)
class _Since:
    """The state was seen to hold from `since` to `seen_at` at least."""

    state: str
    since: datetime
    seen_at: datetime


@dataclass(frozen=True)
class ProjectVerdicts:
    """A project, its money and its verdicts in the order of its milestones."""

    project: Project
    plant: Plant
    as_of: datetime
    funding: Funding
    verdicts: tuple[Verdict, ...]


class Queries:
    """`now` gives the present instant (aware); without `archive` nothing is told of quarantine."""

    def __init__(
        self,
        telemetry: TelemetryStore,
        registry: Registry,
        now: Callable[[], datetime],
        archive: Archive | None = None,
    ) -> None:
        self.telemetry = telemetry
        self.registry = registry
        self.archive = archive
        self._clock = now
        self._since: dict[str, _Since] = {}

    def now(self) -> datetime:
        """The present instant in UTC."""
        return self._clock().astimezone(UTC)

    def as_known_at(self, at: datetime) -> Queries:
        """The same questions as they would have been answered then: by the batches received
        and the files, corrections and periods recorded up to that instant. Raises InputError
        for a time to come."""
        now = self.now()
        if at > now:
            raise InputError(
                f"nobody knows yet what will be known at {at.isoformat()}",
                where="as_known_at",
                todo="Give a time that has passed.",
            )
        telemetry = KnownTelemetry(self.telemetry, at)
        return Queries(telemetry, self.registry.as_known_at(at), lambda: at, self.archive)

    # plants and lines
    def lines(self) -> list[tuple[Plant, Line]]:
        """Every line with its plant, in the order of the plants' files."""
        return [(plant, line) for plant in self.registry.plants() for line in plant.lines.values()]

    def line(self, line_id: str) -> tuple[Plant, Line]:
        """The line and its plant. Raises NotFoundError with the names that exist."""
        plant = self.registry.plant_of_line(line_id)
        return plant, plant.lines[line_id]

    # figures
    def facts(self, line_id: str, window: Window) -> pl.DataFrame:
        """FACTS of the line for the window: where it is frozen, as they were accepted."""
        return accepted_periods.accepted(
            self.present_facts(line_id, window), self.frozen(line_id, window)
        )

    def present_facts(
        self, line_id: str, window: Window, besides: Sequence[Correction] = ()
    ) -> pl.DataFrame:
        """FACTS of the line for the window as all that is known now tells them, and corrections
        that nobody has recorded yet."""
        plant, _ = self.line(line_id)
        corrections = self.registry.line_corrections(line_id).joined(besides)
        return facts_of(self.telemetry, plant, line_id, window, self.now(), corrections)

    def frozen(self, line_id: str, window: Window) -> list[accepted_periods.FrozenFacts]:
        """The accepted facts of the line's frozen periods that touch the window."""
        return [
            accepted_periods.FrozenFacts(it.window, it.frozen_at, self.registry.frozen_facts(it))
            for it in self.registry.frozen(line_id)
            if it.start < window.end and window.start < it.end
        ]

    def kpis(
        self,
        line_id: str,
        window: Window,
        by: str | None = None,
        method: str | Sequence[str] = registry.DEFAULT,
        measured: Measured | None = None,
    ) -> list[dict[str, Any]]:
        """KPI rows (analytics.kpi.rows) up to now: the future part of the window is left
        out. `measured` reads the capability of measurements. Raises NotFoundError, InputError."""
        plant, line = self.line(line_id)
        registry.chosen(method)
        now = self.now()
        if window.start >= now:
            return []
        past = Window(window.start, min(window.end, now))
        present = self.present_facts(line_id, past)
        told = self.registry.corrections(line_id)
        periods = self.frozen(line_id, past)
        known, accepted_then = measured(self, line, past, periods) if measured else (None, None)
        now_said = in_force(told)
        if not periods:
            return kpi_rows(plant, line_id, present, past, by, method, now_said, known)
        shown = accepted_periods.with_absent(
            accepted_periods.accepted(present, periods), present, by
        )
        beside = accepted_periods.with_absent(present, shown, by)
        accepted = accepted_periods.accepted_figures(told, periods)
        stands = kpi_rows(plant, line_id, shown, past, by, method, accepted, accepted_then)
        rows = kpi_rows(plant, line_id, beside, past, by, method, now_said, known)
        return accepted_periods.with_restated(
            accepted_periods.identified(stands, shown, by),
            accepted_periods.identified(rows, beside, by),
            periods,
            accepted_periods.pieces(present, periods),
            plant.zone,
        )

    def states(self, line_id: str, window: Window) -> pl.DataFrame:
        """STATE_INTERVALS (analytics.timeline.state_intervals) that partition the window."""
        plant, _ = self.line(line_id)
        history = self.history(line_id, window)
        return state_intervals(plant, line_id, history, window.start, window.end, self.now())

    def history(self, line_id: str, window: Window) -> LineHistory:
        """All that is needed to tell what the line did in the window, with the corrections in
        force that touch it."""
        _, line = self.line(line_id)
        until = needed_until(line, window.end, self.now())
        said = self.registry.line_corrections(line_id).in_force
        return line_history(self.telemetry, line_id, window.start, until, said)

    # live
    def live(self, line_id: str) -> Live:
        """What the line does now. Raises NotFoundError."""
        plant, line = self.line(line_id)
        now = self.now()
        latest = self.telemetry.latest(line_id)
        heard = self._heard(line)
        state_heard = next((h for h in heard if h.machine == line.roles.get("state")), None)
        state, since = self._state_since(plant, line, now)
        period = period_at(line, plant.zone, now)
        plan, following = plan_at(line, plant.zone, now)
        row: dict[str, Any] | None = None
        forecast: Forecast | None = None
        if period is not None:
            row = self.kpis(line_id, Window(period.window.start, _after(now, period)))[0]
            target = target_oee(self.projects(), line_id, plant.zone, now)
            forecast = forecast_of(period, row, target)
        known = state != MachineState.UNKNOWN
        halted = known and state != MachineState.PRODUCING

        def newest(signal: str) -> dict[str, Any]:
            return _newest(latest, role_machine(line, signal) or line.roles.get("state"), signal)

        reason = self._reason(line, now) if halted else None
        node = reason_named(plant, reason) if reason else None
        return Live(
            plant=plant.id,
            zone=plant.zone,
            line=line_id,
            name=line.name,
            at=now,
            state=state,
            since=since,
            reason=reason,
            alarm=(newest("alarm").get("text") or None) if known else None,
            order=newest("order").get("text") or None,
            product=newest("product").get("text") or line.product,
            speed=newest("speed").get("value") if known else None,
            total_counter=newest("total_count").get("value"),
            machines=tuple(heard),
            last_heard=state_heard.at if state_heard else None,
            stale=state_heard is None or state_heard.stale,
            plan=plan,
            period=period,
            next_period=following,
            kpis=row,
            forecast=forecast,
            texts={product.id: product.name for product in plant.products.values()},
            reason_name=node.name if node else {},
        )

    def _heard(self, line: Line) -> list[Heard]:
        ends = self.telemetry.last_span_end(line.id)
        limit = self.now() - timedelta(seconds=line.stale_after_s)
        return [
            Heard(machine, ends.get(machine), machine not in ends or ends[machine] < limit)
            for machine in line.machines
        ]

    def _state_since(self, plant: Plant, line: Line, now: datetime) -> tuple[str, datetime | None]:
        """The state at `now` and since when, or None where that is longer than a day ago."""
        state = MachineState.UNKNOWN.value
        for reach in _LOOK_BACK:
            start = now - reach
            history = self.telemetry.history(line.id, start, now)
            rows = state_intervals(plant, line.id, history, start, now, now)
            state = str(rows["state"][-1])
            since = rows.filter(pl.col("state") != state)["end"].max()
            known = self._since.get(line.id)
            if since is None and known and known.state == state and known.seen_at >= start:
                since = known.since
            if isinstance(since, datetime):
                self._since[line.id] = _Since(state, since, now)
                return state, since
        return state, None

    def _reason(self, line: Line, now: datetime) -> str | None:
        """Of the stop that goes on, as the list of stops has it: the last one that people gave of
        it, also where they named the time up to then only; or else what the machine says."""
        told = self.registry.line_corrections(line.id).in_force
        said = next((it for it in reversed(told) if it.kind is CorrectionKind.REASON), None)
        if said is not None and said.end <= now - _LOOK_BACK[-1]:
            said = None
        start = min(now - _MOMENT, said.end if said else now)
        rows = self.states(line.id, Window(start, now))
        lasting = pl.col("end") - pl.col("start") >= timedelta(seconds=line.chatter_s)
        if said is not None and rows.filter(pl.col("state").is_in(_ENDING) & lasting).is_empty():
            return said.reason
        reason: str | None = rows["reason"][-1]
        return reason or None

    # grants
    def projects(self) -> list[Project]:
        """Every project, in the order in which they were first applied."""
        return self.registry.projects()

    def project(self, ref: str) -> tuple[Plant, Project]:
        """The project and its plant. Raises NotFoundError with the references that exist."""
        project = self.registry.project(ref)
        return self.registry.plant_of_line(project.lines[0]), project

    def project_zone(self, ref: str) -> ZoneInfo:
        """The zone in which the project's days are days. Raises NotFoundError."""
        return self.project(ref)[0].zone

    def verdicts(
        self, ref: str, as_of: datetime | None = None, *, present: bool = False
    ) -> ProjectVerdicts:
        """What the data before `as_of` (by default: now) say of each milestone; with `present`
        also where a period is frozen."""
        plant, project = self.project(ref)
        at = as_of or self.now()
        facts = self._project_facts(
            plant, project, at, self.present_facts if present else self.facts
        )
        documents = self.registry.documents(ref)
        return ProjectVerdicts(
            project,
            plant,
            at,
            funding(project),
            tuple(
                verdict(project, milestone, plant, facts, at, documents)
                for milestone in project.milestones
            ),
        )

    def _project_facts(
        self,
        plant: Plant,
        project: Project,
        as_of: datetime,
        facts: Callable[[str, Window], pl.DataFrame],
    ) -> dict[str, pl.DataFrame]:
        """Each line's facts over all that any of the milestones looks at."""
        needed = [facts_window(project, each, plant, as_of) for each in project.milestones]
        windows = [window for window in needed if window is not None]
        if not windows:
            return {}
        whole = Window(min(w.start for w in windows), max(w.end for w in windows))
        return {line: facts(line, whole) for line in project.lines}

    # what came in
    def batches(
        self, agent: str | None, after: tuple[str, int] | None, limit: int
    ) -> list[BatchRecord]:
        """Rows of the batch ledger in the order of agent and number."""
        return self.telemetry.batches(agent=agent, after=after, limit=limit)

    def quarantine(self, limit: int) -> list[Quarantined]:
        """Batches that were refused, newest first. Raises NotFoundError without an archive."""
        return self._archive().quarantined(limit=limit)

    def quarantine_counts(self) -> dict[str, int]:
        """How many were refused, by reason; empty without an archive."""
        return self.archive.quarantine_counts() if self.archive else {}

    def _archive(self) -> Archive:
        if self.archive is None:
            raise NotFoundError(
                "this node keeps no archive",
                todo="Ask the node that runs the collector.",
            )
        return self.archive

    def last_heard(self) -> Iterable[tuple[str, str, datetime]]:
        """(line, machine, until when it was last confirmed alive)."""
        for _, line in self.lines():
            for machine, at in self.telemetry.last_span_end(line.id).items():
                yield line.id, machine, at

    def rejection_counts(self) -> list[dict[str, Any]]:
        """line, machine, reason, count."""
        rows: list[dict[str, Any]] = self.telemetry.rejection_counts().to_dicts()
        return rows

    def dirty_counts(self) -> dict[str, int]:
        """Marks by line; every line is named."""
        counts = {line.id: 0 for _, line in self.lines()}
        for mark in self.telemetry.dirty():
            counts[mark.line] = counts.get(mark.line, 0) + 1
        return counts


def _after(now: datetime, period: ForecastPeriod) -> datetime:
    """A window must not be empty, even in the first instant of a shift."""
    return max(now, period.window.start + timedelta(microseconds=1))


def _newest(latest: pl.DataFrame, machine: str | None, signal: str) -> dict[str, Any]:
    """The newest sample that is not bad, as a row; empty without one."""
    rows = latest.filter(
        (pl.col("machine") == (machine or ""))
        & (pl.col("signal") == signal)
        & (pl.col("quality") != Quality.BAD.value)
    )
    return rows.row(0, named=True) if rows.height else {}
