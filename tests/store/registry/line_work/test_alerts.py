"""Each alert is raised once and told once, whoever looks and whatever is in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Barrier, Thread

import pytest
from raised import acknowledged, stopped

from domain.alerts import (
    Acknowledgement,
    AlertCause,
    AlertKind,
    AlertState,
    StandingCauses,
    check_acknowledgement,
)
from domain.errors import BusyError, InputError, NotFoundError
from store.registry.line_work.alerts import SHOWN_MAX
from store.registry.project_work.outbox import Channel, Recipient
from store.registry.registry import Registry

TEN = datetime(2026, 3, 25, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STOP = stopped("l1", TEN)
OEE = AlertCause("l1", AlertKind.OEE, 0.6, TEN, 0.5)
TORQUE = AlertCause("l1", AlertKind.CONTROL_CHART, 1, TEN, 3.5, "", "torque")
LEE = Recipient(Channel.MAIL, "lee@tko.example", "zh-Hant")


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with closing(Registry(tmp_path / "registry.sqlite", tmp_path / "documents")) as found:
        yield found


def follow(registry: Registry, now: datetime, *causes: AlertCause, **more: object) -> list[int]:
    standing = StandingCauses(causes, **more)  # type: ignore[arg-type]  # its other fields
    raised = registry.keep_alerts.follow(standing, lambda _cause: (LEE,), now)
    return [it.number for it in raised]


def messages(registry: Registry) -> list[list[int]]:
    found = registry.outbox.to_send(TEN + timedelta(days=1), 100)
    return [[it.number for it in message.alerts] for message in found]


def test_what_stands_is_raised_once_and_told_in_one_message(registry: Registry) -> None:
    for minute in range(3):
        follow(registry, TEN + minute * MINUTE, STOP, OEE, TORQUE)
    assert messages(registry) == [[1, 2, 3]]
    (message,) = registry.outbox.to_send(TEN + timedelta(days=1), 100)
    assert [it.cause for it in message.alerts] == [STOP, OEE, TORQUE]
    assert message.tells == ()
    assert registry.outbox.all() == []  # those of reminders
    assert registry.alerts.messages([1, 2, 9])[1].waiting == 1
    registry.outbox.failed(message, "550 no", TEN)
    assert registry.alerts.messages([1])[1].error == "550 no"


def test_it_ends_and_comes_back_without_being_told_again(registry: Registry) -> None:
    follow(registry, TEN, OEE)
    assert follow(registry, TEN + MINUTE) == []
    (ended,) = registry.alerts.ended()
    assert (ended.ended_at, ended.state) == (TEN + MINUTE, AlertState.ENDED)
    assert registry.alerts.open() == []
    assert follow(registry, TEN + 2 * MINUTE, OEE) == []
    assert [it.number for it in registry.alerts.open()] == [1]
    follow(registry, TEN + 3 * MINUTE)
    assert follow(registry, TEN + 34 * MINUTE, OEE) == [2]  # too late to be the same
    assert messages(registry) == [[1], [2]]


def test_another_stop_takes_the_place_of_one_that_nobody_saw_end(registry: Registry) -> None:
    follow(registry, TEN + 10 * MINUTE, STOP)
    again = stopped("l1", TEN + 20 * MINUTE)
    assert follow(registry, TEN + 30 * MINUTE, again) == [2]
    assert [it.cause.since for it in registry.alerts.open()] == [again.since]


def test_what_cannot_be_told_changes_nothing_and_quiet_times_raise_nothing(
    registry: Registry,
) -> None:
    assert follow(registry, TEN, STOP, held_back=[STOP.key]) == []
    assert follow(registry, TEN + MINUTE, STOP) == [1]  # it still stands at their end
    assert follow(registry, TEN + 2 * MINUTE, undecided=[STOP.key, OEE.key]) == []
    assert follow(registry, TEN + 3 * MINUTE, STOP, held_back=[STOP.key]) == []
    assert [it.number for it in registry.alerts.open()] == [1]
    follow(registry, TEN + 4 * MINUTE, held_back=[STOP.key])
    assert registry.alerts.open() == []


def test_earlier_views_have_what_stood_then(registry: Registry) -> None:
    follow(registry, TEN, STOP)
    follow(registry, TEN + 5 * MINUTE)
    for minute, count in ((-1, 0), (0, 1), (4, 1), (5, 0)):
        at = registry.as_known_at(TEN + minute * MINUTE)
        assert len(at.alerts.open()) == count


def test_one_acknowledges_it_in_the_record(registry: Registry) -> None:
    before = registry.recorded.count()
    said = acknowledged(registry, "l1", "wong", TEN, "belt", "tablet-1")
    assert registry.alerts.open() == [said]
    assert said.acknowledged == Acknowledgement("wong", TEN, "belt", "tablet-1")
    late = Acknowledgement("chan", TEN)
    check = partial(check_acknowledgement, new=late)
    with pytest.raises(InputError, match="wong has acknowledged"):
        registry.keep_alerts.acknowledge(said.number, late, check)
    with pytest.raises(BusyError):  # one who looked before the other wrote
        registry.keep_alerts.acknowledge(said.number, late, lambda _alert: None)
    with pytest.raises(NotFoundError, match="no alert 7"):
        registry.keep_alerts.acknowledge(7, late, lambda _alert: None)
    assert registry.recorded.count() == before + 1
    assert list(registry.recorded.faults()) == []


def test_of_many_the_newest_are_shown(registry: Registry) -> None:
    many = [replace(STOP, line=f"l{number}") for number in range(SHOWN_MAX + 20)]
    follow(registry, TEN, *many)
    assert len(registry.alerts.open()) == SHOWN_MAX + 20
    follow(registry, TEN + MINUTE)
    assert len(registry.alerts.ended()) == SHOWN_MAX
    assert [it.cause.line for it in registry.alerts.ended(["l7", "l3"])] == ["l7", "l3"]
    assert registry.alerts.one(5).cause.line == "l4"


def test_two_processes_raise_it_once(tmp_path: Path) -> None:
    """Each over a database of its own on the same file, at the same moment."""
    folders = tmp_path / "registry.sqlite", tmp_path / "documents"
    with closing(Registry(*folders)) as one, closing(Registry(*folders)) as two:
        for minute in range(20):
            meet = Barrier(2)

            def look(registry: Registry, meet: Barrier = meet, minute: int = minute) -> None:
                meet.wait()
                follow(registry, TEN + minute * MINUTE, stopped("l1", TEN + minute * MINUTE))

            threads = [Thread(target=look, args=(it,)) for it in (one, two)]
            for it in threads:
                it.start()
            for it in threads:
                it.join()
        assert messages(one) == [[it] for it in range(1, 21)]
        assert len(one.alerts.open()) == 1
