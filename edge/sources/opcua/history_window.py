"""An outage, and how far a server's history of it can be believed. Pure.

A history is held against what was heard on both sides of the outage, for every address that
changed: what it says of the time of the last value before it, and of the newest one after it, must
be those. An address whose value, status and source time are the same on both sides did not change,
and needs no history.

A server that ran through the outage recorded all of it. Of one that was started anew in between, at
`restarted`, it is known only

- up to the outage's last record after which the next one did not come within PAUSE_MAX, by the
  server's own times of them: a server that stands still records nothing, and does not say so;
- and from its start on, as soon as every address that changed since then was recorded once:

    outage          10:00:00 ─────────────────────────────────────────────── 10:09:00
    records           |  |  |  |          (restarted 10:05:00)  |   |    |
    known           10:00:00 ─ 10:00:12                       10:05:03 ───── 10:09:00
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from domain.samples import Quality

PAUSE_MAX = timedelta(seconds=10)  # a server that is started anew takes longer
CLOCKS_APART = timedelta(seconds=5)  # two clocks that are kept, and the way between them


class HistoryDoubtError(Exception):
    """Why a history is not believed, without amounts, so that it can be counted."""


@dataclass(frozen=True, slots=True)
class LastValue:
    """What was read of an address last, with its source time."""

    time: datetime | None
    quality: Quality
    value: Any


@dataclass(frozen=True, slots=True)
class Recorded:
    """A value of a history. `taken`: when the server took it in; None: it does not say.
    `status`: what OPC UA calls a bad one."""

    time: datetime
    taken: datetime | None
    quality: Quality
    value: Any
    status: str = ""

    def says(self, value: LastValue) -> bool:
        """Whether it has the same content; a server may stamp what did not change anew."""
        return _content(self) == _content(value)


@dataclass(frozen=True, slots=True)
class Outage:
    """All changes up to `start` were told, and again all from `end` on. `before` and `after`: the
    newest value of each address at both; `restarted`: when the server was started in between."""

    start: datetime
    end: datetime
    before: Mapping[str, LastValue]
    after: Mapping[str, LastValue]
    restarted: datetime | None

    @property
    def changed(self) -> tuple[str, ...]:
        """The addresses whose history is needed; what is kept of others is read besides.

        Raises HistoryDoubtError where no history can help.
        """
        changed = []
        for key, before in self.before.items():
            after = self.after.get(key)
            if after is None:
                raise HistoryDoubtError("an address is no longer served")
            if before.time is None or after.time is None:
                raise HistoryDoubtError("its values have no times")
            is_same = _content(before) == _content(after)
            if after.time < before.time and not is_same:
                raise HistoryDoubtError("a value has an older time than the one before the outage")
            if after.time != before.time or not is_same:
                changed.append(key)
        return tuple(changed)


def _content(value: LastValue | Recorded) -> tuple[Quality, str]:
    return value.quality, repr(value.value)


def in_order(records: Sequence[Recorded], begin: datetime, end: datetime) -> list[Recorded]:
    """One address's records of that time, each once.

    Raises HistoryDoubtError for one of another time, or before the one before it: then the server's
    clock was set meanwhile, or it tells what was not asked.
    """
    kept: list[Recorded] = []
    at_once: set[tuple[Quality, str]] = set()  # what was recorded at the time of the last one
    for record in records:
        if not begin <= record.time <= end:
            raise HistoryDoubtError("it tells values of another time than was asked for")
        if kept and record.time < kept[-1].time:
            raise HistoryDoubtError("its values are not in the order of their times")
        if not kept or record.time > kept[-1].time:
            at_once = set()
        if _content(record) not in at_once:
            kept.append(record)
            at_once.add(_content(record))
    return kept


class Coverage:
    """From when to when the history of an outage is complete, part by part in their order."""

    def __init__(self, outage: Outage, keys: Iterable[str]) -> None:
        self._restarted = outage.restarted
        self._known_to = self._at_work = outage.start  # before it was restarted
        self._has_paused = False
        self._known_from = outage.restarted or outage.start
        self._waiting = {key for key in keys if _changed_since(outage, key)}

    def known(
        self, start: datetime, end: datetime, records: Sequence[tuple[str, Recorded]]
    ) -> tuple[datetime, datetime] | None:
        """What the records of that part, by address and in the order of time, make known. No part
        reaches over the server's start."""
        if self._restarted is None:
            return start, end
        if end <= self._restarted:
            return self._before(self._restarted, end, records)
        for key, record in records:
            if key in self._waiting and (record.taken or record.time) >= self._restarted:
                self._waiting.discard(key)
                self._known_from = max(self._known_from, record.time)
        begins = max(start, self._known_from)
        return None if self._waiting or begins >= end else (begins, end)

    def _before(
        self, restarted: datetime, end: datetime, records: Sequence[tuple[str, Recorded]]
    ) -> tuple[datetime, datetime] | None:
        for taken in sorted(it.taken for _, it in records if it.taken is not None):
            self._has_paused = self._has_paused or taken - self._at_work > PAUSE_MAX
            if self._has_paused or taken >= restarted:
                break
            self._at_work = max(self._at_work, taken)
        begins, ends = self._known_to, min(self._at_work, end)
        if ends <= begins:
            return None
        self._known_to = ends
        return begins, ends


def _changed_since(outage: Outage, key: str) -> bool:
    time = outage.after[key].time
    return outage.restarted is not None and time is not None and time > outage.restarted
