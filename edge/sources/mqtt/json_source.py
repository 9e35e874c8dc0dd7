"""MQTT source for machines that publish JSON: each message's fields become readings.

Rules:

- A message is acknowledged only once all it gave is on disk; the broker keeps the rest.
- A message that the broker repeats (it did not get our acknowledgement) is not handed over
  twice within one run of the agent.
- A retained message is old news: it confirms no life, and without a time of its own it is
  kept as a rejection, never stamped with the time of its arrival.
- What is no JSON, or lacks a field, is kept as a rejection with its reason.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NoReturn

import structlog

from device_profiles.model.addresses import MISSING, MqttAddress
from domain.samples import Quality
from edge.sources.mqtt.client import HELD_MAX, Message, MqttClient
from edge.sources.mqtt.settings import MqttSettings
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkError

_log = structlog.get_logger(__name__)

REMEMBERED_MAX = 10 * HELD_MAX  # messages of which a repetition is recognised


class MqttLink:
    """The `Link` (see `runner`) of one machine."""

    def __init__(
        self,
        settings: MqttSettings,
        addresses: Sequence[MqttAddress],
        reporter: Reporter,
        client_id: str,
    ) -> None:
        self._settings = settings
        self._reporter = reporter
        self._client_id = client_id
        self._client: MqttClient | None = None
        self._connected_before = False
        self._by_topic: dict[str, list[MqttAddress]] = {}
        for address in addresses:
            parts = [part for part in (settings.topic, address.topic_suffix) if part]
            self._by_topic.setdefault("/".join(parts), []).append(address)
        self._handed_over: OrderedDict[tuple[int, str, bytes], None] = OrderedDict()

    async def connect(self) -> None:
        await self.close()
        self._client = MqttClient(self._settings, self._client_id, self._reporter.now)
        kept = await self._client.connect()
        if self._connected_before and not kept:
            _log.warning(
                "the broker has forgotten our session: messages published meanwhile are lost",
                broker=self._settings.broker,
            )
        self._connected_before = True

    async def subscribe(self) -> None:
        refused = await self._open_client.subscribe(tuple(self._by_topic))
        for topic, addresses in self._by_topic.items():
            for address in addresses:
                if topic in refused:
                    self._reporter.address_failed(address.key, refused[topic])
                else:
                    self._reporter.address_works(address.key)
        if len(refused) == len(self._by_topic):
            raise LinkError(next(iter(refused.values()), "there is nothing to subscribe to"))

    async def listen(self) -> None:
        client = self._open_client
        while True:
            messages = await client.next(HELD_MAX)
            for message in messages:
                await self._reporter.sink.ready()
                self._take(message)
            await self._reporter.sink.flushed()
            for message in messages:
                client.acknowledge(message)
                client.taken(message)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
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
        if message.qos > 0:
            known = (message.number, message.topic, message.payload)
            if message.again and known in self._handed_over:
                self._reporter.repeated()
                return
            self._handed_over[known] = None
            if len(self._handed_over) > REMEMBERED_MAX:
                self._handed_over.popitem(last=False)
        addresses = self._by_topic.get(message.topic)
        if addresses is None:
            return  # of a subscription that an earlier configuration left in the session
        self._read(message, addresses)
        if not message.retained:
            self._reporter.heard(message.received)

    def _read(self, message: Message, addresses: Sequence[MqttAddress]) -> None:
        try:
            document = json.loads(message.payload, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            self._reporter.rejection(
                addresses[0].topic_suffix,
                message.payload.decode("utf-8", "backslashreplace"),
                None,
                message.received,
                f"the message is no JSON: {error}",
            )
            return
        for address in addresses:
            self._read_field(message, address, document)

    def _read_field(self, message: Message, address: MqttAddress, document: Any) -> None:
        value = address.value(document)
        time = address.source_time(document)
        if value is MISSING:
            if not address.optional:
                text = message.payload.decode("utf-8", "backslashreplace")
                why = f"the message has no field '{address.field}'"
                self._reporter.rejection(address.key, text, time, message.received, why)
        elif message.retained and time is None:
            why = "a retained message without a time of its own: its age is unknown"
            self._reporter.rejection(address.key, value, None, message.received, why)
        else:
            self._reporter.reading(address.key, value, time, message.received, Quality.GOOD)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not allowed")
