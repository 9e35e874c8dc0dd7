"""Where the agents' chains stand, and what that decides about the batches of a group.

The store knows; what this collector had accepted last is remembered, so that the usual batch,
the next one of its chain, costs no question. Whatever else the memory says is asked of the
store before it is told, because another collector may have stored more. For one thread.
"""

from __future__ import annotations

from collections.abc import Sequence

from collector.intake import Decision, Outcome, Position, place
from domain.batches import BatchHeader
from store.protocol import TelemetryStore

AGENTS_MAX = 10_000  # remembered; more are asked for again


class Chains:
    """Decides over believed headers. `decide` takes what it accepts as stored: when storing
    failed, `forget`."""

    def __init__(self, telemetry: TelemetryStore) -> None:
        self._telemetry = telemetry
        self._last: dict[str, Position] = {}
        self._group: dict[tuple[str, int], str] = {}  # accepted in this group: digest

    def forget(self) -> None:
        self._last.clear()

    def decide(self, headers: Sequence[BatchHeader]) -> list[Decision]:
        """One decision for each header, each as if those before it in the group were stored."""
        if len(self._last) > AGENTS_MAX:
            self.forget()
        self._group = {}
        return [self._decide(header) for header in headers]

    def decide_anew(self, header: BatchHeader) -> Decision:
        """Against the store alone, for a batch that it did not take as new."""
        self._group = {}
        self._last.pop(header.agent, None)
        return self._asked(header)

    def _decide(self, header: BatchHeader) -> Decision:
        digest = header.digest
        last = self._last.get(header.agent)
        decision = None if last is None else place(header, last, None)
        if decision is None or decision.outcome is not Outcome.ACCEPTED:
            decision = self._asked(header)
        if decision.outcome is Outcome.ACCEPTED:
            self._last[header.agent] = Position(header.number, digest)
            self._group[header.agent, header.number] = digest
        return decision

    def _asked(self, header: BatchHeader) -> Decision:
        """What the store says, and over it what this group has accepted so far."""
        record = self._telemetry.last_batch(header.agent)
        last = Position() if record is None else Position(record.number, record.digest)
        accepted = [number for agent, number in self._group if agent == header.agent]
        if accepted and max(accepted) > last.number:
            last = Position(max(accepted), self._group[header.agent, max(accepted)])
        self._last[header.agent] = last
        known = self._group.get((header.agent, header.number))
        if known is None and 1 <= header.number <= last.number:
            known = self._stored_digest(header)
        return place(header, last, known)

    def _stored_digest(self, header: BatchHeader) -> str | None:
        """The digest that the store has under the header's number."""
        before = (header.agent, header.number - 1)
        rows = self._telemetry.batches(agent=header.agent, after=before, limit=1)
        return rows[0].digest if rows and rows[0].number == header.number else None
