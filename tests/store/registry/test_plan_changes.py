"""Exceptions of calendars in a registry on a real SQLite file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from registered import HOUR, LATER, NOW, PLANT, apply_plant, let_in

from domain.errors import InputError
from domain.plan_changes import PlanChange
from domain.plant import CalendarException
from store.registry.registry import Registry

REGISTRIES = ("sqlite", "postgresql")

CLOSED = CalendarException(NOW, NOW + HOUR, "closed", "typhoon", "Chan")
ENTERED = PlanChange("a", "filler-1", "Chan", NOW, CLOSED)
GONE = PlanChange("b", "filler-1", "Ho", LATER, withdraws="a", comment="it passed by")


def exceptions(registry: Registry, line: str = "filler-1") -> tuple[CalendarException, ...]:
    found = registry.plants.of_line(line).lines[line].calendar
    assert found is not None
    return found.exceptions


def test_what_was_entered_is_in_the_plan_and_stays_when_the_file_is_applied_again(
    registry: Registry, tmp_path: Path, registry_place: Path | str
) -> None:
    apply_plant(registry)
    of_file = exceptions(registry)
    registry.record.plan_change(ENTERED, let_in)
    assert exceptions(registry) == (*of_file, CLOSED)
    assert registry.plants.of_line("filler-1") is registry.plants.of_line("filler-1")
    apply_plant(registry, PLANT + "\n# another version\n", LATER)
    assert exceptions(registry) == (*of_file, CLOSED)
    registry.close()
    again = Registry(registry_place, tmp_path / "documents")
    assert exceptions(again) == (*of_file, CLOSED)
    assert again.records.plan_changes("filler-1") == [ENTERED]
    assert again.records.plan_changes("filler-9") == []
    again.close()


def test_a_withdrawal_takes_it_out_and_an_earlier_view_knows_it_still(registry: Registry) -> None:
    apply_plant(registry)
    of_file = exceptions(registry)
    registry.record.plan_change(ENTERED, let_in)
    assert exceptions(registry) == (*of_file, CLOSED)
    registry.record.plan_change(GONE, let_in)
    assert exceptions(registry) == of_file
    assert registry.records.plan_changes("filler-1") == [ENTERED, GONE]
    for at, held in ((NOW - HOUR, ()), (NOW, (CLOSED,)), (LATER, ())):
        then = registry.as_known_at(at)
        calendar = then.plants.of_line("filler-1").lines["filler-1"].calendar
        assert calendar is not None
        assert calendar.exceptions == (*of_file, *held)
    assert registry.as_known_at(NOW).records.plan_changes("filler-1") == [ENTERED]


def test_a_name_that_is_erased_is_in_no_plan(registry: Registry) -> None:
    apply_plant(registry)
    registry.record.plan_change(ENTERED, let_in)
    assert exceptions(registry)[-1].author == "Chan"
    reference = registry.people.erase("Chan", LATER, ZoneInfo("Asia/Hong_Kong")).reference
    assert exceptions(registry)[-1].author == reference


def test_what_the_check_refuses_leaves_nothing(registry: Registry) -> None:
    apply_plant(registry)
    registry.record.plan_change(ENTERED, let_in)

    def refuse(earlier: object) -> None:
        assert earlier == [ENTERED]
        raise InputError("no")

    with pytest.raises(InputError, match="no"):
        registry.record.plan_change(replace(ENTERED, id="c"), refuse)
    assert registry.records.plan_changes("filler-1") == [ENTERED]
