"""What an agent tells of a machine's source, as samples beside the machine's own. Pure.

They travel as all samples do: stored on the agent's disk, sealed, in order. So a node knows at once
that a connection is lost, and later still when that was. Only what changed is told; amounts and
counts of a fault that was told already, once a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.samples import Quality, Sample
from domain.signals import CLOCK, CONNECTED, CONNECTION, FAULTS, LOST, SOURCE_IDENTITY
from domain.source_faults import FaultCode, SourceFault, to_text
from domain.time import MICROSECOND

# Changes told so near each other keep their order: a busy agent may tell late what came.
_TOGETHER = timedelta(seconds=10)
_AMOUNTS_TOLD_AFTER = timedelta(minutes=1)

_Named = frozenset[tuple[FaultCode, str, tuple[str, ...]]]


@dataclass(slots=True)
class SourceReport:
    """The source of one machine."""

    line: str
    machine: str
    _told: dict[str, Sample] = field(default_factory=dict)  # by signal, the last one
    _named: _Named | None = None  # the faults that were told last

    def connection(self, at: datetime, *, stands: bool) -> list[Sample]:
        """Whether the machine is connected from `at` on. A machine that is LOST is unknown from its
        last confirmation until the next one, however soon it is connected again."""
        return self._changed(CONNECTION, CONNECTED if stands else LOST, at)

    def faults(self, at: datetime, faults: Sequence[SourceFault]) -> list[Sample]:
        """All that is wrong at `at`."""
        named = frozenset((fault.code, fault.subject, fault.there) for fault in faults)
        last = self._told.get(FAULTS)
        is_soon = last is not None and abs(at - last.time) < _AMOUNTS_TOLD_AFTER
        if named == self._named and is_soon:
            return []
        self._named = named
        return self._changed(FAULTS, to_text(faults), at)

    def identity(self, at: datetime, said: str) -> list[Sample]:
        """Which source it is from `at` on (`domain.source_identity`)."""
        return self._changed(SOURCE_IDENTITY, said, at)

    def clock(self, said: str, since: datetime, *, is_compared: bool = True) -> list[Sample]:
        """What is wrong with the machine's clock since then; empty: nothing. Before the agent's own
        is compared nobody knows, and what was said before the start goes on: so what a comparison
        shows reaches back over restarts."""
        last = self._told.get(CLOCK)
        if last is None and not said and not is_compared:
            return []
        return self._changed(CLOCK, said, since if last is None else max(since, last.time))

    def _changed(self, signal: str, text: str, at: datetime) -> list[Sample]:
        """The sample that says it, unless that is what was said last."""
        last = self._told.get(signal)
        if last is not None and last.text == text:
            return []
        time = at
        if last is not None and at <= last.time < at + _TOGETHER:
            time = last.time + MICROSECOND
        told = Sample(self.line, self.machine, signal, time, at, None, text, Quality.GOOD)
        self._told[signal] = told
        return [told]
