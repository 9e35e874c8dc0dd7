"""What came in: batches, what was refused, what could not be used, who was heard."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import polars as pl

from domain.errors import NotFoundError
from domain.signals import AGENT_SIGNALS
from domain.time import Window
from store.archive.protocol import BatchArchive
from store.archive.quarantine import Quarantined
from store.telemetry.protocol import BatchRecord, TelemetryReader


class Intake:
    """Without `archive` nothing is known of quarantine."""

    def __init__(self, telemetry: TelemetryReader, archive: BatchArchive | None = None) -> None:
        self._telemetry = telemetry
        self._archive = archive

    def check(self) -> None:
        """The store takes a write and gives it back. Raises StorageError."""
        self._telemetry.check()

    def batches(
        self, agent: str | None, after: tuple[str, int] | None, limit: int
    ) -> list[BatchRecord]:
        """Rows of the batch ledger in the order of agent and number."""
        return self._telemetry.batches(agent=agent, after=after, limit=limit)

    def last_batch(self, agent: str) -> BatchRecord | None:
        """The agent's newest batch."""
        return self._telemetry.last_batch(agent)

    def quarantine(self, limit: int) -> list[Quarantined]:
        """Batches that were refused, newest first. Raises NotFoundError without an archive."""
        if self._archive is None:
            raise NotFoundError(
                "this node keeps no archive",
                todo="Ask the node that runs the collector.",
            )
        return self._archive.quarantine.listed(limit)

    def quarantine_counts(self) -> dict[str, int]:
        """How many were refused, by reason; empty without an archive."""
        return self._archive.quarantine.counts() if self._archive else {}

    def last_heard(self, lines: Iterable[str]) -> Iterable[tuple[str, str, datetime]]:
        """(line, machine, until when it was last confirmed alive)."""
        for line in lines:
            for machine, at in self._telemetry.last_span_end(line).items():
                yield line, machine, at

    def signals_told(self, line: str) -> set[tuple[str, str]]:
        """(machine, signal) of all that the line's machines ever told."""
        told = self._telemetry.latest(line).select("machine", "signal").iter_rows()
        return {(machine, signal) for machine, signal in told if signal not in AGENT_SIGNALS}

    def rejection_counts(self) -> list[dict[str, Any]]:
        """line, machine, reason, count."""
        rows: list[dict[str, Any]] = self._telemetry.rejection_counts().to_dicts()
        return rows

    def rejected(self, window: Window, line: str | None = None) -> pl.DataFrame:
        """What was received in the window and could not be used: REJECTED, of the line or of all,
        the most frequent first; of many reasons and addresses the most frequent alone."""
        return self._telemetry.rejected(window.start, window.end, line=line)

    def dirty_counts(self, lines: Iterable[str]) -> dict[str, int]:
        """Marks by line; every line is named."""
        counts = dict.fromkeys(lines, 0)
        for mark in self._telemetry.dirty():
            counts[mark.line] = counts.get(mark.line, 0) + 1
        return counts
