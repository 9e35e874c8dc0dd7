"""MQTT source for machines that publish JSON: each message's fields become readings.

Rules:

- A message is acknowledged only once all it gave is on disk; the broker keeps the rest.
- A message that the broker repeats (it did not get our acknowledgement) is not handed over
  twice within one run of the agent, nor after one that kept what it had taken (`known`).
- A retained message is old news: it confirms no life, and without a time of its own it is
  kept as a rejection, never stamped with the time of its arrival. A heartbeat may say that the
  machine is gone, though.
- What is no JSON, or lacks a field, is kept as a rejection with its reason.
- A message confirms the machine only if something of it can be used: whoever decodes it decides.
  One that was held up does so up to when it was said, by its values' own times (see `transit`),
  and never from before its connection stood: of the time without one, what was kept may be a part.
- What a broken connection missed is known as far as what the broker kept says so (`kept_messages`).
- Of a topic from which nothing comes it is told, from time to time, which topics there are near it.
- What costs no value but must be known (a time that cannot be read, elements of a list that nobody
  reads) is a rejection when it begins and once an hour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from pathlib import Path

import structlog

from device_profiles.model.addresses import MqttAddress
from device_profiles.model.selectors import MISSING
from domain.samples import Quality
from domain.source_faults import FaultCode
from edge.sources.history import HistoryPart
from edge.sources.mqtt.client import (
    HELD_MAX,
    UNACKNOWLEDGED_MAX,
    Message,
    MqttClient,
    is_refusal,
    reason_status,
)
from edge.sources.mqtt.fields import FieldValue
from edge.sources.mqtt.kept_messages import KeptMessages
from edge.sources.mqtt.kept_subscriptions import KeptSubscriptions
from edge.sources.mqtt.known_messages import KnownMessages, known_as
from edge.sources.mqtt.payload import TOO_LARGE
from edge.sources.mqtt.settings import MqttSettings
from edge.sources.mqtt.topic_filters import TopicAddresses, covers, fixed_part, subscriptions
from edge.sources.mqtt.topic_readers import TopicReaders
from edge.sources.mqtt.topics_there import topics_there
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkError
from edge.sources.transit import Transit

_log = structlog.get_logger(__name__)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

LOOK_AGAIN_S = 60.0
LOOK_SELDOM_S = 600.0  # from the third time on
_SEVERAL_TOPICS = (
    "two topics match the wildcard: name one, or say 'any_topic' if both are of this value"
)


class MqttLink:
    """The `Link` (see `runner`) of one machine."""

    def __init__(
        self,
        settings: MqttSettings,
        addresses: Sequence[MqttAddress],
        reporter: Reporter,
        client_id: str,
        *,
        look_after_s: float,
        lasts: bool = True,
        known: KnownMessages | None = None,
        subscriptions_file: Path | None = None,
    ) -> None:
        self._settings = settings
        self._reporter = reporter
        self._client_id = client_id
        self._look_after_s = look_after_s  # that a topic was silent
        self._lasts = lasts  # the broker keeps our session while we are away
        self._client: MqttClient | None = None
        self._reading: asyncio.Task[None] | None = None
        self._connected_before = False
        self._by_topic: dict[str, list[MqttAddress]] = {}
        for address in addresses:
            self._by_topic.setdefault(settings.below(address.topic_suffix), []).append(address)
        self._read_of = TopicAddresses(self._by_topic)
        self._readers = TopicReaders(settings.levels_below)
        self._subscriptions = KeptSubscriptions(subscriptions_file if lasts else None)
        self._known = KnownMessages() if known is None else known
        self._kept = KeptMessages(timedelta(seconds=look_after_s), settings.broker_keeps)
        self._times: list[datetime | None] = []  # of a message that may have been kept: its values'
        self._stands_since = _LONG_AGO  # the connection
        self._transit = Transit()
        self._said: datetime | None = None  # a message, by the newest of its values' times
        self._time_of: dict[str, datetime] = {}  # by address key, of the value before
        self._may_look = True
        self._silent = set(self._by_topic)  # topics, or filters, of which nothing has come so far

    async def connect(self) -> None:
        await self.close()
        self._client = MqttClient(
            self._settings, self._client_id, self._reporter.now, lasts=self._lasts
        )
        kept = await self._client.connect()
        self._stands_since = self._reporter.now()
        self._kept.resumed(self._stands_since, has_session=kept)
        if self._connected_before and not kept:
            _log.warning(
                "the broker has forgotten our session: messages published meanwhile are lost",
                broker=self._settings.broker,
            )
        self._connected_before = True

    async def subscribe(self) -> None:
        # What the broker kept for us comes first, and its answer behind it: both are read.
        self._reading = asyncio.create_task(self._read_on(self._open_client))
        wanted = subscriptions(self._by_topic)
        left = self._subscriptions.read()  # by a profile before, in a session that lasts
        self._subscriptions.write(left.union(wanted))
        await self._open_client.unsubscribe(sorted(left.difference(wanted)))
        self._subscriptions.write(wanted)
        refused = await self._open_client.subscribe(wanted)
        for topic, addresses in self._by_topic.items():
            code = next((refused[it] for it in wanted if it in refused and covers(it, topic)), None)
            for address in addresses:
                if code is not None:
                    why, status = _refused(code)
                    self._reporter.address_failed(address.key, why, status)
                else:
                    self._reporter.address_works(address.key)
        if len(refused) == len(wanted):
            topic, code = next(iter(refused.items()))
            why, status = _refused(code)
            raise LinkError(f"{topic}: {why}", fault=FaultCode.SUBSCRIPTION_REFUSED, status=status)

    async def listen(self) -> None:
        if self._reading is None:
            raise LinkError("not subscribed")
        looking = asyncio.create_task(self._look_around())
        try:
            await self._reading
        finally:
            looking.cancel()
            (ended,) = await asyncio.gather(looking, return_exceptions=True)
            if isinstance(ended, Exception):
                _log.error("looking around failed", why=repr(ended))

    async def _read_on(self, client: MqttClient) -> None:
        """The disk is not waited for between messages, but only so many may wait for it."""
        room = asyncio.Semaphore(UNACKNOWLEDGED_MAX)
        taken: asyncio.Queue[int] = asyncio.Queue()  # bounded by `room`
        acknowledging = asyncio.create_task(self._acknowledge_on(client, taken, room))
        try:
            while True:
                for message in await client.next(HELD_MAX):
                    await self._reporter.sink.ready()
                    self._take(message)
                    client.taken(message)
                    if message.qos > 0:
                        await room.acquire()
                        taken.put_nowait(message.number)
        finally:
            acknowledging.cancel()

    async def _acknowledge_on(
        self, client: MqttClient, taken: asyncio.Queue[int], room: asyncio.Semaphore
    ) -> None:
        """Messages in the order in which they came (MQTT 5, 4.6), once they are on disk."""
        while True:
            numbers = [await taken.get()]
            while not taken.empty():
                numbers.append(taken.get_nowait())
            await self._reporter.sink.flushed()
            for number in numbers:
                client.acknowledge(number)
                room.release()

    async def _look_around(self) -> None:
        """While something is silent, tell what there is instead; ends when nothing is, or when the
        broker does not let us look. Then it is not asked again."""
        if not self._may_look:
            return
        for pause_s in chain((self._look_after_s, LOOK_AGAIN_S), repeat(LOOK_SELDOM_S)):
            await asyncio.sleep(pause_s)
            silent = [it for it in self._by_topic if it in self._silent and self._matters(it)]
            silent = [it for it in silent if fixed_part(it)]
            if not silent:
                return
            is_heard = len(self._silent) < len(self._by_topic)
            try:
                near = {it: fixed_part(it) for it in silent}
                there = await topics_there(
                    self._settings,
                    f"{self._client_id}-look",
                    list(dict.fromkeys(near.values())),
                    set(self._by_topic),
                    self._reporter.now,
                    near_only=is_heard,
                )
            except LinkError as error:
                _log.info("cannot look around at the broker", why=str(error))
                self._may_look = not is_refusal(error.status)
                return
            for topic in silent:
                if topic in self._silent:
                    for address in self._by_topic[topic]:
                        self._reporter.address_silent(address.key, there[near[topic]])

    def _matters(self, topic: str) -> bool:
        return not all(address.optional for address in self._by_topic[topic])

    async def close(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        client, self._client = self._client, None
        if client is not None:
            self._kept.lost()
            await client.close()

    async def end(self) -> None:
        await self.close()

    @property
    def _open_client(self) -> MqttClient:
        if self._client is None:
            raise LinkError("not connected")
        return self._client

    def _take(self, message: Message) -> None:
        """Hand over what a message holds, once."""
        known = ""
        if message.qos > 0:
            known = known_as(message.number, message.topic, message.payload)
            if message.again and known in self._known:
                self._reporter.repeated()
                return
            self._known.add(known)
        by_filter = self._read_of[message.topic]
        if not by_filter:
            return  # of a subscription that an earlier configuration left in the session
        for topic, addresses in by_filter.items():
            if topic in self._silent:
                self._silent.remove(topic)
                for address in addresses:
                    self._reporter.address_works(address.key)
        meant = self._of_one_topic(message)
        self._said = None
        self._read(message, meant)
        self._reporter.taken(known)
        if not message.retained:
            until = self._transit.shows_until(self._said, message.received)
            # What was said before may be one of many, of which the broker kept no other.
            is_used = self._reporter.came(message.received, until=max(until, self._stands_since))
            self._tell_kept(message, until if is_used else None)
        elif any(address.plain for address in meant):
            self._reporter.came(message.received)

    def _tell_kept(self, message: Message, shown_until: datetime | None) -> None:
        """What its own time, and those of the ones before it, say of a time without connection."""
        times, self._times = self._times, []
        parts = self._kept.came(message.qos, times, message.received, shown_until)
        if parts and all(self._reporter.history(HistoryPart((), (), it)) for it in parts):
            self._reporter.filled()

    def _of_one_topic(self, message: Message) -> list[MqttAddress]:
        """The addresses that the message gives values of. Where two topics match a wildcard, nobody
        knows which one is meant."""
        meant: list[MqttAddress] = []
        for addresses in self._read_of[message.topic].values():
            for address in addresses:
                if self._read_of.is_meant(address, message.topic):
                    meant.append(address)
                    continue
                self._reporter.rejection_at_times(
                    address.key, message.topic, message.received, _SEVERAL_TOPICS
                )
                self._reporter.unreadable(address.key, message.received)
        return meant

    def _read(self, message: Message, addresses: Sequence[MqttAddress]) -> None:
        reader = self._readers.of(message.topic, addresses)
        for form in reader.forms:
            try:
                if message.is_cut:
                    raise ValueError(TOO_LARGE)
                document = form.document(message.payload)
            except ValueError as error:
                self._reporter.rejection(
                    "/".join(reader.levels), _text(message), None, message.received, str(error)
                )
                for address in form.addresses:
                    self._reporter.unreadable(address.key, message.received)
                continue
            for pointer, count in form.fields.unread_elements(document).items():
                self._reporter.rejection_at_times(
                    f"{form.addresses[0].topic_suffix}#{pointer}",
                    f"{count} elements",
                    message.received,
                    "a list of timed values has elements that the profile does not read:"
                    " use 'each'",
                )
            for field in form.fields.found(document, message.received, reader.levels):
                self._hand_over(message, field)

    def _hand_over(self, message: Message, field: FieldValue) -> None:
        address, key = field.address, field.address.key
        if field.value is MISSING:
            if not address.optional:
                why = f"the message has no field '{address.each or ''}{address.field}'"
                self._reporter.rejection(key, _text(message), field.time, message.received, why)
                self._reporter.unreadable(key, message.received)
            return
        if message.retained and field.time is None and not address.plain:
            why = "a retained message without a time of its own: its age is unknown"
            self._reporter.rejection(key, field.value, None, message.received, why)
            return
        if self._kept.is_open and not message.retained and not address.plain:
            self._times.append(field.time)
        if field.time is not None and field.time != self._time_of.get(key):  # else it is repeated
            self._time_of[key] = field.time
            self._said = max(field.time, self._said or field.time)
        if field.time_unread:
            why = f"no time can be read at '{address.time_field}': the value stands at its receipt"
            self._reporter.rejection_at_times(key, field.value, message.received, why)
        if not field.is_quality_known:
            why = "the quality is none that the profile knows: the value is bad"
            self._reporter.rejection_at_times(key, field.quality_word, message.received, why)
        self._reporter.reading(
            key,
            field.value,
            field.time,
            message.received,
            field.quality,
            status=field.quality_word if field.quality is Quality.BAD else "",
            is_news=not message.retained,
        )


def _refused(code: int) -> tuple[str, str]:
    """Why a subscription is refused, and the status."""
    return f"the broker refuses the subscription (reason code {code})", reason_status(code)


def _text(message: Message) -> str:
    return message.payload.decode("utf-8", "backslashreplace")
