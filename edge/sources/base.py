"""What a source talks to (`Sink`), what it is (`Source`), how it is doing (`SourceStatus`).

Rules of the border:

- Everything happens in the event loop's thread. `reading`, `columns`, `rejection`, `heard`, `lost`
  return at once and never raise because of a value; `ready` and `flushed` may take long.
- A source awaits `ready()` before each notification or message that it hands over, and hands
  over nothing between. What it hands over up to its next call of anything but `reading`,
  `columns`, `rejection` and `unreadable` arrived together; among it, readings of one source time
  follow each other.
- A sink that is full makes it wait there, and reports that (`lost`, a log line, a metric). So the
  queue that grows is the machine's or the broker's. When that overflows, the source passes it on
  as `lost`. Nothing is dropped silently.
- `flushed()` returns once all that was handed over before the call is on disk. Only then
  does a source acknowledge to a peer that would send again otherwise (MQTT, QoS 1).
- Only what can be used confirms a machine. A protocol that tells all changes confirms it by itself
  (`heard`: OPC UA's publish responses). A message does when something of it is understood (`came`).
- Times are aware and UTC. `heard` is the agent's clock at arrival, taken before any waiting.

A source knows no profile: addresses in, readings out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.columns import ReadingColumns
from domain.errors import InputError
from domain.samples import Reading, Rejection
from domain.source_faults import Cause, FaultCode
from edge.sources.history import HistoryPart

Now = Callable[[], datetime]  # the agent's clock: aware, UTC


class Sink(Protocol):
    def reading(self, reading: Reading) -> None:
        """A value as it came off the wire."""
        ...

    def columns(self, columns: ReadingColumns) -> None:
        """Many values, in the order of their source; as `reading` with each of them."""
        ...

    def rejection(self, rejection: Rejection) -> None:
        """Something that came off the wire and is no value at all, kept with its reason."""
        ...

    def heard(self, machine: str, at: datetime) -> None:
        """The machine is alive and all its changes up to `at` have been handed over."""
        ...

    def bridged(self, machine: str, at: datetime) -> None:
        """Heard again after a loss, and the source is sure that all changes since the last `heard`
        have been handed over."""
        ...

    def anew(self, machine: str) -> None:
        """What is handed over up to the next `heard` is what holds now: how it came about since the
        last one is not known."""
        ...

    def history(self, machine: str, part: HistoryPart) -> bool:
        """What the machine's server, or its broker, kept of a time in which it was not heard.
        False: it is not believed, because the clock that it stands by is not known to be right."""
        ...

    def came(self, machine: str, at: datetime, until: datetime) -> bool:
        """A message received at `at` was handed over: the machine is alive if a value, or the
        heartbeat of its profile, can be used, and all its changes up to `until` have been handed
        over. Whether it is."""
        ...

    def taken(self, machine: str, message: str) -> None:
        """All that a message says was handed over; `message` is what it is known by if the peer
        repeats it. Called before anything else but `reading`, `rejection` and `unreadable`, so
        that the message and what it says can be kept together."""
        ...

    def unreadable(self, machine: str, address: str, at: datetime) -> None:
        """A message that should hold the value of the address came, and it does not."""
        ...

    def connected(self, machine: str, at: datetime) -> None:
        """The connection stands and is listened to; nothing may have come yet."""
        ...

    def lost(self, machine: str, at: datetime, why: str) -> None:
        """The machine is no longer heard, or changes of it were lost; from the last `heard`
        to the next one is unknown, unless that is `bridged`. `why` is a sentence for people."""
        ...

    async def ready(self) -> None:
        """Wait until there is room for one notification or message, however large."""
        ...

    async def flushed(self) -> None:
        """Wait until everything handed over so far is on disk."""
        ...


class MisconfiguredError(InputError):
    """A source that can never work as it is configured. `cause`: why, by a name that nodes say in
    the reader's language."""

    def __init__(self, what: str, cause: Cause, *, where: str = "", todo: str = "") -> None:
        super().__init__(what, where=where, todo=todo)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A snapshot for health pages and `doctor`.

    `since` is when the present state (connected or not) began; `last_heard` when anything came,
    whether it could be used or not. `error` is the last error as
    a sentence, empty once connected again; `error_status` what the protocol or the system calls it,
    `error_there` names that are there instead; `fault` its code, where it is no mere lost
    connection. `failed_addresses` maps an address that the machine does not serve to the reason,
    and `failed_as` to its status; it is tried again. `there_instead` maps an address that is not
    served, or of which nothing comes, to names that are there. The rest are counts since start.
    """

    machine: str
    connected: bool = False
    since: datetime | None = None
    last_heard: datetime | None = None
    error: str = ""
    error_status: str = ""
    error_there: tuple[str, ...] = ()
    failed_addresses: tuple[tuple[str, str], ...] = ()
    failed_as: tuple[tuple[str, str], ...] = ()
    there_instead: tuple[tuple[str, tuple[str, ...]], ...] = ()
    fault: FaultCode | None = None
    readings: int = 0
    rejections: int = 0
    repeats: int = 0
    overflows: int = 0
    connects: int = 0
    losses: int = 0
    bridged: int = 0
    filled: int = 0


class Source(Protocol):
    @property
    def status(self) -> SourceStatus: ...

    async def run(self, sink: Sink) -> None:
        """Read until cancelled; connects, resubscribes and backs off by itself.

        Raises InputError when the configuration can never work, with what to change.
        """
        ...
