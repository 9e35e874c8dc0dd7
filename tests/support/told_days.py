"""Days of line `l1` as a machine told them, as facts: what a day had is given as moments after
midnight, each with a state and the items made since the moment before."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import polars as pl
from plants import HONG_KONG, Row, history, plant

from analytics.facts.line_facts import line_facts
from domain.time import midnight

Moment = tuple[float, str, int]  # seconds after midnight, state, items made since the one before
WHERE = plant(roles=("state", "total_count"), cycle_time_s=2.0)
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


def facts_of(days: Mapping[date, Sequence[Moment]]) -> pl.DataFrame:
    """FACTS of the days, which follow one another; the counter goes on over all of them."""
    rows: list[Row] = []
    total = 0
    for day, moments in days.items():
        for after_s, state, made in moments:
            at = midnight(day, HONG_KONG) + timedelta(seconds=after_s)
            total += made
            rows += [("state", at, state), ("total_count", at, total)]
    start, end = midnight(min(days), HONG_KONG), midnight(max(days), HONG_KONG) + timedelta(days=1)
    return line_facts(WHERE, "l1", history(rows, start, end), start, end)


def lively(seed: str, cycle_s: float = 2.0) -> list[Moment]:
    """A day with stops, from 07:00 to 19:00: other things happen with every seed."""
    chance, found = random.Random(seed), [(0.0, "off", 0), (7 * HOUR_S, "producing", 0)]
    now = 7 * HOUR_S
    while True:
        run, stop = chance.uniform(300, 2000), chance.uniform(20, 400)
        if now + run + stop > 19 * HOUR_S:
            return [*found, (19 * HOUR_S, "off", 0)]
        now = round(now + run, 3)
        found.append((now, "stopped", int(run / cycle_s * chance.uniform(0.8, 0.98))))
        now = round(now + stop, 3)
        found.append((now, "producing", 0))


def steady(first: datetime, last: datetime, cycle_s: float) -> dict[date, list[Moment]]:
    """One item a cycle, without end: what was told each minute on the way."""
    found: dict[date, list[Moment]] = {}
    before = 0
    minutes = int((last - first) / timedelta(minutes=1))
    for minute in range(minutes):
        made = int(minute * 60 / cycle_s)
        day = (first + timedelta(minutes=minute)).date()
        found.setdefault(day, []).append((minute * 60 % DAY_S, "producing", made - before))
        before = made
    return found
