"""How far a server's history of an outage is believed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.samples import Quality
from edge.sources.opcua.history_window import (
    PAUSE_MAX,
    Coverage,
    HistoryDoubtError,
    LastValue,
    Outage,
    Recorded,
    in_order,
)

AT = datetime(2026, 3, 2, tzinfo=UTC)


def at(second: float) -> datetime:
    return AT + timedelta(seconds=second)


def last(second: float, value: object) -> LastValue:
    return LastValue(at(second), Quality.GOOD, value)


def record(second: float, value: object, taken: float | None = None) -> Recorded:
    return Recorded(at(second), None if taken is None else at(taken), Quality.GOOD, value)


def outage(restarted: float | None = None) -> Outage:
    """A hundred seconds, in which "a" and "b" change and "c" does not."""
    return Outage(
        at(0),
        at(100),
        {"a": last(-5, 1), "b": last(-1, "x"), "c": last(-900, 7.5)},
        {"a": last(90, 9), "b": last(40, "y"), "c": last(-900, 7.5), "d": last(3, 3)},
        None if restarted is None else at(restarted),
    )


def spans(
    it: Outage, records: Sequence[tuple[str, Recorded]], borders: Sequence[float]
) -> list[tuple[float, float]]:
    """What becomes known, in seconds, when the records are read in parts up to those borders."""
    coverage = Coverage(it, it.changed)
    found = []
    start = it.start
    for border in borders:
        part = [one for one in records if start < one[1].time <= at(border)]
        known = coverage.known(start, at(border), part)
        if known is not None:
            found.append(known)
        start = at(border)
    joined: list[tuple[float, float]] = []
    for begins, ends in [((b - AT).total_seconds(), (e - AT).total_seconds()) for b, e in found]:
        if joined and joined[-1][1] == begins:
            begins = joined.pop()[0]
        joined.append((begins, ends))
    return joined


def test_what_did_not_change_needs_no_history() -> None:
    assert outage().changed == ("a", "b")


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (None, "no longer served"),
        (LastValue(None, Quality.GOOD, 1), "have no times"),
        (last(-6, 2), "older time than the one before"),
    ],
)
def test_an_outage_that_no_history_can_fill(after: LastValue | None, why: str) -> None:
    both = {**outage().after, "a": after} if after is not None else {"b": last(40, "y")}
    with pytest.raises(HistoryDoubtError, match=why):
        _ = replace(outage(), after=both).changed


def test_a_record_says_what_a_value_says_whenever_that_was_stamped() -> None:
    assert record(1, float("nan")).says(last(1, float("nan")))
    assert record(1, 2).says(last(2, 2))
    assert not record(1, 2).says(last(1, 2.0))
    assert not replace(record(1, 2), quality=Quality.BAD).says(last(1, 2))


def test_what_was_stamped_anew_needs_a_history() -> None:
    """Whether it changed and changed back, nobody knows without."""
    for second in (-6, 50):
        it = replace(outage(), after={**outage().after, "c": last(second, 7.5)})
        assert it.changed == ("a", "b", "c")


def test_what_is_doubled_counts_once() -> None:
    told = [record(1, 1), record(1, 1), record(2, 1), record(2, 2), record(2, 1), record(3, 1)]
    expected = [record(1, 1), record(2, 1), record(2, 2), record(3, 1)]
    assert in_order(told, at(0), at(9)) == expected


@pytest.mark.parametrize("told", [[0.5], [1, 9.5], [2, 1]])
def test_times_that_cannot_be(told: list[float]) -> None:
    with pytest.raises(HistoryDoubtError):
        in_order([record(second, 1) for second in told], at(1), at(9))


def test_a_server_that_ran_on_makes_all_of_it_known() -> None:
    assert spans(outage(), [], [10, 100]) == [(0, 100)]


def test_before_a_restart_records_show_how_long_it_recorded() -> None:
    """The last one is at 12 s; what came of a later start, with an older time, shows nothing."""
    told = [("a", record(it, it, it + 0.1)) for it in (4, 12)] + [("b", record(40, "y", 61))]
    told += [("a", record(90, 9, 90))]
    for borders in ([60, 100], [5, 12.05, 30, 60, 80, 100]):
        assert spans(outage(60), told, borders) == [
            (0, 12.1),
            (90, 100),
        ]


def test_a_pause_before_a_restart_ends_what_is_known() -> None:
    late = 4 + PAUSE_MAX.total_seconds() + 1
    told = [
        ("a", record(4, 2, 4)),
        ("a", record(late, 3, late)),
        ("a", record(late + 1, 3, late + 1)),
    ]
    assert spans(outage(60), told, [60])[:1] == [(0, 4)]


def test_a_server_that_does_not_say_when_it_took_values_in_shows_nothing_before_its_start() -> None:
    told = [("a", record(it, it)) for it in range(60)]
    assert spans(outage(60), told, [60]) == []


def test_after_a_restart_it_is_known_once_every_address_was_recorded() -> None:
    it = replace(outage(60), after={**outage().after, "b": last(70, "y")})
    told = [("a", record(61, 8, 61)), ("b", record(70, "y", 70)), ("a", record(90, 9, 90))]
    assert spans(it, told, [60, 65, 100]) == [(70, 100)]
    assert spans(it, told[:1], [60, 100]) == []


def test_an_address_that_stood_still_since_before_the_start_is_not_waited_for() -> None:
    """Of "b" the value of 40 s is still there at the end."""
    assert spans(outage(60), [("a", record(61, 8, 61)), ("a", record(90, 9, 90))], [60, 100]) == [
        (61, 100)
    ]


def test_no_recorder_that_stands_still_is_ever_believed() -> None:
    """Whatever it recorded until it stopped, and of whatever length the parts are."""
    chance = random.Random(20260302)
    for _ in range(300):
        stopped, started = sorted(chance.randrange(100) for _ in range(2))
        it = replace(outage(started), after={**outage().after, "b": last(95, "y")})
        times = sorted(chance.randrange(900) / 10 for _ in range(chance.randrange(30)))
        told = [
            (chance.choice("ab"), record(time, time, time))
            for time in times
            if not stopped <= time <= started
        ]
        told += [("a", record(90, 9, 90)), ("b", record(95, "y", 95))]
        borders = sorted({*(chance.randrange(1, 99) for _ in range(3)), started, 100})
        for begins, ends in spans(it, told, borders):
            assert ends <= stopped or begins >= started
