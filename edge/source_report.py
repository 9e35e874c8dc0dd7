"""What an agent tells of a machine's source, as samples beside the machine's own. Pure.

They travel as all samples do: stored on the agent's disk, sealed, in order. So a node knows at once
that a connection is lost, and later still when that was. Only what changed is told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.samples import Quality, Sample
from domain.signals import CONNECTED, CONNECTION, LOST
from domain.time import MICROSECOND

_TOGETHER = timedelta(seconds=1)  # changes told so near each other keep their order in any case


@dataclass(slots=True)
class SourceReport:
    """The source of one machine."""

    line: str
    machine: str
    _told: dict[str, Sample] = field(default_factory=dict)  # by signal, the last one

    def connection(self, at: datetime, *, stands: bool) -> list[Sample]:
        """Whether the machine is connected from `at` on. A machine that is LOST is unknown from its
        last confirmation until the next one, however soon it is connected again."""
        return self._changed(CONNECTION, CONNECTED if stands else LOST, at)

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
