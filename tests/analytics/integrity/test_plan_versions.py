"""Changes of calendar and cycle time are found where they concern the days, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import pytest
from examining import LINE, MONDAY, at, examined, told
from facts_frames import WEEKDAYS, Day, facts, plant

from analytics.integrity.examined import PlantVersion
from analytics.integrity.plan_versions import changed_plans
from domain.plant import Calendar, CalendarException, CycleTimeChange, PatternChange, Plant, Shift

LAST = date(2026, 3, 15)
INSIDE, BEHIND, BEFORE = at(date(2026, 3, 10), 9), at(date(2026, 4, 1)), at(date(2026, 2, 20))
JUICE = "juice-330"


LONG_AFTER = PatternChange(date(2026, 6, 1), (Shift("d", WEEKDAYS, time(8), time(9)),))


def calendar(given: Plant, change: Callable[[Calendar], Calendar]) -> Plant:
    line = given.lines[LINE]
    assert line.calendar is not None
    return replace(given, lines={LINE: replace(line, calendar=change(line.calendar))})


def found(second: Plant, applied: datetime, first: Plant | None = None) -> list[dict[str, Any]]:
    versions = [PlantVersion(1, at(MONDAY), first or plant()), PlantVersion(2, applied, second)]
    days = examined(MONDAY, LAST, of=second, versions=versions, given=facts(MONDAY, [Day()] * 14))
    return told(changed_plans, days)


def shorter(given: Calendar) -> Calendar:
    return replace(given, shifts=(Shift("day", WEEKDAYS, time(8), time(13)),))


def test_a_calendar_that_was_narrowed_behind_the_days() -> None:
    assert found(calendar(plant(), shorter), BEHIND) == [
        {
            "flag": "calendar_changed",
            "severity": "warns",
            "lines": (LINE,),
            "days": (MONDAY, LAST),
            "says": "The calendar of filler-1 was changed on 2026-04-01 (plant file, version 2): "
            "from 2026-03-02 to 2026-03-15 100 hours were planned, and 50 hours are now.",
        }
    ]


def test_hours_that_were_moved_and_are_as_many() -> None:
    later = calendar(
        plant(), lambda it: replace(it, shifts=(Shift("d", WEEKDAYS, time(9), time(19)),))
    )
    [one] = found(later, INSIDE)
    assert one["severity"] == "warns"
    assert "100 hours were planned, and 100 hours are now" in one["says"]


def test_a_plan_of_days_to_come_is_told_and_not_warned_of() -> None:
    change = PatternChange(date(2026, 3, 12), (Shift("day", WEEKDAYS, time(8), time(13)),))
    announced = calendar(plant(), lambda it: replace(it, changes=(change,)))
    assert [(it["flag"], it["severity"]) for it in found(announced, INSIDE)] == [
        ("calendar_changed", "tells"),  # by the version
        ("calendar_changed", "tells"),  # and as it holds
    ]
    [foreseen] = found(announced, BEFORE, first=announced)
    assert foreseen["days"] == (date(2026, 3, 12), LAST)


@pytest.mark.parametrize(
    "second",
    [
        plant(),
        calendar(plant(), lambda it: replace(it, name="another name")),
        calendar(plant(), lambda it: replace(it, changes=(LONG_AFTER,))),
        # Duty of plan_exceptions.
        calendar(
            plant(),
            lambda it: replace(it, exceptions=(CalendarException(BEFORE, BEHIND, "closed"),)),
        ),
        replace(plant(), company={"en": "Another Ltd"}),
    ],
)
def test_other_changes_of_the_file_are_nothing(second: Plant) -> None:
    assert found(second, INSIDE) == []


def test_a_version_from_before_the_days_is_nothing() -> None:
    assert found(calendar(plant(), shorter), BEFORE) == []


def test_a_cycle_time_that_was_raised() -> None:
    assert found(plant(cycle_s=1.25), BEHIND) == [
        {
            "flag": "cycle_time_changed",
            "severity": "warns",
            "lines": (LINE,),
            "days": (MONDAY, LAST),
            "says": "The ideal cycle time of filler-1 (–) was changed on 2026-04-01 (plant file, "
            "version 2): for 2026-03-02 it was 1 s and is 1.25 s.",
        }
    ]


def test_a_cycle_time_of_a_product_that_nobody_made_is_nothing() -> None:
    other = replace(plant().products[JUICE], ideal_cycle_time_s=9.0)
    assert found(replace(plant(), products={JUICE: other}), BEHIND) == []


def test_a_cycle_time_from_a_day_on() -> None:
    made = replace(plant(), lines={LINE: replace(plant().lines[LINE], product=JUICE)})
    change = CycleTimeChange(date(2026, 3, 12), 0.6)
    product = replace(made.products[JUICE], changes=(change,))
    changed = replace(made, products={JUICE: product})
    by_version, as_it_holds = found(changed, INSIDE, first=made)
    assert (by_version["severity"], by_version["days"]) == ("tells", (date(2026, 3, 12), LAST))
    assert "for 2026-03-12 it was 0.5 s and is 0.6 s" in by_version["says"]
    assert as_it_holds["says"].endswith("is 0.6 s from 2026-03-12 on.")
