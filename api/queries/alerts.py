"""Which rules of a line are broken now, by what it does and the KPIs of its running shift.

Only in production time: whoever switched a machine off at night is not called. In a break of the
shift what stands cannot be told, so nothing is raised and nothing ends. No rule is broken by
unknown time: of an OEE its upper bound has to be under the limit, and a forecast counts all that is
unknown so far as made at the ideal speed.

A stop counts from its own beginning, or from that of planned time where this is later; so does
silence. A control chart is that of the running shift, out for OUT_FOR after the last point beyond
its limits; the other rules of control charts find so much that nobody could be called for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from analytics.calendar.planned_time import segments
from analytics.spc.run_rules import DEFAULT_RULES
from analytics.spc.study import Setup, Study
from api.queries.lines import Queries
from api.queries.live import Live
from api.queries.measurements import control_study
from domain.alerts import AlertCause, AlertKey, AlertKind, StandingCauses
from domain.errors import LineproofError
from domain.plant import Calendar, Line
from domain.states import STOP_STATES, MachineState, Plan
from domain.time import Window, instant, micros

# So much of a shift has to be over before its OEE and its forecast say something.
FIGURES_AFTER_S = 1800.0
OUT_FOR = timedelta(minutes=15)
_BEYOND_LIMITS = f"{DEFAULT_RULES}-1"
_LOOKED_BACK = timedelta(hours=26)
_STOPPED = frozenset(it.value for it in STOP_STATES)


class UndecidedError(Exception):
    """Whether the rule is broken cannot be told."""


def standing_of(live: Live, line: Line) -> StandingCauses:
    """The rules that `live` breaks; control charts aside."""
    causes: list[AlertCause] = []
    undecided: list[AlertKey] = []
    for kind, look in _LOOKS.items():
        limit = line.alerts.limits.get(kind)
        if limit is None:
            continue
        try:
            cause = look(live, line, limit) if live.period else None
        except UndecidedError:
            undecided.append((live.line, kind, ""))
        else:
            causes += [cause] if cause else []
    return StandingCauses(causes, undecided)


def _stopped(live: Live, line: Line, limit: float) -> AlertCause | None:
    if live.state == MachineState.UNKNOWN.value:
        raise UndecidedError
    if live.state not in _STOPPED:
        return None
    since = _counted_from(live, line.calendar, live.since)
    lasts_s = (live.at - since).total_seconds()
    if lasts_s < limit:
        return None
    return AlertCause(live.line, AlertKind.STOPPED, limit, since, lasts_s, live.state)


def _no_data(live: Live, line: Line, limit: float) -> AlertCause | None:
    silent = [it for it in live.machines if it.stale and not it.is_imported]
    if not silent:
        return None
    since = {it.machine: _counted_from(live, line.calendar, it.at) for it in silent}
    long = [it for it, at in since.items() if (live.at - at).total_seconds() >= limit]
    if not long:
        return None
    first = min(since[it] for it in long)
    lasts_s = (live.at - first).total_seconds()
    return AlertCause(live.line, AlertKind.NO_DATA, limit, first, lasts_s, ", ".join(long))


def _counted_from(live: Live, calendar: Calendar | None, begun: datetime | None) -> datetime:
    """`begun` (None: longer ago than was looked back), or the beginning of the planned time that
    runs. Raises UndecidedError in a break."""
    if live.plan != Plan.BUSY.value:
        raise UndecidedError
    earliest = live.at - _LOOKED_BACK
    if calendar is not None:
        plan = segments(calendar, live.zone, micros(earliest), micros(live.at) + 1)
        idle = [it.end for it in plan if it.plan is not Plan.BUSY]
        earliest = instant(idle[-1]) if idle else earliest
    return max(begun or earliest, earliest)


def _oee(live: Live, _line: Line, limit: float) -> AlertCause | None:
    row = live.kpis
    if row is None or row["planned_busy_time_s"] < FIGURES_AFTER_S:
        return None
    if row["oee_high"] is None:
        raise UndecidedError
    return _of_shift(live, AlertKind.OEE, limit, row["oee_high"], row["oee_high"] < limit)


def _energy(live: Live, _line: Line, limit: float) -> AlertCause | None:
    """What was not heard can only add to it."""
    if live.kpis is None:
        return None
    value = live.kpis["energy_kwh"]
    if value is None:
        raise UndecidedError
    return _of_shift(live, AlertKind.ENERGY, limit, value, value > limit)


def _forecast(live: Live, _line: Line, _limit: float) -> AlertCause | None:
    row, target, forecast = live.kpis, live.target, live.forecast
    if row is None or row["planned_busy_time_s"] < FIGURES_AFTER_S:
        return None
    wanted = target.good_count if target else None
    expected = forecast.good_count if forecast else None
    if wanted is None or expected is None:
        raise UndecidedError
    hidden_s = row["unknown_time_s"] + row["production_unheard_s"]
    if hidden_s:
        if not row["ideal_time_s"] or not row["total_count"]:
            raise UndecidedError
        expected += hidden_s * row["total_count"] / row["ideal_time_s"]
    return _of_shift(live, AlertKind.FORECAST, wanted, expected, expected < wanted)


def _of_shift(
    live: Live, kind: AlertKind, limit: float, value: float, is_broken: bool
) -> AlertCause | None:
    """In a break no figure of the shift changes for the worse, so it is told as at any time."""
    if live.period is None or not is_broken:
        return None
    return AlertCause(live.line, kind, limit, live.period.window.start, value)


_LOOKS: Mapping[AlertKind, Callable[[Live, Line, float], AlertCause | None]] = {
    AlertKind.STOPPED: _stopped,
    AlertKind.NO_DATA: _no_data,
    AlertKind.OEE: _oee,
    AlertKind.ENERGY: _energy,
    AlertKind.FORECAST: _forecast,
}


def charts_standing(queries: Queries, live: Live, line: Line) -> StandingCauses:
    """Of the line's control charts, where there is a rule for them. Reads the shift so far."""
    if AlertKind.CONTROL_CHART not in line.alerts.limits or live.period is None:
        return StandingCauses()
    causes, undecided = [], []
    window = Window(live.period.window.start, live.at)
    for name in line.measurements:
        try:
            found = control_study(queries, line.id, name, window, Setup())
        except LineproofError:
            undecided.append((line.id, AlertKind.CONTROL_CHART, name))
            continue
        cause = _out_of_control(found, live.at)
        causes += [cause] if cause else []
    return StandingCauses(causes, undecided)


def _out_of_control(found: Study, at: datetime) -> AlertCause | None:
    """By the first point beyond the limits within the last OUT_FOR."""
    chart = found.chart
    if chart is None:
        return None
    times = found.groups.data.times[found.groups.first]
    for it in sorted(chart.violations, key=lambda it: it.point):
        since = instant(int(times[chart.plotted[it.point]]))
        if it.rule == _BEYOND_LIMITS and timedelta(0) <= at - since <= OUT_FOR:
            panel = chart.location if it.panel == "location" else chart.dispersion
            value = float(panel.values[it.point])
            return AlertCause(
                found.line, AlertKind.CONTROL_CHART, 1, since, value, "", found.measurement.id
            )
    return None
