"""The life of a connection as a table: events in, commands out. Pure.

Every source goes through the same life, whatever it speaks: connect, subscribe, listen, and
on any failure say so, clean up, back off, start again. What the commands mean is the
source's (`runner` carries them out); when to give one is decided here alone.

    IDLE ─START→ CONNECTING ─CONNECTED→ SUBSCRIBING ─SUBSCRIBED→ LIVE
                    ↑ └──────FAILED──────┐ │FAILED              │LOST, FAILED
                    └──WAITED── WAITING ←┴─┴────────────────────┘
    REFUSED (a configuration that can never work) ends it from CONNECTING and SUBSCRIBING.

No clock, no randomness: the jitter of the back-off is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

BACK_OFF_FIRST_S = 0.5
BACK_OFF_MOST_S = 30.0
# Of a machine: how long it stays unknown after its return. An attempt costs it next to nothing.
MACHINE_BACK_OFF_MOST_S = 5.0


class State(Enum):
    IDLE = auto()
    CONNECTING = auto()
    SUBSCRIBING = auto()
    LIVE = auto()
    WAITING = auto()
    ENDED = auto()


class Event(Enum):
    START = auto()
    CONNECTED = auto()
    SUBSCRIBED = auto()
    LOST = auto()  # a live connection that had been heard is gone
    FAILED = auto()  # an attempt went wrong, or a live one was never heard
    WAITED = auto()  # the back-off is over
    REFUSED = auto()  # this configuration can never work


class Command(Enum):
    CONNECT = auto()
    SUBSCRIBE = auto()
    LISTEN = auto()
    TELL_LOST = auto()
    CLOSE = auto()
    WAIT = auto()
    GIVE_UP = auto()


_RETRY = (Command.TELL_LOST, Command.CLOSE, Command.WAIT)
_END = (Command.TELL_LOST, Command.CLOSE, Command.GIVE_UP)

TRANSITIONS: dict[tuple[State, Event], tuple[State, tuple[Command, ...]]] = {
    (State.IDLE, Event.START): (State.CONNECTING, (Command.CONNECT,)),
    (State.CONNECTING, Event.CONNECTED): (State.SUBSCRIBING, (Command.SUBSCRIBE,)),
    (State.CONNECTING, Event.FAILED): (State.WAITING, _RETRY),
    (State.CONNECTING, Event.REFUSED): (State.ENDED, _END),
    (State.SUBSCRIBING, Event.SUBSCRIBED): (State.LIVE, (Command.LISTEN,)),
    (State.SUBSCRIBING, Event.FAILED): (State.WAITING, _RETRY),
    (State.SUBSCRIBING, Event.REFUSED): (State.ENDED, _END),
    (State.LIVE, Event.LOST): (State.WAITING, _RETRY),
    (State.LIVE, Event.FAILED): (State.WAITING, _RETRY),
    (State.WAITING, Event.WAITED): (State.CONNECTING, (Command.CONNECT,)),
}


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a connection stands; `failures` counts those in a row without being heard."""

    state: State = State.IDLE
    failures: int = 0

    def on(self, event: Event) -> tuple[Connection, tuple[Command, ...]]:
        """The connection after the event, and what to do now, in order.

        The last command yields the next event. Raises KeyError for an event that cannot
        happen in this state: a fault of the caller.
        """
        state, commands = TRANSITIONS[self.state, event]
        failures = self.failures
        if event is Event.FAILED:
            failures += 1
        elif event is Event.LOST:
            failures = 0
        return Connection(state, failures), commands


def back_off_s(failures: int, jitter: float, most_s: float = BACK_OFF_MOST_S) -> float:
    """How long to wait before the next attempt: doubling from half a second to `most_s`.

    `jitter` in [0, 1) spreads agents that lost the same server: half to all of the delay.
    """
    delay_s = min(most_s, BACK_OFF_FIRST_S * 2.0 ** min(failures, 16))
    return delay_s * (0.5 + 0.5 * jitter)
