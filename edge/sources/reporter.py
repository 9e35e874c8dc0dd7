"""Hands on to the sink what a source reads, and keeps count for the health pages.

One for each source: the only place that knows the machine's name, the sink and the status,
so that protocol modules neither count nor repeat themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog

from domain.columns import ReadingColumns
from domain.samples import RAW_LENGTH_MAX, Quality, Reading, Rejection
from domain.source_faults import FaultCode
from edge.sources.base import Now, Sink, SourceStatus
from edge.sources.history import HistoryPart

_log = structlog.get_logger(__name__)

TOLD_AGAIN_AFTER = timedelta(hours=1)
_COUNTED = (
    *("readings", "rejections", "repeats", "overflows"),
    *("connects", "losses", "bridged", "filled"),
)
_TOLD_MAX = 10_000  # addresses with a reason; more of them come of names that somebody made up


class Reporter:
    def __init__(self, line: str, machine: str, now: Now) -> None:
        self._line = line
        self._machine = machine
        self._now = now
        self._sink: Sink | None = None
        self._failed: dict[str, str] = {}
        self._failed_as: dict[str, str] = {}
        self._instead: dict[str, tuple[str, ...]] = {}
        self._connected = False
        self._since: datetime | None = None
        self._last_heard: datetime | None = None
        self._is_heard = False  # since it was lost
        self._error = ""
        self._error_status = ""
        self._error_there: tuple[str, ...] = ()
        self._fault: FaultCode | None = None
        self._told: dict[tuple[str, str], datetime] = {}
        self._counts = dict.fromkeys(_COUNTED, 0)

    @property
    def status(self) -> SourceStatus:
        return SourceStatus(
            machine=self._machine,
            connected=self._connected,
            since=self._since,
            last_heard=self._last_heard,
            error=self._error,
            error_status=self._error_status,
            error_there=self._error_there,
            failed_addresses=tuple(sorted(self._failed.items())),
            failed_as=tuple(sorted(self._failed_as.items())),
            there_instead=tuple(sorted(self._instead.items())),
            fault=self._fault,
            **self._counts,
        )

    @property
    def sink(self) -> Sink:
        if self._sink is None:
            raise RuntimeError("a source reports only while it runs")
        return self._sink

    @property
    def machine(self) -> str:
        return self._machine

    @property
    def last_heard(self) -> datetime | None:
        return self._last_heard

    def start(self, sink: Sink) -> None:
        self._sink = sink
        self._since = self._now()

    def now(self) -> datetime:
        return self._now()

    def reading(
        self,
        address: str,
        value: Any,
        source_time: datetime | None,
        received: datetime,
        quality: Quality,
        *,
        not_before: datetime | None = None,
        status: str = "",
        is_news: bool = True,
    ) -> None:
        self._counts["readings"] += 1
        self.sink.reading(
            self.made(
                address,
                value,
                source_time,
                received,
                quality,
                not_before=not_before,
                status=status,
                is_news=is_news,
            )
        )

    def made(
        self,
        address: str,
        value: Any,
        source_time: datetime | None,
        received: datetime,
        quality: Quality,
        *,
        not_before: datetime | None = None,
        status: str = "",
        is_news: bool = True,
    ) -> Reading:
        """A reading of this machine, to be told by `readings`."""
        return Reading(
            self._machine,
            address,
            value,
            source_time,
            received,
            quality,
            not_before=not_before,
            status=status,
            is_news=is_news,
        )

    def readings(
        self,
        addresses: Sequence[str],
        values: Sequence[Any],
        times_us: Sequence[int],
        received: datetime,
        *,
        not_before: datetime | None = None,
        others: Mapping[int, Reading] | None = None,
    ) -> None:
        """Many at once, as domain.columns has them."""
        self._counts["readings"] += len(addresses)
        self.sink.columns(
            ReadingColumns(
                self._machine, addresses, values, times_us, received, not_before, others or {}
            )
        )

    def unchanged(self, address: str, value: Any, at: datetime, quality: Quality) -> None:
        """The last value of the address still held at `at`."""
        self.sink.reading(Reading(self._machine, address, value, at, at, quality, unchanged=True))

    def rejection(
        self, address: str, raw: object, time: datetime | None, received: datetime, reason: str
    ) -> None:
        """Keep what cannot be a reading; `reason` says why."""
        self._counts["rejections"] += 1
        text = str(raw)[:RAW_LENGTH_MAX]
        self.sink.rejection(
            Rejection(self._line, self._machine, address, text, time, received, reason)
        )

    def rejection_at_times(self, address: str, raw: object, received: datetime, why: str) -> None:
        """A rejection that would come with every message: when it begins and once an hour."""
        last = self._told.get((address, why))
        if last is not None and abs(received - last) < TOLD_AGAIN_AFTER:
            return
        if len(self._told) >= _TOLD_MAX:
            self._told.clear()
        self._told[address, why] = received
        self.rejection(address, raw, None, received, why)

    def repeated(self) -> None:
        """The peer sent again what was handed over already."""
        self._counts["repeats"] += 1

    def heard(self, at: datetime) -> None:
        self._last_heard, self._is_heard = at, True
        self.sink.heard(self._machine, at)

    def bridged(self, at: datetime) -> None:
        """Heard again, and nothing was lost meanwhile."""
        self._counts["bridged"] += 1
        _log.info("loss bridged: nothing is missing", machine=self._machine, since=self._last_heard)
        self._last_heard, self._is_heard = at, True
        self.sink.bridged(self._machine, at)

    def anew(self) -> None:
        """What is handed over next is what holds now, and not all that changed meanwhile."""
        self.sink.anew(self._machine)

    def history(self, part: HistoryPart) -> bool:
        """Whether it is believed."""
        return self.sink.history(self._machine, part)

    def filled(self) -> None:
        """An outage has been filled from what was kept of it, as far as that goes."""
        self._counts["filled"] += 1
        _log.info("outage filled from what was kept", machine=self._machine)

    def came(self, at: datetime, *, until: datetime | None = None) -> bool:
        """A message: whether it confirms the machine is for whoever decodes it. `until`: up to when
        it does; None: it is no news."""
        if until is not None:
            self._last_heard, self._is_heard = at, True
        return self.sink.came(self._machine, at, at if until is None else until)

    def taken(self, message: str) -> None:
        """All that a message says was handed over."""
        self.sink.taken(self._machine, message)

    def unreadable(self, address: str, at: datetime) -> None:
        self.sink.unreadable(self._machine, address, at)

    def connected(self) -> None:
        at = self._now()
        self._connected, self._since = True, at
        self._error, self._fault, self._error_status, self._error_there = "", None, "", ()
        self._counts["connects"] += 1
        _log.info("connected", machine=self._machine)
        self.sink.connected(self._machine, at)

    def lost(
        self,
        why: str,
        fault: FaultCode | None = None,
        status: str = "",
        there: tuple[str, ...] = (),
    ) -> None:
        """No longer heard. Reported once for each reason, not at each attempt to connect; but for
        one in which something was heard before it failed, as what a broker kept is."""
        if not self._connected and not self._is_heard and why == self._error:
            return
        self._is_heard = False
        at = self._now()
        if self._connected:
            self._connected, self._since = False, at
            self._counts["losses"] += 1
        self._error, self._fault, self._error_status, self._error_there = why, fault, status, there
        _log.warning("lost", machine=self._machine, why=why)
        self.sink.lost(self._machine, at, why)

    def overflowed(self, why: str) -> None:
        """Changes were lost on the way although the connection stands."""
        self._counts["overflows"] += 1
        _log.warning("changes lost", machine=self._machine, why=why)
        self.sink.lost(self._machine, self._now(), why)

    def address_failed(
        self, address: str, why: str, status: str = "", there: tuple[str, ...] = ()
    ) -> None:
        """`status`: what the protocol calls it; `there`: names that the machine has instead."""
        if self._failed.get(address) != why:
            named = {"there": ", ".join(there)} if there else {}
            _log.warning(
                "address not served", machine=self._machine, address=address, why=why, **named
            )
        self._failed[address], self._failed_as[address] = why, status
        self._instead[address] = there

    def address_silent(self, address: str, there: tuple[str, ...]) -> None:
        """Nothing has come of it so far; `there`: names from which something comes."""
        if there and self._instead.get(address) != there:
            _log.warning(
                "nothing comes of an address",
                machine=self._machine,
                address=address,
                there=", ".join(there),
            )
        self._instead[address] = there

    def address_works(self, address: str) -> None:
        self._instead.pop(address, None)
        self._failed_as.pop(address, None)
        if self._failed.pop(address, None) is not None:
            _log.info("address served again", machine=self._machine, address=address)
