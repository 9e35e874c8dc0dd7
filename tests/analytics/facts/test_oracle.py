"""Facts against an oracle that loops over seconds: random plants, calendars and histories."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

import oracle
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plants import HONG_KONG, history, local, plant

from analytics.facts.line_facts import line_facts
from domain.corrections import Correction, CorrectionKind
from domain.frames import STATE_COLUMNS
from domain.plant import (
    Break,
    Calendar,
    CalendarException,
    CycleTimeChange,
    PatternChange,
    Plant,
    Product,
    Shift,
    StopReason,
)
from domain.states import MachineMode, MachineState, ReasonKind

EXAMPLES = int(os.environ.get("LINEPROOF_ORACLE_EXAMPLES", "80"))
LENGTH_S = 2400
# Across an hour, across midnight, and across both days of change of a zone with summer time.
BASES = [
    (HONG_KONG, "2026-03-02 06:40"),
    (HONG_KONG, "2026-03-02 23:40"),
    (ZoneInfo("Europe/Berlin"), "2026-03-29 01:40"),
    (ZoneInfo("America/New_York"), "2026-11-01 01:40"),
]
PRODUCTS = [
    Product("a", {"en": "A"}, 2.0, (CycleTimeChange(date(2026, 3, 3), 0.5),)),
    Product("b", {"en": "B"}, 0.25),
]
REASONS = {
    "jam": StopReason("jam", {"en": "Jam"}, ReasonKind.BREAKDOWN, codes=("17",)),
    "clean": StopReason("clean", {"en": "Cleaning"}, ReasonKind.SETUP),
    "lunch": StopReason("lunch", {"en": "Lunch"}, ReasonKind.PLANNED),
}
seconds = st.integers(0, LENGTH_S - 1)
Value = TypeVar("Value")
minutes = st.integers(0, 1439).map(lambda of_day: time(of_day // 60, of_day % 60))


@st.composite
def shifts(draw: st.DrawFn) -> tuple[Shift, ...]:
    """Up to three shifts that follow each other from some minute on, maybe over midnight."""
    cuts = sorted(draw(st.sets(st.integers(0, 143), min_size=2, max_size=4)))
    clocks = [time(cut * 10 // 60, cut * 10 % 60) for cut in cuts]
    borders = list(pairwise([*clocks, clocks[0]] if draw(st.booleans()) else clocks))
    made = []
    for number, (start, end) in enumerate(borders):
        begin = datetime.combine(date(2026, 1, 1), start) + timedelta(minutes=5)
        pause = Break(begin.time(), (begin + timedelta(minutes=3)).time())
        days = draw(st.sets(st.integers(0, 6), min_size=1))
        made.append(
            Shift(f"S{number}", frozenset(days), start, end, (pause,) * draw(st.integers(0, 1)))
        )
    return tuple(made)


@st.composite
def calendars(draw: st.DrawFn, base: datetime) -> Calendar:
    changes = [
        PatternChange(day, draw(shifts()))
        for day in draw(
            st.sets(
                st.sampled_from([date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 29)]), max_size=1
            )
        )
    ]
    exceptions = []
    for _ in range(draw(st.integers(0, 2))):
        start, length = draw(st.integers(0, 39)), draw(st.integers(1, 30))
        kind = draw(st.sampled_from(["planned_down", "closed", "overtime"]))
        begin = base + timedelta(minutes=start)
        exceptions.append(CalendarException(begin, begin + timedelta(minutes=length), kind))
    return Calendar("c", draw(shifts()), frozenset(), tuple(exceptions), tuple(changes))


@st.composite
def said(
    draw: st.DrawFn, texts: list[str | None], most: int, *, at_one_instant: int = 4
) -> list[tuple[int, str | None]]:
    """Seconds and what was said: one thing mostly, sometimes several at one instant."""
    instants = sorted(draw(st.sets(seconds, max_size=most)))
    several = st.lists(st.sampled_from(texts), min_size=1, max_size=at_one_instant)
    one = st.sampled_from(texts).map(lambda it: [it])
    return [(at, text) for at in instants for text in draw(one | one | several)]


@st.composite
def counts(draw: st.DrawFn, most: int) -> list[tuple[int, float]]:
    value = st.one_of(st.integers(0, 3), st.integers(0, 500), st.integers(0, 30_000))
    instants = sorted(draw(st.sets(seconds, max_size=most)))
    one, several = st.lists(value, min_size=1, max_size=1), st.lists(value, min_size=1, max_size=3)
    return [(at, float(it)) for at in instants for it in draw(one | one | several)]


@st.composite
def corrections(draw: st.DrawFn, base: datetime) -> tuple[Correction, ...]:
    """One of each kind at most, in the order in which they were recorded."""
    made = []
    for kind in draw(st.sets(st.sampled_from(list(CorrectionKind)[:4]))):
        first, last = sorted(draw(st.sets(seconds, min_size=2, max_size=2)))
        made.append(
            Correction(
                kind.value,
                "l1",
                kind,
                base + timedelta(seconds=first),
                base + timedelta(seconds=first if kind is CorrectionKind.SPLIT else last),
                "operator",
                base,
                reason="jam" if kind is CorrectionKind.REASON else None,
                until_stop_ends=kind is CorrectionKind.REASON and draw(st.booleans()),
                element="reject_count" if kind is CorrectionKind.QUANTITY else None,
                amount=7.0 if kind is CorrectionKind.QUANTITY else None,
            )
        )
    return tuple(made)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Plant, oracle.Told, datetime]:
    zone, clock = draw(st.sampled_from(BASES))
    base = local(clock, zone)
    where = plant(
        draw(st.none() | calendars(base)),
        roles=("state", "total_count", "reject_count"),
        cycle_time_s=1.0,
        products=PRODUCTS,
        zone=zone,
    )
    line = replace(where.lines["l1"], chatter_s=draw(st.sampled_from([0.0, 1.0, 3.0])))
    cuts = sorted(draw(st.sets(st.integers(0, LENGTH_S), max_size=6)))

    def told(what: list[tuple[int, Value]]) -> list[tuple[datetime, Value]]:
        return [(base + timedelta(seconds=at), value) for at, value in what]

    turns = st.sampled_from(["producing", "fault", None])
    close = draw(st.dictionaries(st.integers(100, 130), turns, max_size=8))
    soon = draw(st.dictionaries(st.integers(100, 200), st.sampled_from(list(REASONS)), max_size=2))
    states = [*draw(said([*MachineState.names(), None], 12)), *close.items()]
    return (
        replace(where, lines={"l1": line}, reasons=REASONS),
        oracle.Told(
            told(states),
            [
                (base + timedelta(seconds=first), base + timedelta(seconds=last))
                for first, last in list(pairwise(cuts))[::2]
            ]
            if draw(st.booleans())
            else [(base, base + timedelta(seconds=LENGTH_S))],
            told(draw(counts(8))),
            told(draw(counts(4))),
            told(draw(said([*MachineMode.names(), None], 2))),
            told(draw(said(["", "o1", "o2", None], 2))),
            told(draw(said(["a", "b", "c", None], 2))),
            told([*draw(said(["17", "jam", "clean", "lunch", "zz", "", None], 3)), *soon.items()]),
            draw(corrections(base)),
        ),
        base,
    )


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(cases())
def test_the_facts_are_what_a_loop_over_seconds_gives(
    case: tuple[Plant, oracle.Told, datetime],
) -> None:
    where, told, base = case
    end = base + timedelta(seconds=LENGTH_S)
    signals = {
        "state": told.states,
        "total_count": told.totals,
        "reject_count": told.rejects,
        "mode": told.modes,
        "order": told.orders,
        "product": told.products,
        "stop_reason": told.reasons,
    }
    samples = [(signal, at, value) for signal, rows in signals.items() for at, value in rows]
    reach = replace(history(samples, base, end, told.spans), corrections=told.corrections)
    facts = line_facts(where, "l1", reach, base, end)
    hour = pl.col("start").dt.convert_time_zone(where.zone.key).dt.truncate("1h")
    keys = ["plan", "mode", "order", "product", "reason_kind"]
    found = {
        tuple(row[: len(keys) + 1]): row[len(keys) + 1 :]
        for row in facts.group_by(hour.dt.convert_time_zone("UTC"), *keys)
        .agg(
            *STATE_COLUMNS_SUMMED,
            *(pl.col(name).sum() for name in (*QUANTITIES, *BESIDES)),
            pl.col("stops", "failures").sum(),
        )
        .rows()
    }
    expected = oracle.rows(where, told, base, end)
    assert set(found) == set(expected)
    for key, row in expected.items():
        mine = found[key]
        lasting = {state: us / 1e6 for state, us in zip(MachineState.names(), mine, strict=False)}
        assert {state: s for state, s in lasting.items() if s} == dict(row.seconds), key
        quantities = dict(zip((*QUANTITIES, *BESIDES), mine[len(lasting) :], strict=False))
        unsure_s = quantities.pop("unsure_plan_s")
        close = {name: pytest.approx(getattr(row, of), abs=1e-6) for name, of in QUANTITIES.items()}
        close |= {it: pytest.approx(row.besides[it], abs=1e-6) for it in BESIDES[:-1]}
        assert quantities == close, key
        # The larger of the two counters holds, from one stretch to the next.
        one, other = (row.besides[f"unsure_plan_s_of_{it}"] for it in ("total", "reject"))
        assert max(one, other) - 1e-6 <= unsure_s <= one + other + 1e-6, (
            key,
            unsure_s,
            one,
            other,
        )
        assert mine[-2:] == (row.stops, row.failures), key


STATE_COLUMNS_SUMMED = [pl.col(name).sum() for name in STATE_COLUMNS]
BESIDES = (
    "total_unheard_s",
    "good_unheard_s",
    "reject_unheard_s",
    "total_quiet_s",
    "reject_quiet_s",
    "total_count_missed",
    "reject_count_missed",
    "implausible_ideal_s",
    "total_count_implausible",
    "unsure_start_s",
    "unsure_end_s",
    "unsure_start_count",
    "unsure_end_count",
    "ideal_less_s",
    "ideal_more_s",
    "unsure_plan_s",
)
QUANTITIES = {
    "total_count": "total",
    "reject_count": "reject",
    "total_count_unknown": "total_unknown",
    "ideal_s": "ideal_s",
    "ideal_unknown_s": "ideal_unknown_s",
}
