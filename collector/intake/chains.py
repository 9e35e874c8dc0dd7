"""Where the agents' chains stand, and what that decides about the batches of a group.

The store knows. What this collector accepted last is remembered, so that the usual batch, the next
one of its chain, needs no question to the store. In every other case the store is asked, because
another collector may have stored more. For one thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from collector.intake.decisions import Decision, Outcome, Position, place
from domain.batch_header import BatchHeader
from store.telemetry.protocol import TelemetryReader

AGENTS_MAX = 10_000  # remembered; then all are asked for again


class Chains:
    """Decides over believed headers. `decide` takes what it accepts as stored: when storing
    failed, `forget`."""

    def __init__(self, telemetry: TelemetryReader) -> None:
        self._telemetry = telemetry
        self._last: dict[str, Position] = {}
        self._group: dict[str, dict[int, str]] = {}  # accepted in it: agent → number → digest

    def forget(self) -> None:
        """What was accepted last could not be stored."""
        self._last.clear()

    def decide(self, group: Sequence[tuple[BatchHeader, str]]) -> list[Decision]:
        """One decision for each header (with its digest, which takes a while to make), each as
        if those before it in the group were stored."""
        if len(self._last) > AGENTS_MAX:
            self._last.clear()
        self._group = {}
        return [self._decide(header, digest) for header, digest in group]

    def decide_anew(self, header: BatchHeader) -> Decision:
        """Decides by the store alone, for a batch that it did not take as new."""
        self._group = {}
        return self._asked(header)

    def _decide(self, header: BatchHeader, digest: str) -> Decision:
        last = self._last.get(header.agent)
        decision = None if last is None else place(header, last, None)
        if decision is None or decision.outcome is not Outcome.ACCEPTED:
            decision = self._asked(header)
        if decision.outcome is Outcome.ACCEPTED:
            self._last[header.agent] = Position(header.number, digest)
            self._group.setdefault(header.agent, {})[header.number] = digest
        return decision

    def _asked(self, header: BatchHeader) -> Decision:
        """What the store says, and over it what this group has accepted so far."""
        record = self._telemetry.last_batch(header.agent)
        last = Position() if record is None else Position(record.number, record.digest)
        accepted = self._group.get(header.agent, {})
        if accepted and max(accepted) > last.number:
            last = Position(max(accepted), accepted[max(accepted)])
        self._last[header.agent] = last
        known = accepted.get(header.number)
        if known is None and 1 <= header.number <= last.number:
            known = self._stored_digest(header)
        return place(header, last, known)

    def _stored_digest(self, header: BatchHeader) -> str | None:
        """The digest that the store has under the header's number."""
        before = (header.agent, header.number - 1)
        rows = self._telemetry.batches(agent=header.agent, after=before, limit=1)
        return rows[0].digest if rows and rows[0].number == header.number else None
