"""Which rules are broken: by what a line does and its shift's figures, never by unknown time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from spc_lines import weights
from stopped_line import LINE, RUNNING, at, stopped_line
from telemetry import batch
from web_plant import PLANT, ZONE, Clock, registry_of, sample_frame, spans, store_of

from analytics.shift_forecast import Forecast, ShiftTarget, TargetSource
from api.queries.alerts import charts_standing, standing_of
from api.queries.lines import Queries
from api.queries.live import Heard, Live, live
from domain.alerts import AlertCause, AlertKind, AlertRules, StandingCauses
from domain.plant import Line
from domain.states import STOP_STATES
from store.files.plant import read_plant

START = datetime(2026, 3, 25, 7, tzinfo=ZONE)  # of shift A
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def queries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    """In production time, stopped since 14:20; it is 14:22."""
    found = stopped_line(tmp_path_factory.mktemp("stopped"), Clock())
    yield found
    store_of(found).close()
    registry_of(found).close()


@pytest.fixture(scope="module")
def now(queries: Queries) -> Live:
    return live(queries, LINE)


def asked(queries: Queries, state: Live, kind: AlertKind, limit: float = 1) -> StandingCauses:
    line = queries.line(LINE)[1]
    return standing_of(state, replace(line, alerts=AlertRules({kind: limit})))


def figures(state: Live, **changes: Any) -> Live:
    assert state.kpis is not None
    return replace(state, kpis=replace(state.kpis, figures={**state.kpis.figures, **changes}))


UNDECIDED = {kind: StandingCauses([], [(LINE, kind, "")]) for kind in AlertKind}
NOTHING = StandingCauses([], [])


def test_a_stop_counts_from_its_beginning(queries: Queries, now: Live) -> None:
    stopped = AlertKind.STOPPED
    assert asked(queries, now, stopped, 121) == NOTHING
    (cause,) = asked(queries, now, stopped, 120).causes
    assert cause == AlertCause(LINE, stopped, 120, RUNNING, 120, "stopped")
    assert asked(queries, replace(now, state="producing"), stopped, 60) == NOTHING
    assert asked(queries, replace(now, state="unknown"), stopped, 60) == UNDECIDED[stopped]
    for state in STOP_STATES:
        assert asked(queries, replace(now, state=state.value), stopped, 60).causes


def test_a_stop_counts_in_production_time_alone(queries: Queries, now: Live) -> None:
    """Who comes back from a break of half an hour has not let it stand for half an hour."""
    stopped = AlertKind.STOPPED
    after_break = replace(now, at=START + 272 * MINUTE, since=START + 230 * MINUTE)
    assert asked(queries, after_break, stopped, 130) == NOTHING
    (cause,) = asked(queries, after_break, stopped, 120).causes
    assert (cause.since, cause.value) == (START + 270 * MINUTE, 120)
    in_break = replace(after_break, plan="planned_down", at=START + 250 * MINUTE)
    assert asked(queries, in_break, stopped, 60) == UNDECIDED[stopped]
    off = replace(now, plan="not_planned", period=None, kpis=None)
    assert asked(queries, off, stopped, 60) == NOTHING


def test_a_stop_goes_on_over_the_change_of_shifts(queries: Queries, now: Live) -> None:
    since = START + 470 * MINUTE
    (cause,) = asked(
        queries, replace(now, at=START + 500 * MINUTE, since=since), AlertKind.STOPPED, 1200
    ).causes
    assert cause.since == since
    (cause,) = asked(queries, replace(now, since=None), AlertKind.STOPPED, 1200).causes
    assert cause.since == START + 270 * MINUTE  # longer than was looked back: planned time


def test_silence_counts_for_each_machine(queries: Queries, now: Live) -> None:
    kind = AlertKind.NO_DATA
    one = Heard("filler", now.at - 3 * MINUTE, stale=True, lost=False)
    other = Heard("meter", now.at - MINUTE, stale=True, lost=True)
    silent = replace(now, machines=(one, other))
    (cause,) = asked(queries, silent, kind, 120).causes
    assert (cause.since, cause.value, cause.what) == (one.at, 180, "filler")
    (cause,) = asked(queries, silent, kind, 60).causes
    assert cause.what == "filler, meter"
    never = replace(now, machines=(replace(one, at=None),))
    (cause,) = asked(queries, never, kind, 60).causes
    assert cause.since == START + 270 * MINUTE
    assert asked(queries, replace(silent, plan="planned_down"), kind, 60) == UNDECIDED[kind]
    heard = tuple(replace(it, stale=False) for it in silent.machines)
    assert asked(queries, replace(silent, machines=heard), kind, 60) == NOTHING
    imported = tuple(replace(it, is_imported=True) for it in silent.machines)
    assert asked(queries, replace(silent, machines=imported), kind, 60) == NOTHING


def test_an_oee_is_under_when_its_upper_bound_is(queries: Queries, now: Live) -> None:
    kind = AlertKind.OEE
    row = figures(now, oee=0.3, oee_low=0.2, oee_high=0.5, planned_busy_time_s=1800.0)
    assert asked(queries, row, kind, 0.5) == NOTHING
    (cause,) = asked(queries, row, kind, 0.51).causes
    assert cause == AlertCause(LINE, kind, 0.51, START, 0.5)
    assert asked(queries, figures(row, oee_high=None), kind, 0.9) == UNDECIDED[kind]
    assert asked(queries, figures(row, planned_busy_time_s=1799.0), kind, 0.9) == NOTHING
    assert asked(queries, replace(row, kpis=None), kind, 0.9) == NOTHING


def test_energy_is_over_by_what_was_measured(queries: Queries, now: Live) -> None:
    kind = AlertKind.ENERGY
    assert asked(queries, figures(now, energy_kwh=400.0), kind, 400) == NOTHING
    (cause,) = asked(queries, figures(now, energy_kwh=401.0), kind, 400).causes
    assert cause.value == 401
    assert asked(queries, figures(now, energy_kwh=None), kind, 400) == UNDECIDED[kind]


def test_a_forecast_takes_the_unknown_for_made(queries: Queries, now: Live) -> None:
    """1000 items at 0.5 s each; ten unknown minutes could have made 1200."""
    kind = AlertKind.FORECAST
    target = ShiftTarget(TargetSource.PLANT_FILE, 0.7, 5000.0, 100.0, on_pace=False)
    known: dict[str, Any] = {
        "ideal_time_s": 500.0, "total_count": 1000.0, "planned_busy_time_s": 7200.0,
        "unknown_time_s": 0.0, "production_unheard_s": 0.0,
    }  # fmt: skip
    behind = figures(
        replace(now, target=target, forecast=Forecast(4000.0, None, None, None)), **known
    )
    (cause,) = asked(queries, behind, kind).causes
    assert (cause.value, cause.limit, cause.since) == (4000, 5000, START)
    hidden = figures(behind, unknown_time_s=400.0, production_unheard_s=200.0)
    assert asked(queries, hidden, kind) == NOTHING
    (cause,) = asked(queries, figures(behind, unknown_time_s=300.0), kind).causes
    assert cause.value == 4600
    assert asked(queries, figures(hidden, ideal_time_s=0.0), kind) == UNDECIDED[kind]
    assert asked(queries, replace(behind, target=None), kind) == UNDECIDED[kind]
    assert asked(queries, figures(behind, planned_busy_time_s=60.0), kind) == NOTHING


MEASURED = """    measurements:
      fill: {machine: filler, unit: g, subgroup_size: 1}
    alerts: {control_chart_out: true}
