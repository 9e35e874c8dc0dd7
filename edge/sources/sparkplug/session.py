"""What an edge node says, as far as it may be believed: births, deaths and the order between. Pure.

One object for one node; it watches the node's own metrics, or those of one of its devices. Messages
go in as they arrive, and what they mean goes to a `Listener`. Rules (Sparkplug 3.0, chapters 5, 6):

- Nothing is known before a birth, nor after a death. What a message says counts if it stands in the
  order of its session; a gap that is not filled in time ends the session: all is unknown until the
  next birth, for which the node is asked.
- An NDEATH counts if it has the bdSeq of the present NBIRTH. Of a session before it is ignored. One
  of a later session overtook its NBIRTH: it ends that as soon as it comes, and until then it shows
  that the present session is over.
- MQTT keeps the order of each topic alone, so messages may come before the NBIRTH that they follow.
  They are kept for a moment and taken if the NBIRTH fits: by number, and no older than it by the
  node's own clock.
- What is older by the node's own clock than something that was used a moment before is not taken:
  it is of a session before. After that moment it is a clock that was set back; and where nothing
  else comes in the place of what was refused so, the node's clock does not tell the order.
- An NBIRTH takes the place of all that was before. What came last before it may be missing, so the
  time between is unknown.

    WAITING ── NBIRTH ──→ IN SESSION ── NDEATH, gap, unknown alias, connection lost ──→ WAITING
                              │  ↑
                              └──┘ in order
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from edge.sources.sparkplug.births import Birth, UnknownAliasError, bd_seq
from edge.sources.sparkplug.metrics import MetricValue
from edge.sources.sparkplug.order import SEQUENCE, Arrived, Order, PlaceInOrder, has_room
from edge.sources.sparkplug.plain_metrics import PlainValues
from edge.sources.sparkplug.topics import MessageType

_BIRTHS_REMEMBERED = 16
NOT_BORN = "data before a birth: it is not known whether they hold"
EARLIER = "a message that is older than what came before it"
NO_BIRTH_OF_DEVICE = "data of a device before its birth: it is not known whether they hold"


class Listener(Protocol):
    """Who is told. All of it happens in the order of the calls."""

    def born(self, birth: Birth) -> None:
        """The values of what is watched follow."""
        ...

    def values(self, values: Sequence[MetricValue], received: datetime) -> None: ...

    def plain_values(self, values: PlainValues, received: datetime) -> None:
        """The same of a message that says nothing but good values."""
        ...

    def in_order(self, at: datetime) -> None:
        """What is watched was alive at `at`, and all its changes from `born` to then are told."""
        ...

    def died(self, received: datetime) -> None:
        """A death certificate: nothing is known until it is born again."""
        ...

    def broken(self, why: str) -> None:
        """Something is missing: nothing is known from what was told last until `born`."""
        ...

    def refused(self, message: Arrived, why: str) -> None:
        """A message that is not used."""
        ...

    def unknown_names(self, names: Sequence[str], received: datetime) -> None:
        """Metrics that their birth does not have."""
        ...

    def repeated(self) -> None:
        """A message that came before."""
        ...

    def rebirth_wanted(self) -> None: ...

    def rebirth_came(self) -> None: ...


class NodeSession:
    """`device` None: the node's own metrics are watched. `wanted`: their names."""

    def __init__(
        self,
        device: str | None,
        wanted: Collection[str],
        listener: Listener,
        *,
        reorder_timeout_s: float,
    ) -> None:
        self._device = device
        self._wanted = frozenset(wanted)
        self._listener = listener
        self._moment_s = reorder_timeout_s
        self._order: Order | None = None  # None: waiting for a birth
        self._newest: Arrived | None = None  # what was used that was said last
        self._earlier: set[int | None] = set()  # numbers of what was refused as EARLIER
        self._are_times_in_order = True
        self._out_of_time_s: float | None = None  # when a message was, and yet was the next one
        self._born_ms = 0  # the node's time of the present NBIRTH
        self._bd_seq: int | None = None
        self._birth: Birth | None = None  # of what is watched
        self._early: deque[Arrived] = deque(maxlen=SEQUENCE)
        self._deaths: dict[int, float] = {}  # by bdSeq, when they came
        self._birth_marks: deque[int] = deque(maxlen=_BIRTHS_REMEMBERED)

    @property
    def is_known(self) -> bool:
        """Whether what is watched is alive, and its values hold."""
        return self._birth is not None

    @property
    def due_s(self) -> float | None:
        """When `tick` has something to do; None: not before the next message."""
        if self._order is not None:
            since_s = self._order.waits_since_s
        else:
            since_s = self._early[0].at_s if self._early else None
        return None if since_s is None else since_s + self._moment_s

    def take(self, message: Arrived) -> None:
        """A message, as it arrived."""
        if message.kind is MessageType.NBIRTH:
            self._take_birth(message)
        elif message.kind is MessageType.NDEATH:
            self._take_death(message)
        elif self._order is None:
            self._keep_early(message)
        else:
            self._take_after_birth(message, self._order)

    def _keep_early(self, message: Arrived) -> None:
        if has_room(self._early, message):
            self._early.append(message)
        else:
            self._listener.refused(message, NOT_BORN)

    def tick(self, now_s: float) -> None:
        """Time has gone by: what was waited for in vain is missing."""
        due_s = self.due_s
        if due_s is None or now_s < due_s:
            return
        if self._order is not None:
            if self._order.expected in self._earlier:
                self._are_times_in_order = False
            self.fail(f"message {self._order.expected} of the edge node is missing")
            return
        for message in self._early:
            self._listener.refused(message, NOT_BORN)
        self._early.clear()
        self._listener.rebirth_wanted()

    def fail(self, why: str) -> None:
        """What the node said is not known to hold any more: a message is missing, or cannot be
        read."""
        was_known = self.is_known
        self._end()
        if was_known:
            self._listener.broken(why)
        self._listener.rebirth_wanted()

    def disconnected(self) -> None:
        """Our own connection is gone, and whatever was said meanwhile."""
        self._end()
        self._early.clear()
        self._deaths.clear()

    def _end(self) -> None:
        held = self._order.held if self._order is not None else ()
        self._order, self._birth, self._bd_seq = None, None, None
        for message in held:  # it may be of the session that comes
            self._keep_early(message)
        self._earlier.clear()

    # births and deaths

    def _take_birth(self, message: Arrived) -> None:
        if message.mark in self._birth_marks:
            self._listener.repeated()
            return
        seq = message.seq
        if seq is None:
            self.fail("an NBIRTH without a sequence number")
            return
        if self._is_earlier(message):
            self._listener.refused(message, EARLIER)
            self.fail("an NBIRTH that is older than the one before it")
            return
        was_known = self.is_known
        self._end()
        early = list(self._early)
        self._early.clear()
        if was_known:
            self._listener.broken("the edge node was born anew: what came before may be missing")
        self._birth_marks.append(message.mark)
        self._newest = message
        self._born_ms = message.payload.timestamp
        self._bd_seq = bd_seq(message.payload)
        self._order = Order(seq)
        self._listener.rebirth_came()
        if self._device is None:
            self._be_born(message)
        if self._has_died(message):
            self._die(message)
            self._listener.rebirth_wanted()  # some nodes have the same number in every session
            return
        for one in early:
            self._adopt(one, message)

    def _adopt(self, early: Arrived, birth: Arrived) -> None:
        """Take a message that came before the NBIRTH, if it is sure to follow it."""
        time, born = early.payload.timestamp, birth.payload.timestamp
        is_later = time > born or (time == born and early.kind is MessageType.DBIRTH)
        if born and is_later and birth.at_s - early.at_s <= self._moment_s:
            if self._order is not None:
                self._take_after_birth(early, self._order)
        else:
            self._listener.refused(early, NOT_BORN)

    def _is_earlier(self, message: Arrived) -> bool:
        """Whether something was used a moment ago that the node said after it, by its clock."""
        newest = self._newest
        return (
            self._are_times_in_order
            and newest is not None
            and 0 < message.payload.timestamp < newest.payload.timestamp
            and message.at_s - newest.at_s <= self._moment_s
        )

    def _take_death(self, message: Arrived) -> None:
        number = bd_seq(message.payload)
        if self._order is not None and number == self._bd_seq:
            self._die(message)
            return
        if number is not None:  # it may have overtaken the birth of its session
            self._deaths[number % SEQUENCE] = message.at_s
        if self._order is None:
            return
        if number is None or self._bd_seq is None:
            self._listener.refused(message, "an NDEATH without bdSeq, or of an NBIRTH without")
            self.fail("an NDEATH that does not say which session has ended")
        elif (number - self._bd_seq) % SEQUENCE < SEQUENCE // 2:
            self.fail("an NDEATH of a session after the present one")

    def _has_died(self, birth: Arrived) -> bool:
        if self._bd_seq is None:
            return False
        at_s = self._deaths.pop(self._bd_seq % SEQUENCE, None)
        return at_s is not None and birth.at_s - at_s <= self._moment_s

    def _die(self, message: Arrived) -> None:
        self._end()
        self._listener.died(message.received)

    def _be_born(self, message: Arrived) -> None:
        self._birth = Birth(message.payload, self._wanted)
        self._listener.born(self._birth)
        self._read(message, self._birth)

    # what comes in turn

    def _take_after_birth(self, message: Arrived, order: Order) -> None:
        if not self._is_earlier(message):
            self._take_in_turn(message, order)
        elif message.payload.timestamp < self._born_ms:  # of a session before
            self._earlier.add(message.seq)
            self._listener.refused(message, EARLIER)
        elif self._place_out_of_time(message, order) is not PlaceInOrder.REPEATED:
            self.fail("a message that is older than one before it")
            self._keep_early(message)

    def _place_out_of_time(self, message: Arrived, order: Order) -> PlaceInOrder:
        """Where a message stands that by its time is of a session which was never born for us. If
        it is the next one again and again, the node's clock does not tell the order."""
        if message.seq != order.expected:
            return order.place(message)
        first_s = self._out_of_time_s
        if first_s is not None and message.at_s - first_s > self._moment_s:
            self._are_times_in_order = False
        self._out_of_time_s = message.at_s if first_s is None else first_s
        return PlaceInOrder.NEXT

    def _take_in_turn(self, message: Arrived, order: Order) -> None:
        place = order.place(message)
        if place is PlaceInOrder.REPEATED:
            self._listener.repeated()
        elif place is PlaceInOrder.IMPOSSIBLE:
            self.fail("a message that stands nowhere in the order")
            self._keep_early(message)
        elif place is PlaceInOrder.NEXT:
            self._use(message)
            for held in order.released():
                if self._order is not order:  # what was used has ended the session
                    return
                if self._is_earlier(held):
                    self.fail("a message that is older than one before it")
                    return
                self._use(held)

    def _use(self, message: Arrived) -> None:
        if self._newest is None or message.payload.timestamp >= self._newest.payload.timestamp:
            self._newest = message
        if message.device == self._device:
            if message.kind is MessageType.DBIRTH:
                self._be_born(message)
                return
            if message.kind is MessageType.DDEATH:
                self._birth = None
                self._listener.died(message.received)
                return
            if self._birth is None:
                self._listener.refused(message, NO_BIRTH_OF_DEVICE)
                self._listener.rebirth_wanted()
                return
            self._read(message, self._birth)
        elif self._birth is not None:
            self._listener.in_order(message.shows_until)

    def _read(self, message: Arrived, birth: Birth) -> None:
        plain = birth.read_plain(message.payload)
        if plain is not None:
            self._listener.plain_values(plain, message.received)
            self._listener.in_order(message.shows_until)
            return
        try:
            values, unknown = birth.read(message.payload)
        except UnknownAliasError:
            self._listener.refused(message, "an alias that the birth does not have")
            self.fail("an alias that the birth does not have")
            return
        self._listener.values(values, message.received)
        if unknown:
            self._listener.unknown_names(unknown, message.received)
            self._listener.rebirth_wanted()
        self._listener.in_order(message.shows_until)
