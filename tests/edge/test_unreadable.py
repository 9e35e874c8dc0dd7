"""How long a value holds whose messages come and cannot be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from edge.unreadable import Unreadable

START = datetime(2026, 3, 2, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_it_is_unknown_from_the_first_on_once_they_have_lasted_and_is_said_once() -> None:
    made = Unreadable(60)
    assert [made.failed("a", at(n)) for n in (10, 40, 70, 71, 200)] == [
        None, None, None, at(10), None,
    ]  # fmt: skip


def test_a_value_in_between_begins_it_anew() -> None:
    made = Unreadable(60)
    made.failed("a", at(0))
    made.read("a")
    assert made.failed("a", at(100)) is None
    assert made.failed("b", at(100)) is None
    assert made.failed("a", at(161)) == at(100)
    made.read("a")
    assert [made.failed("a", at(n)) for n in (300, 361)] == [None, at(300)]
