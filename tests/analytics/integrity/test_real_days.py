"""Days of real machines: nothing is found in them, and a copy of one is."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from examining import examined
from peers import require_shared_data
from plants import Row, history, plant

from analytics.facts.line_facts import line_facts
from analytics.integrity.looking import findings
from domain.grants import Finding

WEEK = "umh_week/states.csv"
FILES = (
    WEEK,
    "nist/gfagie01_20161107.csv",
    "nist/mazak01_20161129.csv",
    "nist/hurco01_20170518.csv",
)
WHERE = plant(roles=("state",), zone=ZoneInfo("UTC"))
MONDAY, THURSDAY = date(2020, 9, 21), date(2020, 9, 24)


def states(file: str) -> list[Row]:
    with require_shared_data(file).open() as given:
        return [
            ("state", datetime.fromisoformat(row["time"]), row["value"])
            for row in csv.DictReader(given)
        ]


def found_in(rows: Iterable[Row]) -> tuple[Finding, ...]:
    rows = sorted(rows, key=lambda it: it[1])
    first, last = (rows[place][1].astimezone(UTC).date() for place in (0, -1))
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    facts = line_facts(WHERE, "l1", history(rows, start, end), start, end)
    return findings(examined(first, last, given=facts, of=WHERE, lines=("l1",)))


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_found(file: str) -> None:
    assert found_in(states(file)) == ()


def test_a_copied_day_of_a_real_line_is_found() -> None:
    week = states(WEEK)
    own = [it for it in week if it[1].date() != THURSDAY]
    copied = [
        (name, at + (THURSDAY - MONDAY), value) for name, at, value in week if at.date() == MONDAY
    ]
    [found] = found_in([*own, *copied])
    assert (found.flag, found.days.start) == ("replayed_segment", THURSDAY)
    assert str(found.says).endswith("2020-09-24 = 2020-09-21.")
