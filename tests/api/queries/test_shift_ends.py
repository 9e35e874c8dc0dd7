"""When the shift ends that somebody signs on to."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from web_plant import PLANT, ZONE

from api.queries.shift_ends import SHIFT_MAX, first_shift_end
from domain.plant import Line, Plant
from store.files.plant import read_plant

FOODS = read_plant(PLANT, "web_plant.yaml")


def lines(*names: str) -> list[tuple[Plant, Line]]:
    return [(FOODS, FOODS.lines[name]) for name in names]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2026; the 22nd and the 29th are Sundays."""
    return datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (at(25, 7), at(25, 15)),
        (at(25, 11, 10), at(25, 15)),  # within a break
        (at(25, 14, 59), at(25, 15)),
        (at(25, 15), at(25, 23)),  # the very moment is the next shift's
        (at(25, 6, 50), at(25, 15)),  # before the shift
        (at(25, 23, 30), at(26, 11, 30)),  # after it: until then nothing else says when
        (at(28, 22), at(28, 23)),
        (at(29, 9), at(29, 21)),  # on a Sunday no shift ends
    ],
)
def test_a_sign_on_ends_with_the_shift(now: datetime, end: datetime) -> None:
    assert first_shift_end(lines("filler-1"), now) == end
    assert first_shift_end(lines("press-1", "filler-1"), now) == end


def test_without_a_calendar_it_ends_after_the_longest_shift() -> None:
    now = at(25, 9)
    assert timedelta(hours=12) == SHIFT_MAX
    for some in (lines("press-1"), []):
        assert first_shift_end(some, now) == now + SHIFT_MAX
