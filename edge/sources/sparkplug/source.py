"""Sparkplug B source: one host application for the edge node of one machine.

What the node says is judged in `session`; here it is connected, told on and asked for.

Rules:

- The session at the broker does not last (Sparkplug 3.0, 5.2): what was said while we were away is
  not known, so after each connect the node is asked for its births.
- A node tells all changes, so each message in order confirms the machine, whatever it says. After
  a silence that was longer than the machine may be silent it confirms the silence too: nothing
  changed and nothing was missed. Until then the silence is unknown: of a node that vanished the
  broker tells only after its keep-alive.
- A value of a birth may have held for long. When the next one comes, it is told once more as
  unchanged, for the moment of the birth: so what a counter adds then is not spread over time before
  anybody watched.
- A message that was held up on its way confirms the machine up to when it was said: what came
  after it may be lost with the connection (see `transit`).
- A death ends what is known at the last message in order.
- A retained message is old news and is not used. What is no payload is kept as a rejection with its
  topic and first bytes, and counts as a missing message.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from device_profiles.decoding.source_time import is_possible
from device_profiles.model.addresses import SparkplugAddress
from domain.samples import RAW_LENGTH_MAX, Quality
from domain.source_faults import FaultCode
from edge.sources.mqtt.client import HELD_MAX, Message, MqttClient, reason_status
from edge.sources.mqtt.payload import TOO_LARGE
from edge.sources.names import most_similar
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkError
from edge.sources.sparkplug.births import Birth, time_of
from edge.sources.sparkplug.definition import payload_of
from edge.sources.sparkplug.host import rebirth_request, says_offline, state
from edge.sources.sparkplug.metrics import MetricValue
from edge.sources.sparkplug.order import Arrived
from edge.sources.sparkplug.plain_metrics import PlainValues
from edge.sources.sparkplug.rebirths import Rebirths
from edge.sources.sparkplug.session import NodeSession
from edge.sources.sparkplug.settings import SparkplugSettings
from edge.sources.sparkplug.topics import MessageType, state_topic
from edge.sources.transit import Transit

_RETAINED = "a retained message: its age is unknown"


class SparkplugLink:
    """The `Link` (see `runner`) of one machine, and the listener of its node's session."""

    def __init__(
        self,
        settings: SparkplugSettings,
        addresses: Sequence[SparkplugAddress],
        reporter: Reporter,
        client_id: str,
        *,
        stale_after_s: float,
    ) -> None:
        self._settings = settings
        self._addresses = tuple(addresses)
        self._reporter = reporter
        self._client_id = client_id
        self._stale_after = timedelta(seconds=stale_after_s)
        self._client: MqttClient | None = None
        self._connected_at: datetime | None = None
        self._session = NodeSession(
            settings.device,
            [it.metric for it in addresses],
            self,
            reorder_timeout_s=settings.reorder_timeout_s,
        )
        self._rebirths = Rebirths(allowed=settings.rebirth_requests)
        self._transit = Transit()
        self._in_order_since: datetime | None = None  # the last message, since the present birth
        self._is_dead = False
        self._told: set[str] = set()  # metrics of which a value was told
        self._told_last: Sequence[str] = ()  # those of the last message
        self._born_at: datetime | None = None  # None: the values of a birth come next
        self._of_birth: dict[str, MetricValue] = {}  # of which nothing new has come since

    async def connect(self) -> None:
        await self.close()
        self._connected_at = self._reporter.now()
        host = self._settings.host_id
        self._client = MqttClient(
            self._settings.mqtt,
            self._client_id,
            self._reporter.now,
            lasts=False,
            will=None if host is None else state(host, self._connected_at, online=False),
        )
        await self._client.connect()

    async def subscribe(self) -> None:
        node, host = self._settings.node, self._settings.host_id
        own = () if host is None else (state_topic(host),)
        refused = await self._open_client.subscribe((*own, *node.filters))
        for topic, code in refused.items():
            raise LinkError(
                f"{topic}: the broker refuses the subscription (reason code {code})",
                fault=FaultCode.SUBSCRIPTION_REFUSED,
                status=reason_status(code),
            )
        self._say_online()
        self._rebirths.connected()
        self._rebirths.want()

    async def listen(self) -> None:
        client = self._open_client
        while True:
            for message in await self._next(client):
                await self._reporter.sink.ready()
                self._take(message)
                if message.qos > 0:
                    client.acknowledge(message.number)
                client.taken(message)
            self._session.tick(time.monotonic())
            if self._rebirths.ask(time.monotonic()):
                client.publish(rebirth_request(self._settings.node, self._reporter.now()))

    async def close(self) -> None:
        client, self._client = self._client, None
        self._session.disconnected()
        self._in_order_since, self._is_dead = None, False
        if client is not None:
            host = self._settings.host_id
            now = self._reporter.now()
            await client.close(None if host is None else state(host, now, online=False))

    async def end(self) -> None:
        await self.close()

    @property
    def _open_client(self) -> MqttClient:
        if self._client is None:
            raise LinkError("not connected")
        return self._client

    async def _next(self, client: MqttClient) -> Sequence[Message]:
        """Messages, or none once there is something to do without."""
        due = [it for it in (self._session.due_s, self._rebirths.due_s) if it is not None]
        wait_s = max(0.0, min(due) - time.monotonic()) if due else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                return await client.next(HELD_MAX)
        return ()

    def _say_online(self) -> None:
        host = self._settings.host_id
        if host is not None and self._connected_at is not None:
            self._open_client.publish(state(host, self._connected_at, online=True))

    def _take(self, message: Message) -> None:
        known = self._settings.node.parsed(message.topic)
        if known is None:
            if says_offline(message.payload):  # our own STATE: somebody says that we are gone
                self._say_online()
            return
        kind, device = known
        if message.retained:
            self._reject(message, _RETAINED)
            return
        try:
            if message.is_cut:
                raise ValueError(TOO_LARGE)
            payload = payload_of(message.payload)
        except ValueError as error:
            self._reject(message, str(error))
            self._session.fail(f"an {kind} that cannot be read")
            return
        said = time_of(payload.timestamp)
        if kind is MessageType.NDEATH:  # it was made when the node connected
            said = None
        self._session.take(
            Arrived(
                kind,
                device,
                payload,
                message.received,
                time.monotonic(),
                hash((message.topic, message.payload)),
                len(message.payload),
                self._transit.shows_until(said, message.received),
            )
        )

    def _reject(self, message: Message, why: str) -> None:
        raw = message.payload[:RAW_LENGTH_MAX].decode("utf-8", "backslashreplace")
        self._reporter.rejection(message.topic, raw, None, message.received, why)

    # what the session tells

    def born(self, birth: Birth) -> None:
        self._born_at = None
        self._of_birth.clear()
        if self._is_dead:
            self._is_dead = False
            self._reporter.connected()
        refused = birth.refused
        for address in self._addresses:
            name = address.metric
            if name in birth.names and name not in refused:
                self._reporter.address_works(address.key)
                continue
            if name in refused:
                self._reporter.address_failed(address.key, refused[name])
            elif not address.optional:
                there = most_similar(name, birth.names)
                self._reporter.address_failed(
                    address.key, f"the birth has no metric '{name}'", there=there
                )
            if name in self._told:
                now = self._reporter.now()
                self._reporter.reading(address.key, None, None, now, Quality.BAD)

    def values(self, values: Sequence[MetricValue], received: datetime) -> None:
        is_birth = self._born_at is None
        if is_birth:
            self._born_at = received
            self._of_birth = {it.name: it for it in values if not it.refusal}
        for it in values:
            if it.refusal:
                why = it.refusal
                self._reporter.rejection_at_times(it.name, it.value, received, why)
                if not it.is_current:
                    continue
            if not is_birth:
                self._tell_unchanged(it, received)
            self._told.add(it.name)
            self._reporter.reading(
                it.name, it.value, it.time, received, it.quality, status=it.status
            )

    def plain_values(self, values: PlainValues, received: datetime) -> None:
        names = values.names
        is_of_birth = self._of_birth and not self._of_birth.keys().isdisjoint(names)
        if self._born_at is None or is_of_birth:
            self.values(values.one_by_one(), received)
        elif names:
            if names != self._told_last:
                self._told_last = names
                self._told.update(names)
            self._reporter.readings(names, values.values, values.times_us, received)

    def _tell_unchanged(self, it: MetricValue, received: datetime) -> None:
        before, born_at = self._of_birth.pop(it.name, None), self._born_at
        if before is None or before.time is None or it.time is None or born_at is None:
            return
        time = it.time if is_possible(it.time, received, None) else received  # where it will stand
        if before.time < born_at < time:
            self._reporter.unchanged(it.name, before.value, born_at, before.quality)

    def in_order(self, at: datetime) -> None:
        before = self._in_order_since
        if before is not None and at <= before:
            return
        self._in_order_since = at
        if before is not None and at - before > self._stale_after:
            self._reporter.bridged(at)
        else:
            self._reporter.heard(at)

    def died(self, received: datetime) -> None:
        self._is_dead, self._in_order_since = True, None
        self._reporter.lost(
            f"{self._called} is offline: its death certificate came",
            FaultCode.MACHINE_OFFLINE,
        )

    def broken(self, why: str) -> None:
        self._in_order_since = None
        self._reporter.overflowed(f"{why}: the values of {self._called} are not known")

    def refused(self, message: Arrived, why: str) -> None:
        of = "the edge node" if message.device is None else f"device {message.device}"
        raw = f"seq {message.seq}, {len(message.payload.metrics)} metrics"
        about = f"{message.kind} of {of}"
        self._reporter.rejection_at_times(about, raw, message.received, why)

    def unknown_names(self, names: Sequence[str], received: datetime) -> None:
        for name in names:
            if any(name == it.metric for it in self._addresses):
                why = "a metric that the birth does not have"
                self._reporter.rejection_at_times(name, "", received, why)

    def repeated(self) -> None:
        self._reporter.repeated()

    def rebirth_wanted(self) -> None:
        self._rebirths.want()

    def rebirth_came(self) -> None:
        self._rebirths.came()

    @property
    def _called(self) -> str:
        node, device = self._settings.node, self._settings.device
        if device is None:
            return f"edge node {node.group}/{node.node}"
        return f"device {device} of edge node {node.group}/{node.node}"
