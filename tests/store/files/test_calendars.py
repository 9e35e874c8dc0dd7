"""The calendars of plant.yaml: patterns by their day, exceptions, holidays."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import spoilt

from domain.plant import Calendar
from store.files.plant import read_plant

FULL = (Path(__file__).parent / "examples" / "full-plant.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    return spoilt.changed(FULL, old, new)


def calendar(text: str = FULL) -> Calendar:
    found = read_plant(text, "p").lines["filler-1"].calendar
    assert found is not None
    return found


def test_patterns_are_sorted_by_their_day() -> None:
    july, october = calendar().changes
    assert (july.since, october.since) == (date(2026, 7, 1), date(2026, 10, 1))
    assert [(shift.name, shift.start) for shift in july.shifts] == [("A", time(5)), ("B", time(14))]
    assert calendar().holidays == "HK-general"


def test_an_exception_says_who_decided_it_and_when() -> None:
    overhaul, typhoon = calendar().exceptions
    assert (overhaul.author, overhaul.decided_on) == ("Chan Tai Man", date(2026, 2, 20))
    assert (typhoon.author, typhoon.decided_on) == ("", None)


def test_a_night_of_the_old_pattern_may_reach_into_the_new_one() -> None:
    """The calendar lets it end: the first early shift of July begins then."""
    early = changed('start: "05:00", end: "14:00"', 'start: "00:00", end: "14:00"')
    assert calendar(early).changes[0].shifts[0].start == time(0)
