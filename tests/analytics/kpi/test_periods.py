"""Which facts belong to which period, and where the periods of a window begin and end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from telemetry import facts

from analytics.kpi.aggregation import ROW
from analytics.kpi.periods import PERIODS, periods_of
from domain.errors import InputError
from domain.time import Window

ZONE = ZoneInfo("Asia/Hong_Kong")


def hk(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


WINDOW = Window(hk("2026-03-31T12:00"), hk("2026-04-02T06:00"))
HOURS = [WINDOW.start + timedelta(hours=n) for n in range(42)]


def hourly() -> pl.DataFrame:
    """A row an hour; shift A from 06:00 to 18:00, in it product a, else b; 10 items an hour."""
    frame = facts([(at, at + timedelta(hours=1)) for at in HOURS], total_count=10.0)
    shifts = [at.replace(hour=6) if 6 <= at.hour < 18 else None for at in HOURS]
    return frame.with_columns(
        pl.Series("day", [at.date() for at in HOURS]),
        pl.Series("shift", ["A" if start else "" for start in shifts]),
        pl.Series("shift_start", shifts, dtype=frame.schema["shift_start"]),
        pl.Series("product", ["a" if start else "b" for start in shifts]),
    )


@pytest.mark.parametrize("by", [None, *PERIODS])
def test_a_periods_facts_are_those_of_its_row(by: str | None) -> None:
    frame = hourly()
    found = periods_of("l", ZONE, frame, WINDOW, by)
    assert sorted(set(found.facts[ROW])) == list(range(len(found.each)))
    counted = frame if by != "shift" else frame.filter(pl.col("shift") == "A")
    assert found.facts["total_count"].sum() == counted["total_count"].sum()


@pytest.mark.parametrize(
    ("by", "periods"),
    [
        (None, [(None, WINDOW)]),
        (
            "day",
            [
                ("2026-03-31", Window(WINDOW.start, hk("2026-04-01T00:00"))),
                ("2026-04-01", Window(hk("2026-04-01T00:00"), hk("2026-04-02T00:00"))),
                ("2026-04-02", Window(hk("2026-04-02T00:00"), WINDOW.end)),
            ],
        ),
        ("week", [("2026-W14", WINDOW)]),
        (
            "month",
            [
                ("2026-03", Window(WINDOW.start, hk("2026-04-01T00:00"))),
                ("2026-04", Window(hk("2026-04-01T00:00"), WINDOW.end)),
            ],
        ),
        (
            "shift",
            [
                ("A", Window(WINDOW.start, hk("2026-03-31T18:00"))),
                ("A", Window(hk("2026-04-01T06:00"), hk("2026-04-01T18:00"))),
            ],
        ),
        ("product", [("a", WINDOW), ("b", WINDOW)]),
    ],
)
def test_periods_end_at_their_own_borders_or_the_windows(
    by: str | None, periods: list[tuple[str | None, Window]]
) -> None:
    found = periods_of("l", ZONE, hourly(), WINDOW, by)
    assert [(it.key, it.window) for it in found.each] == periods


def test_an_hour_is_named_by_the_plants_clock_and_its_offset() -> None:
    """In the night of the change to winter time 02:00 is there twice."""
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 25, 1, tzinfo=berlin).astimezone(ZoneInfo("UTC"))
    hours = [start + timedelta(hours=n) for n in range(3)]
    frame = facts([(at, at + timedelta(hours=1)) for at in hours]).with_columns(
        day=pl.lit(date(2026, 10, 25))
    )
    window = Window(start, start + timedelta(hours=3))
    assert [it.key for it in periods_of("l", berlin, frame, window, "hour").each] == [
        "2026-10-25T01:00:00+02:00",
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ]


def test_a_period_that_is_none_is_said() -> None:
    with pytest.raises(InputError, match=r"unknown period 'year'.*hour, shift"):
        periods_of("l", ZONE, hourly(), WINDOW, "year")
