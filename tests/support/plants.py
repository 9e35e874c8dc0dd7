"""Small plants and histories for tests, written in the plant's own local time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import polars as pl

from domain.frames import HISTORY, UTC_US, LineHistory
from domain.plant import (
    Break,
    Calendar,
    CalendarException,
    CounterRule,
    Line,
    Machine,
    Plant,
    Product,
    Shift,
)
from domain.samples import Quality
from domain.signals import REACH_MARGIN
from domain.states import MachineState
from store.telemetry.frames import distinct

HONG_KONG = ZoneInfo("Asia/Hong_Kong")
EVERY_DAY = frozenset(range(7))
# signal, time, value (a state's name for `state`; None: it cannot be used)
Row = tuple[str, datetime, float | str | None]


def local(text: str, zone: ZoneInfo = HONG_KONG) -> datetime:
    """'2026-03-02 07:00' in the plant's zone, as a UTC instant."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def shift(name: str, start: str, end: str, *breaks: tuple[str, str]) -> Shift:
    clock = time.fromisoformat
    pauses = tuple(Break(clock(begin), clock(finish)) for begin, finish in breaks)
    return Shift(name, EVERY_DAY, clock(start), clock(end), pauses)


def calendar(*shifts: Shift, exceptions: tuple[CalendarException, ...] = ()) -> Calendar:
    return Calendar("test", shifts, frozenset(), exceptions)


def plant(
    plan: Calendar | None = None,
    *,
    roles: Iterable[str] = ("state", "total_count", "reject_count"),
    cycle_time_s: float | None = 1.0,
    products: Iterable[Product] = (),
    zone: ZoneInfo = HONG_KONG,
    counters: dict[str, CounterRule] | None = None,
) -> Plant:
    """One line `l1` with one machine `m` that plays all the roles."""
    line = Line(
        "l1",
        {"en": "Line 1"},
        {"m": Machine("m", "import")},
        dict.fromkeys(roles, "m"),
        plan,
        cycle_time_s,
        counters=counters or {},
    )
    items = {product.id: product for product in products}
    return Plant("p", zone, {"en": "Test"}, "", items, {"l1": line})


def history(
    rows: Iterable[Row],
    start: datetime,
    end: datetime,
    spans: Iterable[tuple[datetime, datetime]] | None = None,
    bad: Iterable[datetime] = (),
) -> LineHistory:
    """A history of machine `m` that is enough for [start, end); confirmed in all of that unless
    spans are given."""
    bad = set(bad)
    records = []
    for signal, at, value in rows:
        number = MachineState(value).code if value and signal == "state" else value
        text = value if isinstance(value, str) else None
        quality = Quality.BAD if at in bad or value is None else Quality.GOOD
        value = None if number is None or isinstance(number, str) else float(number)
        records.append(("m", signal, at, value, text, quality))
    samples = distinct(pl.DataFrame(records, schema=HISTORY, orient="row"))
    known = [("m", begin, finish) for begin, finish in ([(start, end)] if spans is None else spans)]
    schema = {"machine": pl.String, "start": UTC_US, "end": UTC_US}
    stretches = pl.DataFrame(known, schema=schema, orient="row")
    around = [start, end, *(at for _, _, at, *_ in records)]
    return LineHistory(
        "l1", min(around) - REACH_MARGIN, max(around) + REACH_MARGIN, samples, stretches
    )
