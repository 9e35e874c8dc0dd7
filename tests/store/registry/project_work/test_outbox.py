"""Each reminder is told once, whatever happens between; a wrong clock leads nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from registered import NOW

from domain.reminders import Addressee, Reminder, ReminderKind
from store.registry.project_work.outbox import (
    CLOCK_WAS_WRONG,
    Channel,
    NewMessage,
    Recipient,
)
from store.registry.registry import Registry

DAY = timedelta(days=1)
FIRST = Reminder("P", ReminderKind.DUE, Addressee.COMPANY, NOW.date(), NOW, "M1")
SECOND = replace(FIRST, milestone="M2")
TO_LEE = NewMessage(
    Recipient(Channel.MAIL, "lee@tko.example", "en"), frozenset({FIRST.key, SECOND.key})
)
CHAN = replace(TO_LEE.recipient, address="chan@office.example")
TO_CHAN = NewMessage(CHAN, tells=frozenset({FIRST.key}))


def test_what_is_told_is_told_once(registry: Registry) -> None:
    outbox = registry.outbox
    assert outbox.untold([FIRST, SECOND], NOW) == [FIRST, SECOND]
    before = registry.version
    assert outbox.tell([FIRST], [TO_LEE, TO_CHAN], NOW) == 2
    assert outbox.untold([FIRST, SECOND], NOW + DAY) == [SECOND]
    assert outbox.tell([FIRST], [TO_LEE, TO_CHAN], NOW + DAY) == 0
    assert outbox.tell([FIRST, SECOND], [TO_LEE, TO_CHAN], NOW + DAY) == 1
    found = [(it.recipient, [told.milestone for told in it.tells]) for it in outbox.all()]
    assert found == [
        ("lee@tko.example", ["M2"]),
        ("chan@office.example", ["M1"]),
        ("lee@tko.example", ["M1"]),
    ]
    assert len({it.identity for it in outbox.all()}) == 3
    assert registry.version == before  # no answer of figures changes by it


def test_what_is_for_nobody_counts_as_told(registry: Registry) -> None:
    assert registry.outbox.tell([FIRST], [], NOW) == 0
    assert registry.outbox.untold([FIRST], NOW + DAY) == []


def test_a_process_that_dies_on_the_way_sends_the_same_message_again(tmp_path: Path) -> None:
    def opened() -> Registry:
        return Registry(tmp_path / "registry.sqlite", tmp_path / "documents")

    registry = opened()
    registry.outbox.tell([FIRST], [TO_LEE], NOW)
    (message,) = registry.outbox.to_send(NOW, 10)
    registry.outbox.trying(message, NOW + timedelta(minutes=1))
    registry.close()
    registry = opened()
    assert registry.outbox.to_send(NOW, 10) == []
    (again,) = registry.outbox.to_send(NOW + timedelta(minutes=1), 10)
    assert (again.identity, again.tries) == (message.identity, 1)
    registry.outbox.sent(again, NOW + timedelta(minutes=1))
    assert registry.outbox.to_send(NOW + 99 * DAY, 10) == []
    registry.close()


def test_what_was_given_up_is_not_tried_and_says_why(registry: Registry) -> None:
    registry.outbox.tell([FIRST], [TO_LEE, TO_CHAN], NOW)
    lee, chan = registry.outbox.to_send(NOW, 10)
    registry.outbox.failed(lee, "550 no such user", NOW)
    registry.outbox.failed(chan, "it is busy", None)
    assert [it.recipient for it in registry.outbox.to_send(NOW, 10)] == [chan.recipient]
    assert {it.error for it in registry.outbox.all()} == {"550 no such user", "it is busy"}


@pytest.mark.parametrize("was_sent", [True, False])
def test_what_a_clock_far_ahead_told_is_told_again_at_its_time(
    registry: Registry, was_sent: bool
) -> None:
    outbox, ahead = registry.outbox, NOW + 9_000 * DAY
    outbox.tell([FIRST], [TO_LEE], ahead)
    if was_sent:
        outbox.sent(outbox.to_send(ahead, 10)[0], ahead)
    assert outbox.untold([FIRST], NOW) == [FIRST]
    assert outbox.tell([FIRST], [TO_LEE], NOW) == 1
    new, old = outbox.all()
    assert (new.sent_at, new.error, len(new.tells)) == (None, "", 1)
    assert old.error == ("" if was_sent else CLOCK_WAS_WRONG)
    assert [it.number for it in outbox.to_send(NOW, 10)] == [new.number]
    assert outbox.untold([FIRST], NOW) == []


def test_a_next_try_that_a_clock_ahead_noted_is_not_waited_for(registry: Registry) -> None:
    registry.outbox.tell([FIRST], [TO_LEE], NOW)
    (message,) = registry.outbox.to_send(NOW, 10)
    registry.outbox.trying(message, NOW + 9_000 * DAY)
    assert len(registry.outbox.to_send(NOW, 10)) == 1


def test_no_more_than_asked_for(registry: Registry) -> None:
    many = [replace(FIRST, milestone=f"M{it}") for it in range(300)]
    messages = [NewMessage(replace(CHAN, address=f"p{it}@x.example"), frozenset({many[it].key}))
                for it in range(300)]  # fmt: skip
    assert registry.outbox.tell(many, messages, NOW) == 300
    assert [it.recipient for it in registry.outbox.to_send(NOW, 2)] == [
        "p0@x.example", "p1@x.example",
    ]  # fmt: skip
    assert len(registry.outbox.all()) == 200
