"""The values of one or more notifications before they are handed over, in columns. Pure.

They are handed over by source time: a server may tell all of one item before another one. A value
without a time stays behind the one before it, and those of one item stay in the server's order,
whatever its clock did between. Three items, told as on the left, are handed over as on the right:

    item  time          item  time
    1     10:00:00      1     10:00:00
    1     10:00:05      2     10:00:02
    2     10:00:02      3     none          behind the one before it
    3     none          1     10:00:05
    1     10:00:03      1     10:00:03      its clock was set back: never before its 10:00:05
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from operator import le
from typing import Any, NamedTuple

from domain.time import instant
from edge.sources.opcua.data_changes import DataChanges

_LONG_AGO_US = -(1 << 62)


class GatheredValue(NamedTuple):
    """A row. `value`: its plain form, or the ValueError why there is none."""

    handle: int
    value: Any
    status: int
    time_us: int | None
    received: datetime
    raw: Any

    @property
    def time(self) -> datetime | None:
        """The source time."""
        return None if self.time_us is None else instant(self.time_us)


@dataclass(slots=True)
class Gathered:
    """Columns as of `DataChanges`, with what was received when; `raws`: what came, by row, where it
    has no plain form."""

    handles: list[int] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    times_us: list[int | None] = field(default_factory=list)
    received: list[datetime] = field(default_factory=list)
    raws: dict[int, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.handles)

    def add(
        self, changes: DataChanges, values: list[Any], raws: Mapping[int, Any], received: datetime
    ) -> None:
        """A notification's; `values`: their plain forms, or the ValueError why there is none, of
        the rows `raws`."""
        self.raws.update({len(self) + row: raw for row, raw in raws.items()})
        self.handles += changes.handles
        self.values += values
        self.statuses += changes.statuses
        self.times_us += changes.times_us
        self.received += [received] * len(values)

    def rows(self) -> Iterator[GatheredValue]:
        columns = self.handles, self.values, self.statuses, self.times_us, self.received
        for row, told in enumerate(zip(*columns, strict=True)):
            yield GatheredValue(*told, self.raws.get(row))

    def by_source_time(self) -> Gathered:
        """The same, in the order in which they are handed over."""
        if self._are_in_order:
            return self
        places = self._places()
        order = sorted(range(len(places)), key=places.__getitem__)
        return Gathered(
            [self.handles[row] for row in order],
            [self.values[row] for row in order],
            [self.statuses[row] for row in order],
            [self.times_us[row] for row in order],
            [self.received[row] for row in order],
            {new: self.raws[row] for new, row in enumerate(order) if row in self.raws},
        )

    @property
    def _are_in_order(self) -> bool:
        """As most are."""
        times_us = [it for it in self.times_us if it is not None]
        return len(times_us) == len(self) and all(map(le, times_us, islice(times_us, 1, None)))

    def _places(self) -> list[int]:
        """Of each row, the time where it stands among the others."""
        places = []
        time, last = _LONG_AGO_US, dict[int, int]()
        for handle, time_us in zip(self.handles, self.times_us, strict=True):
            time = time if time_us is None else time_us
            place = max(time, last.get(handle, _LONG_AGO_US))
            last[handle] = place
            places.append(place)
        return places
