"""The order of a node's messages, by the sequence number that they all share. Pure.

`seq` counts 0 to 255 and begins anew, over the node and all its devices (Sparkplug 3.0, 6.4.4). A
message that is too early is held until those before it have come; for how long is for whoever asks
(`waits_since_s`). One that came already, byte by byte, is a repetition.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from edge.sources.sparkplug.definition import Payload
from edge.sources.sparkplug.topics import MessageType

SEQUENCE = 256
HELD_MAX_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message; `mark` is the same for the same message, `size` is that of its payload in bytes.
    `received` by the agent's clock, `at_s` by one that only goes forward. `shows_until`: up to when
    it can show that nothing is missing (see `transit`), by the agent's clock."""

    kind: MessageType
    device: str | None
    payload: Payload
    received: datetime
    at_s: float
    mark: int
    size: int
    shows_until: datetime

    @property
    def seq(self) -> int | None:
        """None where it has none, or none that can be."""
        has_one = self.payload.HasField("seq") and self.payload.seq < SEQUENCE
        return self.payload.seq if has_one else None


def has_room(held: Iterable[Arrived], message: Arrived) -> bool:
    """Whether one more message can be kept beside those that wait already."""
    return sum(it.size for it in held) + message.size <= HELD_MAX_BYTES


class PlaceInOrder(Enum):
    """Where a message stands in the order."""

    NEXT = auto()
    HELD = auto()
    REPEATED = auto()
    IMPOSSIBLE = auto()  # it has no number, another message has it, or there is no room for it


class Order:
    """The messages of one session, which begins with the number of its NBIRTH."""

    def __init__(self, first: int) -> None:
        self._expected = (first + 1) % SEQUENCE
        self._held: dict[int, Arrived] = {}
        self._marks: dict[int, int] = {}  # of what came last with each number

    @property
    def expected(self) -> int:
        return self._expected

    @property
    def held(self) -> list[Arrived]:
        """Those that are too early, as they came."""
        return list(self._held.values())

    @property
    def waits_since_s(self) -> float | None:
        """When the first of the messages came that are held; None: nothing is missing."""
        return min((it.at_s for it in self._held.values()), default=None)

    def place(self, message: Arrived) -> PlaceInOrder:
        """Where it stands; it is held if it is too early, and counted if it is next."""
        seq = message.seq
        if seq is None:
            return PlaceInOrder.IMPOSSIBLE
        if seq == self._expected:
            self._count(seq, message.mark)
            return PlaceInOrder.NEXT
        if self._marks.get(seq) == message.mark:
            return PlaceInOrder.REPEATED
        held = self._held.get(seq)
        if held is not None:
            return PlaceInOrder.REPEATED if held.mark == message.mark else PlaceInOrder.IMPOSSIBLE
        if not has_room(self._held.values(), message):
            return PlaceInOrder.IMPOSSIBLE
        self._held[seq] = message
        return PlaceInOrder.HELD

    def released(self) -> Iterator[Arrived]:
        """Those that were held and are next now."""
        while (message := self._held.pop(self._expected, None)) is not None:
            self._count(self._expected, message.mark)
            yield message

    def _count(self, seq: int, mark: int) -> None:
        self._marks[seq] = mark
        self._expected = (seq + 1) % SEQUENCE
