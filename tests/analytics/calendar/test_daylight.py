"""Both days of change of daylight saving: shifts, breaks, slices, and figures without a plan."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from plants import calendar, history, local, plant, shift

from analytics.calendar.planned_time import plan_segments
from analytics.calendar.slices import slices
from analytics.facts.line_facts import line_facts
from analytics.kpi.periods import PERIODS
from analytics.kpi.rows import kpi_rows
from domain.plant import Calendar, CalendarException
from domain.time import Window

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
# Zone, the day of change, and the hours that it has.
CHANGES = [
    (BERLIN, "2026-03-29", 23),
    (BERLIN, "2026-10-25", 25),
    (NEW_YORK, "2026-03-08", 23),
    (NEW_YORK, "2026-11-01", 25),
]
HOUR = timedelta(hours=1)


def day_of(zone: ZoneInfo, day: str) -> tuple[Any, Any]:
    start = local(f"{day} 00:00", zone)
    return start, local(f"{(start.astimezone(zone) + timedelta(days=1)).date()} 00:00", zone)


def walls(plan: Calendar, zone: ZoneInfo, day: str) -> list[str]:
    """The planned pieces that touch the day, with offsets: 'HH:MM+hh–HH:MM+hh plan'."""
    found = plan_segments(plan, zone, *day_of(zone, day))
    return [
        "–".join(f"{at.astimezone(zone):%H:%M%z}"[:-2] for at in (row["start"], row["end"]))
        + f" {row['plan']}"
        for row in found.iter_rows(named=True)
        if row["plan"] != "not_planned"
    ]


@pytest.mark.parametrize(("zone", "day", "length"), CHANGES)
def test_shifts_over_the_change_have_seven_or_nine_hours(
    zone: ZoneInfo, day: str, length: int
) -> None:
    """odoo/odoo#70841, datalust/seq-tickets#902"""
    plan = calendar(
        shift("N", "22:00", "06:00"), shift("A", "06:00", "14:00"), shift("B", "14:00", "22:00")
    )
    start, end = day_of(zone, day)
    found = plan_segments(plan, zone, start - 2 * HOUR, end - 2 * HOUR)
    assert [row["end"] - row["start"] for row in found.iter_rows(named=True)] == [
        (length - 16) * HOUR,
        8 * HOUR,
        8 * HOUR,
    ]


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        (("01:30", "02:30"), "01:30+01–03:30+02"),  # an hour, though the hands show two
        (("02:00", "02:30"), "03:00+02–03:30+02"),  # 02:00 does not occur: an hour later
        (("02:30", "03:00"), "03:30+02–04:00+02"),
        (("03:00", "03:30"), "03:00+02–03:30+02"),
    ],
)
def test_a_break_in_the_missing_hour_is_taken_and_as_long_as_planned(
    pause: tuple[str, str], expected: str
) -> None:
    """qcadoo/mes#58, OCA/manufacture#1842: breaks; RFC 5545, 3.3.5: times that do not occur."""
    found = walls(calendar(shift("N", "22:00", "06:00", pause)), BERLIN, "2026-03-29")
    assert [piece for piece in found if "planned_down" in piece] == [f"{expected} planned_down"]
    assert found[-2].startswith(f"{expected[9:]}–06:00+02")


@pytest.mark.parametrize(
    ("pause", "expected"),
    [
        (("01:45", "02:15"), "01:45+02–02:15+02"),
        (("02:00", "02:30"), "02:00+02–02:30+02"),  # the first of the two
        (("02:30", "03:00"), "02:30+02–02:00+01"),  # not ninety minutes
        (("03:00", "03:30"), "03:00+01–03:30+01"),
    ],
)
def test_a_break_in_the_doubled_hour_is_taken_once_and_as_long_as_planned(
    pause: tuple[str, str], expected: str
) -> None:
    """qcadoo/mes#58, OCA/manufacture#1842: breaks; RFC 5545, 3.3.5: times that occur twice."""
    found = walls(calendar(shift("N", "22:00", "06:00", pause)), BERLIN, "2026-10-25")
    assert [piece for piece in found if "planned_down" in piece] == [f"{expected} planned_down"]


