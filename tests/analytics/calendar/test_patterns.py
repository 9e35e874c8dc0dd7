"""Weekly patterns that change with a date, holidays of Hong Kong, exceptions over one another."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from plants import HONG_KONG, calendar, local, shift

from analytics.calendar.planned_time import plan_segments
from domain.plant import (
    HK_GENERAL,
    Calendar,
    CalendarException,
    ExceptionClass,
    PatternChange,
    Shift,
)

Piece = tuple[str, str, str, str]  # start, end, plan, shift; times are those on the wall
BUSY = pl.col("plan") == "busy"
SUNDAY = 6
NIGHT = shift("N", "22:00", "06:00", ("02:00", "02:30"))
NEW_DAY = shift("A", "05:00", "13:00", ("05:30", "06:30"), ("09:00", "09:30"))


def changing(since: str, old: Shift, new: Shift) -> Calendar:
    change = PatternChange(date.fromisoformat(since), (new,))
    return replace(calendar(old), changes=(change,))


def pieces(plan: Calendar, start: str, end: str, zone: ZoneInfo = HONG_KONG) -> list[Piece]:
    """What is planned in a window of local times."""
    found = plan_segments(plan, zone, local(start, zone), local(end, zone))
    return [
        (*(f"{at.astimezone(zone):%d %H:%M}" for at in row[:2]), *row[2:4])
        for row in found.iter_rows()
        if row[2] != "not_planned"
    ]


def excepted(plan: Calendar, *exceptions: tuple[str, str, ExceptionClass, str]) -> Calendar:
    made = (
        CalendarException(local(start), local(end), kind, reason)
        for start, end, kind, reason in exceptions
    )
    return replace(plan, exceptions=tuple(made))


def test_a_night_begun_before_the_change_stays_whole_and_the_new_shift_waits_for_its_end() -> None:
    """united-manufacturing-hub#129, #146: what lies across a border is in one shift only."""
    plan = changing("2026-07-01", NIGHT, NEW_DAY)
    assert pieces(plan, "2026-06-30 12:00", "2026-07-02 12:00") == [
        ("30 22:00", "01 02:00", "busy", "N"),
        ("01 02:00", "01 02:30", "planned_down", "N"),
        ("01 02:30", "01 06:00", "busy", "N"),
        ("01 06:00", "01 06:30", "planned_down", "A"),  # the rest of the break at 05:30
        ("01 06:30", "01 09:00", "busy", "A"),
        ("01 09:00", "01 09:30", "planned_down", "A"),
        ("01 09:30", "01 13:00", "busy", "A"),
        ("02 05:00", "02 05:30", "busy", "A"),
        ("02 05:30", "02 06:30", "planned_down", "A"),
        ("02 06:30", "02 09:00", "busy", "A"),
        ("02 09:00", "02 09:30", "planned_down", "A"),
        ("02 09:30", "02 12:00", "busy", "A"),
    ]


def test_a_shift_begins_where_it_was_cut_whatever_part_of_it_is_asked_for() -> None:
    """The cut lies two days before the end of the new pattern's long night."""
    plan = changing("2026-07-01", shift("N", "22:00", "21:00"), shift("L", "20:00", "19:00"))
    for start in ("2026-06-30 00:00", "2026-07-01 23:00", "2026-07-02 00:00", "2026-07-02 18:30"):
        found = plan_segments(plan, HONG_KONG, local(start), local("2026-07-02 19:00"))
        last = found.row(-1, named=True)
        assert (last["shift"], last["shift_start"]) == ("L", local("2026-07-01 21:00")), start


def test_the_day_of_the_change_is_a_local_day() -> None:
    """odoo/odoo#70841: 2026-07-01 begins in Hong Kong while it is still June in UTC."""
    plan = changing("2026-07-01", shift("A", "01:00", "03:00"), shift("B", "01:00", "04:00"))
    assert pieces(plan, "2026-06-30 00:00", "2026-07-02 00:00") == [
        ("30 01:00", "30 03:00", "busy", "A"),
        ("01 01:00", "01 04:00", "busy", "B"),
    ]


def test_patterns_of_several_changes_hold_each_until_the_next() -> None:
    plan = replace(
        calendar(shift("A", "08:00", "09:00")),
        changes=tuple(
            PatternChange(date(2026, 7, day), (shift(name, "08:00", "09:00"),))
            for day, name in ((2, "B"), (4, "C"))
        ),
    )
    found = pieces(plan, "2026-06-30 00:00", "2026-07-06 00:00")
    assert [name for *_, name in found] == ["A", "A", "B", "B", "C", "C"]


def test_a_pattern_that_begins_on_a_holiday_begins_after_it() -> None:
    plan = replace(changing("2026-07-01", NIGHT, NEW_DAY), holidays="HK")
    found = pieces(plan, "2026-06-30 12:00", "2026-07-02 12:00")
    assert found[2:4] == [
        ("01 02:30", "01 06:00", "busy", "N"),  # begun on the eve
        ("02 05:00", "02 05:30", "busy", "A"),
    ]


