"""Shifts that can be worked, over midnight and over the end of the week."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import pytest
import spoilt

from domain.errors import InputError
from domain.plant import Break
from store.files.plant import read_plant

EXAMPLE = (Path(__file__).parent / "examples" / "plant.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    return spoilt.changed(EXAMPLE, old, new)


def test_a_shift_may_end_at_midnight_and_night_shifts_meet_on_sunday() -> None:
    days = "[mon, tue, wed, thu, fri, sat, sun]"
    text = re.sub(
        r"    shifts:.*?    exceptions:",
        "    shifts:\n"
        f'      - {{name: A, days: {days}, start: "08:00", end: "24:00"}}\n'
        f'      - {{name: B, days: {days}, start: "00:00", end: "08:00"}}\n'
        "    exceptions:",
        EXAMPLE,
        flags=re.DOTALL,
    )
    calendar = read_plant(text, "p").lines["filler-1"].calendar
    assert calendar is not None
    assert calendar.shifts[0].end == time(0)
    overlapping = text.replace('start: "00:00", end: "08:00"', 'start: "23:59", end: "08:00"')
    with pytest.raises(InputError, match=r"shift B .* overlaps shift A"):
        read_plant(overlapping, "p")


def test_sundays_night_reaches_into_monday() -> None:
    night = '      - {name: C, days: [sun], start: "23:00", end: "07:30"}\n    exceptions:'
    with pytest.raises(InputError, match=r"shift C \(23:00–07:30\) overlaps shift A"):
        read_plant(changed("    exceptions:", night), "p")
    read_plant(changed("    exceptions:", night.replace("07:30", "07:00")), "p")


def test_a_night_break_after_midnight_is_inside_its_shift() -> None:
    text = changed(
        'start: "15:00", end: "23:00"',
        'start: "15:00", end: "03:00", breaks: [{start: "23:50", end: "00:20"}]',
    )
    calendar = read_plant(text, "p").lines["filler-1"].calendar
    assert calendar is not None
    assert calendar.shifts[1].breaks == (Break(time(23, 50), time(0, 20)),)
