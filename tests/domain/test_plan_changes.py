"""Exceptions that were entered besides those of the plant file."""

from __future__ import annotations

from plants import calendar, local, plant, shift

from domain.plan_changes import PlanChange, holding, with_exceptions
from domain.plant import CalendarException

DAY = CalendarException(local("2026-03-02 00:00"), local("2026-03-03 00:00"), "closed")
NIGHT = CalendarException(local("2026-03-03 00:00"), local("2026-03-04 00:00"), "overtime")
CHANGES = [
    PlanChange("a", "l1", "Ann", local("2026-03-01 10:00"), DAY),
    PlanChange("b", "l1", "Ann", local("2026-03-01 11:00"), NIGHT),
    PlanChange("c", "l1", "Bob", local("2026-03-01 12:00"), withdraws="a"),
]


def held(at: str | None = None) -> list[str]:
    return [it.id for it in holding(CHANGES, local(f"2026-03-01 {at}") if at else None)]


def test_what_was_entered_holds_until_it_is_withdrawn() -> None:
    assert (held("09:59"), held("10:00"), held("11:30")) == ([], ["a"], ["a", "b"])
    assert (held("12:00"), held()) == (["b"], ["b"])


def test_they_stand_behind_those_of_the_file_and_a_line_without_calendar_has_none() -> None:
    described = plant(calendar(shift("A", "07:00", "15:00"), exceptions=(NIGHT,)))
    found = with_exceptions(described, {"l1": [DAY]}).lines["l1"].calendar
    assert found is not None
    assert found.exceptions == (NIGHT, DAY)
    assert with_exceptions(described, {"l2": [DAY]}) == described
    assert with_exceptions(plant(), {"l1": [DAY]}) == plant()
