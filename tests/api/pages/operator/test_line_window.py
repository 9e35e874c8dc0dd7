"""Which days a tab of a line shows."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from web_plant import NOW, ZONE

from api.pages.operator.line_window import asked_of
from api.queries.lines import Queries
from domain.errors import InputError
from domain.time import Window


def hk(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_days_are_those_of_the_plant_and_the_last_one_is_in(filled: Queries) -> None:
    """grafana#28245: days cut in another zone than the plant's, eight hours off."""
    asked = asked_of(
        {"tab": "stops", "start": "2026-03-16", "end": "2026-03-17"}, filled, "filler-1"
    )
    assert asked.window == Window(hk("2026-03-16T00:00"), hk("2026-03-18T00:00"))
    assert (asked.first_day, asked.last_day, asked.today) == (
        "2026-03-16",
        "2026-03-17",
        "2026-03-25",
    )


def test_without_days_a_tab_shows_what_is_latest(filled: Queries) -> None:
    """A day from a whole hour on, several days from a midnight on: facts are cut there."""
    day = asked_of({"tab": "day"}, filled, "filler-1")
    assert day.window is None
    assert day.latest(NOW, ZONE) == Window(hk("2026-03-24T14:00"), NOW)
    weeks = asked_of({"tab": "kpis", "by": "week"}, filled, "filler-1")
    assert weeks.latest(NOW, ZONE) == Window(hk("2026-01-01T00:00"), NOW)
    assert weeks.first_day == "2026-01-01"
    assert asked_of({"tab": "kpis"}, filled, "filler-1").by == "shift"


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"tab": "nothing"}, "tab: a line has no tab 'nothing'"),
        ({"tab": "kpis", "by": "minute"}, "by: there are no rows by 'minute'"),
        ({"tab": "day", "start": "2026-03-16"}, "end: a window has a first and a last day"),
        ({"tab": "day", "end": "2026-03-16"}, "start: a window has a first and a last day"),
        ({"start": "yesterday", "end": "2026-03-16"}, "start: 'yesterday' is not a time"),
        ({"start": "2026-03-16", "end": "2026-03-14"}, "end: the window ends at"),
        (
            {"start": "2026-03-26", "end": "2026-03-27"},
            "start: 2026-03-26T00:00:00\\+08:00 has not",
        ),
        ({"start": "0000-03-26", "end": "9999-12-31"}, "start: "),
        ({"start": "2026-03-01", "end": "9999-12-31"}, "end: "),
    ],
)
def test_what_cannot_be_asked_says_which_field(
    filled: Queries, parameters: dict[str, str], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        asked_of(parameters, filled, "filler-1")


def test_a_window_may_end_in_time_to_come(filled: Queries) -> None:
    asked = asked_of({"start": "2026-03-25", "end": "2026-03-28"}, filled, "filler-1")
    assert asked.window is not None
    assert asked.window.end - asked.window.start == timedelta(days=4)
    assert asked.last_day == "2026-03-25", "nothing is known of tomorrow"
