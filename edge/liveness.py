"""When a machine was alive: from what a source heard and lost to confirmed `Span`s. Pure.

One rule for every protocol: two hearings belong to one span when they are at most
`stale_after_s` apart and nothing was lost between them. Silence is never bridged: a machine (or an
agent) that slept through `stale_after_s` was not confirmed. Neither is a loss, but where its
source is sure that everything which happened meanwhile has been handed over (`bridged`). So

- OPC UA: a span runs from the first data notification after a (re)connect over the publish
  responses (data or keep-alive) to the last one before the loss, and on over a loss that the
  server's session bridged;
- MQTT: a span runs over messages of which something could be used (a value, the profile's
  heartbeat) and that follow each other closely enough.

`take` hands out what is confirmed so far. A span that goes on is handed out in pieces, each
starting exactly where the last one ended, so that they merge again; two spans with a break
between them never touch. A hearing that is not later than the last one (the clock was set
back) confirms nothing new.

Knows no protocol, no clock and no disk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from domain.samples import Span


class _State(Enum):
    SILENT = auto()  # nothing heard since the start or the last loss
    ALIVE = auto()


class _Event(Enum):
    HEARD_IN_TIME = auto()  # within stale_after_s of the last hearing
    HEARD_LATE = auto()
    HEARD_AGAIN = auto()  # not after the last hearing
    LOST = auto()
    BRIDGED = auto()  # heard after a loss in which nothing went missing


class _Step(Enum):
    OPEN = auto()  # a span begins here
    EXTEND = auto()  # the open span reaches to here
    CLOSE = auto()  # the open span ends where it was last heard
    REOPEN = auto()  # the last span goes on, over all since it was last heard


_STEPS: dict[tuple[_State, _Event], tuple[_State, tuple[_Step, ...]]] = {
    (_State.SILENT, _Event.HEARD_IN_TIME): (_State.ALIVE, (_Step.OPEN,)),
    (_State.SILENT, _Event.HEARD_LATE): (_State.ALIVE, (_Step.OPEN,)),
    (_State.SILENT, _Event.HEARD_AGAIN): (_State.SILENT, ()),
    (_State.SILENT, _Event.LOST): (_State.SILENT, ()),
    (_State.SILENT, _Event.BRIDGED): (_State.ALIVE, (_Step.REOPEN,)),
    (_State.ALIVE, _Event.HEARD_IN_TIME): (_State.ALIVE, (_Step.EXTEND,)),
    (_State.ALIVE, _Event.HEARD_LATE): (_State.ALIVE, (_Step.CLOSE, _Step.OPEN)),
    (_State.ALIVE, _Event.HEARD_AGAIN): (_State.ALIVE, ()),
    (_State.ALIVE, _Event.LOST): (_State.SILENT, (_Step.CLOSE,)),
    (_State.ALIVE, _Event.BRIDGED): (_State.ALIVE, (_Step.EXTEND,)),
}


@dataclass(slots=True)
class Liveness:
    """The spans of one machine."""

    line: str
    machine: str
    stale_after_s: float
    _state: _State = _State.SILENT
    _start: datetime | None = None  # of the open span: where the next piece begins
    _last: datetime | None = None  # last hearing ever
    _closed: list[tuple[datetime, datetime]] = field(default_factory=list)

    def heard(self, at: datetime) -> None:
        """The machine was alive and all its changes up to `at` have come in."""
        self._step(self._hearing(at), at)

    def bridged(self, at: datetime) -> None:
        """It is heard again at `at`, and all its changes since the last hearing have come in."""
        hearing = self._hearing(at)
        self._step(hearing if hearing is _Event.HEARD_AGAIN else _Event.BRIDGED, at)

    def lost(self, at: datetime) -> None:
        """It was no longer heard at `at`; the open span ends at the last hearing."""
        self._step(_Event.LOST, at)

    def known(self, times: Iterable[tuple[datetime, datetime]]) -> None:
        """All its changes from when to when have come in, later."""
        self._closed += [(start, end) for start, end in times if end > start]

    @property
    def alive(self) -> bool:
        return self._state is _State.ALIVE

    def take(self, until: datetime | None = None) -> list[Span]:
        """Confirmed spans not handed out before, in order, none of them reaching past `until`.

        What lies after `until` stays for a later call. A machine heard only once confirms an
        instant, not a span, and gives nothing yet.
        """
        pieces: list[tuple[datetime, datetime]] = []
        kept: list[tuple[datetime, datetime]] = []
        for start, end in self._closed:
            taken_to = end if until is None else min(end, until)
            if taken_to > start:
                pieces.append((start, taken_to))
            if end > max(start, taken_to):
                kept.append((max(start, taken_to), end))
        self._closed = kept
        if self._start is not None and self._last is not None:
            taken_to = self._last if until is None else min(self._last, until)
            if taken_to > self._start:
                pieces.append((self._start, taken_to))
                self._start = taken_to
        return [Span(self.line, self.machine, start, end) for start, end in sorted(pieces)]

    def _hearing(self, at: datetime) -> _Event:
        if self._last is None:
            return _Event.HEARD_IN_TIME
        if at <= self._last:
            return _Event.HEARD_AGAIN
        late = at - self._last > timedelta(seconds=self.stale_after_s)
        return _Event.HEARD_LATE if late else _Event.HEARD_IN_TIME

    def _step(self, event: _Event, at: datetime) -> None:
        self._state, steps = _STEPS[self._state, event]
        for step in steps:
            if step is _Step.OPEN:
                self._start = self._last = at
            elif step is _Step.EXTEND:
                self._last = at
            elif step is _Step.REOPEN:
                self._start, self._last = self._last or at, at
            else:
                self._close()

    def _close(self) -> None:
        if self._start is not None and self._last is not None and self._last > self._start:
            self._closed.append((self._start, self._last))
        self._start = None
