"""When alerts go on, and when it is quiet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from domain.alerts import (
    Acknowledgement,
    Alert,
    AlertCause,
    AlertKind,
    AlertRules,
    AlertState,
    QuietTime,
    check_acknowledgement,
    goes_on,
)
from domain.errors import InputError

TEN = datetime(2026, 3, 25, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def alert(kind: AlertKind, since: datetime, ended_at: datetime | None = None) -> Alert:
    return Alert(1, AlertCause("l1", kind, 600, since, 700), since + 10 * MINUTE, ended_at)


@pytest.mark.parametrize(
    ("kind", "ended_after", "since_again", "again_after", "is_same"),
    [
        # A stop that unknown time hid meanwhile is the same by its beginning.
        (AlertKind.STOPPED, 20, 0, 300, True),
        (AlertKind.STOPPED, 20, 21, 32, False),
        (AlertKind.STOPPED, None, -5, 30, True),  # late data moved its beginning
        (AlertKind.STOPPED, None, 11, 30, False),  # another one, while nobody looked
        (AlertKind.NO_DATA, 20, 21, 50, True),
        (AlertKind.NO_DATA, 20, 21, 51, False),
        (AlertKind.NO_DATA, 20, 21, 19, False),  # a clock that was ahead ended it
        (AlertKind.OEE, 20, 0, 45, True),
        (AlertKind.OEE, 20, 0, 51, False),
        (AlertKind.OEE, None, 30, 40, False),  # another shift
        (AlertKind.ENERGY, None, 0, 400, True),
        (AlertKind.FORECAST, 20, 15, 40, False),
        (AlertKind.CONTROL_CHART, 20, 30, 40, True),
    ],
)
def test_what_is_the_same_again(
    kind: AlertKind, ended_after: int | None, since_again: int, again_after: int, is_same: bool
) -> None:
    """Minutes from the beginning of the first."""
    earlier = alert(kind, TEN, None if ended_after is None else TEN + ended_after * MINUTE)
    cause = replace(earlier.cause, since=TEN + since_again * MINUTE)
    assert goes_on(earlier, cause, TEN + again_after * MINUTE) is is_same


def test_quiet_times_are_shifts_or_hours_also_over_midnight() -> None:
    rules = AlertRules({}, (QuietTime("C"), QuietTime(start=time(22, 30), end=time(0))))
    assert rules.is_quiet("C", time(12))
    assert not rules.is_quiet("A", time(12))
    assert not rules.is_quiet("", time(22, 29))
    assert rules.is_quiet("", time(23, 59))
    assert not rules.is_quiet("A", time(0))
    assert QuietTime(start=time(6), end=time(6)).holds("", time(3))  # all day


def test_one_person_acknowledges_it() -> None:
    found = alert(AlertKind.STOPPED, TEN)
    new = Acknowledgement("wong", TEN, "belt")
    check_acknowledgement(found, new)
    assert found.state is AlertState.OPEN
    taken = replace(found, acknowledged=new)
    assert taken.state is AlertState.ACKNOWLEDGED
    assert replace(taken, ended_at=TEN).state is AlertState.ENDED
    for of, wrong, said in (
        (taken, new, "wong has acknowledged alert 1"),
        (found, replace(new, author=""), "nobody is named"),
        (found, replace(new, note="x" * 1001), "1001 characters"),
    ):
        with pytest.raises(InputError, match=said):
            check_acknowledgement(of, wrong)
