"""Many values of one machine at once, a row each: where an object for each would cost too much.

Three readings that arrived together, the last one of bad quality, and the samples of the others:

    addresses  Speed   Good       Door           signals   speed     good_count
    values     1.5     7          None           values    1.5       7.0
    times_us   t       t          t              times_us  t         t
    others                        {2: Reading}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.samples import Quality, Reading, Sample
from domain.time import instant


@dataclass(frozen=True, slots=True)
class ReadingColumns:
    """Readings (domain.samples) that arrived together, in their order.

    `times_us`: source times, microseconds since 1970. All are good, and `received` and `not_before`
    are those of all; a reading that differs in any of this stands in `others`, by its row (and its
    receipt in `times_us` where it has no time)."""

    machine: str
    addresses: Sequence[str]
    values: Sequence[Any]
    times_us: Sequence[int]
    received: datetime
    not_before: datetime | None = None
    others: Mapping[int, Reading] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.addresses)

    def reading(self, row: int) -> Reading:
        """That of a row."""
        other = self.others.get(row)
        if other is not None:
            return other
        return Reading(
            self.machine,
            self.addresses[row],
            self.values[row],
            instant(self.times_us[row]),
            self.received,
            Quality.GOOD,
            not_before=self.not_before,
        )

    def readings(self) -> list[Reading]:
        """All of them, in order."""
        return [self.reading(row) for row in range(len(self))]


@dataclass(frozen=True, slots=True)
class SampleColumns:
    """Good samples (domain.samples) with a number each, that were received together.

    `times_us` and `received_us`: microseconds since 1970. `raws`: what the machine said, by row,
    where that differs from the value."""

    line: str
    machine: str
    signals: Sequence[str]
    times_us: Sequence[int]
    received_us: int
    values: Sequence[float]
    raws: Mapping[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.signals)

    def split(self, row: int) -> tuple[SampleColumns, SampleColumns]:
        """Those before the row, and the others."""
        return self._part(0, row), self._part(row, len(self))

    def samples(self) -> list[Sample]:
        """An object each."""
        received = instant(self.received_us)
        rows = enumerate(zip(self.signals, self.times_us, self.values, strict=True))
        return [
            Sample(
                line=self.line,
                machine=self.machine,
                signal=signal,
                time=instant(time_us),
                received=received,
                value=value,
                text=None,
                quality=Quality.GOOD,
                raw=self.raws.get(row),
            )
            for row, (signal, time_us, value) in rows
        ]

    def _part(self, begin: int, end: int) -> SampleColumns:
        return replace(
            self,
            signals=self.signals[begin:end],
            times_us=self.times_us[begin:end],
            values=self.values[begin:end],
            raws={row - begin: raw for row, raw in self.raws.items() if begin <= row < end},
        )
