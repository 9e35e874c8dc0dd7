"""Days, times and names as different readers of YAML give them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import spoilt
import yaml

from store.files.calendars import CalendarFile
from store.files.plant import read_plant

EXAMPLE = (Path(__file__).parent / "examples" / "plant.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    return spoilt.changed(EXAMPLE, old, new)


def test_times_and_dates_need_no_quotes() -> None:
    """YAML 1.1 reads 07:00 as the number 420 and 2026-03-02T07:00:00 as a datetime."""
    bare = EXAMPLE.replace('"07:00"', "07:00").replace('"2026-03-02T07:00"', "2026-03-02T07:00:00")
    assert bare != EXAMPLE
    assert read_plant(bare, "p") == read_plant(EXAMPLE, "p")


def test_values_of_a_yaml_1_1_reader_are_dates_or_refused() -> None:
    text = (
        "holidays: [2026-03-02]\n"
        "shifts: [{name: A, days: [mon], start: '07:00', end: '15:00'}]\n"
        "exceptions: [{start: 2026-03-02T07:00:00, end: 2026-03-03, class: closed}]"
    )
    calendar = CalendarFile.model_validate(yaml.safe_load(text))
    assert calendar.holidays == [date(2026, 3, 2)]
    assert (calendar.exceptions[0].start, calendar.exceptions[0].end) == (
        "2026-03-02T07:00:00",
        "2026-03-03",
    )
    with pytest.raises(ValueError, match="'420' is not a time of day: write it in quotes"):
        CalendarFile.model_validate(yaml.safe_load(text.replace("'07:00'", "7:00")))
    with pytest.raises(ValueError, match="'07:99' is not a time of day: write one from"):
        CalendarFile.model_validate(yaml.safe_load(text.replace("'07:00'", "'07:99'")))


def test_an_unquoted_no_is_norway_and_not_false() -> None:
    plant = read_plant(changed("holidays: HK", "holidays: NO"), "p")
    calendar = plant.lines["filler-1"].calendar
    assert calendar is not None
    assert calendar.holidays == "NO"