def test_a_shift_that_begins_in_the_missing_hour_is_in_no_other_shift() -> None:
    plan = calendar(
        shift("A", "22:00", "02:30"), shift("B", "02:45", "03:15"), shift("C", "03:00", "10:00")
    )
    found = plan_segments(plan, BERLIN, *day_of(BERLIN, "2026-03-29"))
    assert [(row["shift"], f"{row['end'].astimezone(BERLIN):%H:%M}") for row in found.to_dicts()][
        :3
    ] == [("A", "03:30"), ("C", "10:00"), ("", "22:00")]


def test_shifts_that_meet_in_the_doubled_hour_meet_once() -> None:
    plan = calendar(shift("A", "22:00", "02:30"), shift("B", "02:30", "10:00"))
    assert walls(plan, BERLIN, "2026-10-25")[:2] == [
        "00:00+02–02:30+02 busy",
        "02:30+02–10:00+01 busy",
    ]


@pytest.mark.parametrize(("zone", "day", "length"), CHANGES)
def test_slices_partition_days_of_23_and_25_hours(zone: ZoneInfo, day: str, length: int) -> None:
    """datalust/seq-tickets#902: 24-hour steps put DST days in the wrong bucket."""
    start, end = day_of(zone, day)
    where = plant(calendar(shift("N", "22:00", "06:00", ("02:15", "02:45"))), zone=zone)
    around = slices(where, "l1", start - 24 * HOUR, end + 24 * HOUR)
    assert all(a[1] == b[0] for a, b in pairwise(around.rows()))
    own = around.filter(pl.col("day").dt.to_string() == day)
    assert (own["start"][0], own["end"][-1]) == (start, end)
    assert end - start == length * HOUR
    assert all(row[1] - row[0] <= HOUR for row in own.rows())
    breaks = own.filter(pl.col("plan") == "planned_down")
    assert (breaks["end"] - breaks["start"]).sum() == HOUR / 2


def nothing_planned() -> dict[str, Calendar]:
    shifts = shift("A", "07:00", "15:00")
    closed = CalendarException(local("2026-07-01 00:00"), local("2026-07-02 00:00"), "closed")
    down = CalendarException(local("2026-07-01 07:00"), local("2026-07-01 15:00"), "planned_down")
    return {
        "holiday": Calendar("c", (shifts,), "HK"),
        "closed": calendar(shifts, exceptions=(closed,)),
        "overhaul": calendar(shifts, exceptions=(down,)),
    }


@pytest.mark.parametrize("why", ["holiday", "closed", "overhaul"])
@pytest.mark.parametrize("by", [None, *PERIODS])
def test_where_nothing_was_planned_there_is_no_value(why: str, by: str | None) -> None:
    """Never 0 and never 1, whatever the machine did: PBT is the denominator of both."""
    where = plant(nothing_planned()[why])
    window = Window(local("2026-07-01 00:00"), local("2026-07-02 00:00"))
    told = history(
        [
            ("state", window.start, "producing"),
            ("total_count", window.start, 0.0),
            ("total_count", window.end - HOUR, 100.0),
            ("reject_count", window.start, 0.0),
            ("reject_count", window.end - HOUR, 10.0),
        ],
        window.start,
        window.end,
    )
    facts = line_facts(where, "l1", told, window.start, window.end)
    rows = kpi_rows(where, "l1", facts, window, by)
    assert rows or (by == "shift" and why != "overhaul")
    for row in rows:
        assert row["planned_busy_time_s"] == 0.0
        for name in ("availability", "oee", "oee_low", "oee_high", "coverage"):
            assert row[name] is None, name
    if by is None:
        assert rows[0]["total_count"] == 100.0


def test_the_same_day_with_a_plan_has_a_value() -> None:
    """So that the test above can fail."""
    window = Window(local("2026-07-01 00:00"), local("2026-07-02 00:00"))
    where = plant(calendar(shift("A", "07:00", "15:00")), roles=("state",))
    told = history([("state", window.start, "producing")], window.start, window.end)
    facts = line_facts(where, "l1", told, window.start, window.end)
    (row,) = kpi_rows(where, "l1", facts, window)
    assert (row["availability"], row["coverage"]) == (1.0, 1.0)