"""


def weighed(queries: Queries, number: int, values: list[float], first: datetime) -> None:
    """One each minute, with the time in which they were heard."""
    rows = [
        {"signal": "measurement.fill", "time": first + row[2] * MINUTE, "value": row[3]}
        for row in weights(list(values))
    ]
    known = spans((LINE, "filler", first, first + len(values) * MINUTE))
    frame: pl.DataFrame = sample_frame(LINE, "filler", rows)
    store_of(queries).append([batch(number, frame, known, agent="scale")])


def test_a_control_chart_is_out_for_a_quarter_of_an_hour(queries: Queries, now: Live) -> None:
    registry = registry_of(queries)
    text = PLANT.replace("    roles: {state: filler,", f"{MEASURED}    roles: {{state: filler,", 1)
    registry.apply.plant(text, read_plant(text, "plant.yaml"), now.at)
    line: Line = queries.line(LINE)[1]
    steady = [330.0, 331.0] * 30
    weighed(queries, 1, steady, at(-62))
    assert charts_standing(queries, now, line) == NOTHING
    weighed(queries, 2, [345.0, 330.0], at(12))
    (cause,) = charts_standing(queries, now, line).causes
    assert (cause.since, cause.value, cause.measurement) == (at(12), 345.0, "fill")
    later = replace(now, at=(at(12) + 17 * MINUTE).astimezone(UTC))
    assert charts_standing(queries, later, line) == NOTHING
    assert charts_standing(queries, replace(now, period=None), line) == StandingCauses()
