from __future__ import annotations

import pytest

from edge.sources.connection import (
    BACK_OFF_MOST_S,
    MACHINE_BACK_OFF_MOST_S,
    TRANSITIONS,
    Command,
    Connection,
    Event,
    State,
    back_off_s,
)


def after(*events: Event) -> tuple[Connection, list[tuple[Command, ...]]]:
    connection, given = Connection(), []
    for event in events:
        connection, commands = connection.on(event)
        given.append(commands)
    return connection, given


def test_the_good_way() -> None:
    connection, commands = after(Event.START, Event.CONNECTED, Event.SUBSCRIBED)
    assert connection == Connection(State.LIVE, 0)
    assert commands == [(Command.CONNECT,), (Command.SUBSCRIBE,), (Command.LISTEN,)]


@pytest.mark.parametrize(
    "way",
    [
        (Event.START, Event.FAILED),
        (Event.START, Event.CONNECTED, Event.FAILED),
        (Event.START, Event.CONNECTED, Event.SUBSCRIBED, Event.FAILED),
        (Event.START, Event.CONNECTED, Event.SUBSCRIBED, Event.LOST),
    ],
)
def test_whatever_fails_is_told_closed_and_tried_again(way: tuple[Event, ...]) -> None:
    connection, commands = after(*way)
    assert commands[-1] == (Command.TELL_LOST, Command.CLOSE, Command.WAIT)
    again, (then,) = connection, [connection.on(Event.WAITED)[1]]
    assert then == (Command.CONNECT,)
    assert again.state is State.WAITING


def test_failures_in_a_row_count_until_something_is_heard() -> None:
    retry = (Event.FAILED, Event.WAITED)
    connection, _ = after(Event.START, *retry, *retry)
    assert connection.failures == 2
    connection, _ = after(
        Event.START, *retry, *retry, Event.CONNECTED, Event.SUBSCRIBED, Event.LOST
    )
    assert connection.failures == 0
    connection, _ = after(Event.START, *retry, Event.CONNECTED, Event.SUBSCRIBED, Event.FAILED)
    assert connection.failures == 2


def test_what_can_never_work_ends_it() -> None:
    for way in ((Event.START,), (Event.START, Event.CONNECTED)):
        connection, commands = after(*way, Event.REFUSED)
        assert connection.state is State.ENDED
        assert commands[-1] == (Command.TELL_LOST, Command.CLOSE, Command.GIVE_UP)


def test_every_state_but_the_end_has_a_way_on_and_every_close_comes_after_the_telling() -> None:
    assert {state for state, _ in TRANSITIONS} == set(State) - {State.ENDED}
    for _, commands in TRANSITIONS.values():
        if Command.CLOSE in commands:
            assert commands.index(Command.TELL_LOST) < commands.index(Command.CLOSE)


def test_back_off_doubles_to_its_limit_with_jitter() -> None:
    assert [back_off_s(n, 1.0) for n in (0, 1, 2, 3)] == [0.5, 1.0, 2.0, 4.0]
    assert back_off_s(3, 0.0) == 2.0
    assert back_off_s(10_000, 1.0) == BACK_OFF_MOST_S
    assert back_off_s(10_000, 1.0, MACHINE_BACK_OFF_MOST_S) == MACHINE_BACK_OFF_MOST_S
