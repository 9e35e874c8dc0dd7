"""A simulated edge node that speaks Sparkplug B: births, data, death, and a rebirth when asked.

NBIRTH has sequence number 0 and all metrics, each NDATA the next number of 0 to 255; NDEATH is the
will and has the birth's bdSeq; an NCMD that makes `Node Control/Rebirth` true asks for a birth. A
node that waits for a host application is born when that says that it is online, and tells nothing
while it is not (Sparkplug 3.0, chapters 5 and 6). Each metric has the time at which it changed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from edge.sources.sparkplug.datatypes import NUMBERS
from edge.sources.sparkplug.definition import PayloadMessage, payload_of
from edge.sources.sparkplug.topics import NAMESPACE, REBIRTH, EdgeNode, MessageType, state_topic

_BD_SEQ = "bdSeq"
_SEQUENCE_NUMBERS = 256
_TYPES = {bool: ("Boolean", "boolean_value"), int: ("Int64", "long_value")} | {
    float: ("Double", "double_value"),
    str: ("String", "string_value"),
}


@dataclass(frozen=True, slots=True)
class Metric:
    """`us`: since when it has that value, microseconds since the epoch."""

    name: str
    value: bool | int | float | str
    us: int


class SparkplugNode:
    """`now_us` is its clock; `host`: for which it waits, empty for none.

    It speaks when its machine does, births included: so what a birth says is never older than what
    was told before it. `tell` is for one thread; the network has its own.
    """

    def __init__(
        self, broker_url: str, node: EdgeNode, now_us: Callable[[], int], *, host: str = ""
    ) -> None:
        self._node = node
        self._now_us = now_us
        address = urlsplit(broker_url)
        self._host, self._port = address.hostname or "127.0.0.1", address.port or 1883
        self._known: dict[str, Metric] = {}
        self._seq = 0
        self._state_topic = state_topic(host) if host else ""
        self._is_heard = threading.Event()  # the broker, and the host where it waits for one
        self._birth_wanted = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"demo-{node.node}")
        self._client.will_set(self._topic(MessageType.NDEATH), self._death(), qos=1)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_disconnect = lambda *_: self._is_heard.clear()

    def start(self) -> None:
        """Connect in the background; the client keeps trying by itself."""
        self._client.connect_async(self._host, self._port, keepalive=15)
        self._client.loop_start()

    def tell(self, metrics: Iterable[Metric]) -> None:
        """Publish what changed, or a birth with all metrics where one is wanted; what nobody would
        hear is kept for the birth."""
        told = list(metrics)
        self._known.update((it.name, it) for it in told)
        if not self._is_heard.is_set():
            return
        if self._birth_wanted.is_set():
            self._birth_wanted.clear()
            now_us = self._now_us()
            self._seq = 0
            own = [Metric(_BD_SEQ, 0, now_us), Metric(REBIRTH, False, now_us)]
            self._publish(MessageType.NBIRTH, [*own, *self._known.values()])
        elif told:
            self._seq = (self._seq + 1) % _SEQUENCE_NUMBERS
            self._publish(MessageType.NDATA, told)

    def stop(self) -> None:
        self._client.publish(self._topic(MessageType.NDEATH), self._death(), qos=1)
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(self, client: mqtt.Client, *_: Any) -> None:
        client.subscribe(self._node.command_topic, qos=1)
        if self._state_topic:
            client.subscribe(self._state_topic, qos=1)
        else:
            self._be_heard()

    def _on_message(self, _client: mqtt.Client, _: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic != self._state_topic:
            asked = payload_of(bytes(message.payload)).metrics
            if any(it.name == REBIRTH and it.boolean_value for it in asked):
                self._birth_wanted.set()
        elif json.loads(message.payload)["online"]:
            self._be_heard()
        else:
            self._is_heard.clear()

    def _be_heard(self) -> None:
        self._birth_wanted.set()
        self._is_heard.set()

    def _publish(self, kind: MessageType, metrics: Iterable[Metric]) -> None:
        payload = PayloadMessage(timestamp=self._now_us() // 1000, seq=self._seq)
        for it in metrics:
            _add(payload, it)
        self._client.publish(self._topic(kind), payload.SerializeToString(), qos=0)

    def _death(self) -> bytes:
        payload = PayloadMessage(timestamp=self._now_us() // 1000)
        _add(payload, Metric(_BD_SEQ, 0, self._now_us()))
        said: bytes = payload.SerializeToString()
        return said

    def _topic(self, kind: MessageType) -> str:
        return f"{NAMESPACE}/{self._node.group}/{kind}/{self._node.node}"


def _add(payload: Any, metric: Metric) -> None:
    datatype, field = _TYPES[type(metric.value)]
    payload.metrics.add(
        name=metric.name,
        timestamp=metric.us // 1000,
        datatype=NUMBERS[datatype],
        **{field: metric.value},
    )