@pytest.mark.parametrize("holidays", ["HK", HK_GENERAL])
def test_the_holidays_of_hong_kong_in_2026(holidays: str) -> None:
    """The gazetted general holidays; Good Friday and the day after it are not statutory ones."""
    gazetted = [
        *("01-01", "02-17", "02-18", "02-19", "04-03", "04-04", "04-06", "04-07", "05-01"),
        *("05-25", "06-19", "07-01", "09-26", "10-01", "10-19", "12-25", "12-26"),
    ]
    plan = replace(calendar(shift("A", "07:00", "15:00")), holidays=holidays)
    found = plan_segments(plan, HONG_KONG, local("2026-01-01 00:00"), local("2027-01-01 00:00"))
    worked = {row["start"].astimezone(HONG_KONG).date() for row in found.filter(BUSY).to_dicts()}
    weekdays = {
        day
        for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
        if day.weekday() != SUNDAY
    }
    off = [f"{day:%m-%d}" for day in sorted(weekdays - worked)]
    expected = gazetted if holidays == HK_GENERAL else [*gazetted[:4], *gazetted[6:]]
    assert off == expected


def test_overtime_on_a_holiday_is_planned_and_the_night_after_it_too() -> None:
    plan = excepted(
        replace(calendar(NIGHT), holidays="HK"),
        ("2026-07-01 08:00", "2026-07-01 12:00", "overtime", "order of the year"),
    )
    assert pieces(plan, "2026-07-01 06:00", "2026-07-02 23:00") == [
        ("01 08:00", "01 12:00", "busy", "overtime"),
        ("02 22:00", "02 23:00", "busy", "N"),
    ]


def test_a_closure_inside_a_shift_leaves_its_two_ends_in_the_same_shift() -> None:
    plan = excepted(
        calendar(shift("A", "07:00", "15:00", ("11:00", "11:30"))),
        ("2026-03-02 10:00", "2026-03-02 12:00", "closed", "typhoon signal 8"),
    )
    window = local("2026-03-02 07:00"), local("2026-03-02 15:00")
    found = plan_segments(plan, HONG_KONG, *window)
    assert found["plan"].to_list() == ["busy", "not_planned", "busy"]
    assert found["reason"].to_list() == ["", "typhoon signal 8", ""]
    assert found["shift_start"].to_list() == [window[0], None, window[0]]


@pytest.mark.parametrize(
    ("exceptions", "expected"),
    [
        (
            [("09:00", "10:00", "planned_down", "x"), ("10:00", "11:00", "planned_down", "x")],
            ["07:00–09:00 busy", "09:00–11:00 planned_down x", "11:00–15:00 busy"],
        ),
        (
            [("09:00", "11:00", "planned_down", "x"), ("10:00", "12:00", "closed", "y")],
            [
                "07:00–09:00 busy",
                "09:00–10:00 planned_down x",
                "10:00–12:00 not_planned y",
                "12:00–15:00 busy",
            ],
        ),
        (  # what was closed cannot be planned down, but it can be worked after all
            [
                ("10:00", "14:00", "closed", "y"),
                ("09:00", "11:00", "planned_down", "x"),
                ("12:00", "13:00", "overtime", "z"),
            ],
            [
                "07:00–09:00 busy",
                "09:00–10:00 planned_down x",
                "10:00–12:00 not_planned y",
                "12:00–13:00 busy z",
                "13:00–14:00 not_planned y",
                "14:00–15:00 busy",
            ],
        ),
        (
            [("06:00", "07:00", "overtime", "early"), ("15:00", "16:00", "overtime", "late")],
            ["06:00–07:00 busy early", "07:00–15:00 busy", "15:00–16:00 busy late"],
        ),
    ],
    ids=["touching", "overlapping", "in order", "around the shift"],
)
def test_exceptions_are_laid_over_the_plan_in_the_order_of_the_file(
    exceptions: list[tuple[str, str, ExceptionClass, str]], expected: list[str]
) -> None:
    dated = [
        (f"2026-03-02 {start}", f"2026-03-02 {end}", kind, reason)
        for start, end, kind, reason in exceptions
    ]
    plan = excepted(calendar(shift("A", "07:00", "15:00")), *dated)
    first = "06:00" if expected[0].startswith("06") else "07:00"
    last = "16:00" if expected[-1].endswith("late") else "15:00"
    found = plan_segments(
        plan, HONG_KONG, local(f"2026-03-02 {first}"), local(f"2026-03-02 {last}")
    )
    assert [
        f"{row['start'].astimezone(HONG_KONG):%H:%M}–{row['end'].astimezone(HONG_KONG):%H:%M} "
        f"{row['plan']} {row['reason']}".strip()
        for row in found.iter_rows(named=True)
    ] == expected
