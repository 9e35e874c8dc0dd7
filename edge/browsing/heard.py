"""What came from a machine that is read for a while, decoded at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from device_profiles.decoding.decoder import Decoder
from domain.columns import ReadingColumns
from domain.samples import Reading, Rejection, Sample
from edge.sources.history import HistoryPart

Keep = Callable[[Reading], None]


def dismiss(_reading: Reading) -> None:
    """Who looks at a machine keeps nothing of what comes."""


@dataclass
class Heard:
    """A `Sink` that decodes what comes and keeps the last of each. `keep` is given each reading."""

    decoder: Decoder
    keep: Keep
    readings: dict[str, Reading] = field(default_factory=dict)
    samples: dict[str, Sample] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    _together: list[Reading] = field(default_factory=list)

    def reading(self, reading: Reading) -> None:
        self.readings[reading.address] = reading
        self.keep(reading)
        self._together.append(reading)

    def columns(self, columns: ReadingColumns) -> None:
        for reading in columns.readings():
            self.reading(reading)

    def rejection(self, rejection: Rejection) -> None:
        self.rejected[f"{rejection.address}: {rejection.reason}"] += 1

    def heard(self, machine: str, at: datetime) -> None:
        self.decode()
        self.decoder.heard(at)

    def bridged(self, machine: str, at: datetime) -> None:
        self.decode()

    def anew(self, machine: str) -> None:
        self.decode()

    def history(self, machine: str, part: HistoryPart) -> bool:
        return False  # who looks at a machine looks at what it says now

    def came(self, machine: str, at: datetime, until: datetime) -> bool:
        self.decode()
        return True

    def taken(self, machine: str, message: str) -> None:
        self.decode()

    def unreadable(self, machine: str, address: str, at: datetime) -> None:
        self.rejected[f"{address}: a message came without it"] += 1

    def connected(self, machine: str, at: datetime) -> None:
        self.decode()

    def lost(self, machine: str, at: datetime, why: str) -> None:
        self.decode()
        self.losses.append(why)

    async def ready(self) -> None:
        self.decode()

    async def flushed(self) -> None:
        self.decode()

    def decode(self) -> None:
        """What arrived together is decoded together."""
        together, self._together = self._together, []
        for row in self.decoder.decode_all(together):
            if isinstance(row, Sample):
                self.samples[row.signal] = row
            else:
                self.rejection(row)
