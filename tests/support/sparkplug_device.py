"""A Sparkplug B edge node with one device, on paho: it counts, and is born again when asked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as mqtt
from peers import PATIENCE_S
from sparkplug_messages import death_metric, metric, payload

from edge.sources.sparkplug.topics import NAMESPACE, REBIRTH

GROUP, NODE, DEVICE = "plant", "line-1", "capper"
_SEQUENCE = 256


class SparkplugDevice:
    """`truth`: every value that its counter had, with its time, in order."""

    def __init__(self) -> None:
        self.truth: list[tuple[datetime, float]] = []
        self.rebirths = 0
        self._lock = threading.Lock()  # paho's thread asks for rebirths
        self._seq = 0
        self._ready = threading.Event()
        self._client = mqtt.Client(
            mqtt.CallbackAPIVersion.VERSION2, client_id=f"{GROUP}-{NODE}", protocol=mqtt.MQTTv311
        )
        self._client.on_connect = self._connected
        self._client.on_message = self._asked

    def start(self, port: int) -> None:
        will = payload(death_metric(0))
        self._client.will_set(self._topic("NDEATH"), will.SerializeToString(), 1)
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._ready.wait(PATIENCE_S)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def count(self) -> None:
        """One more than before, now."""
        with self._lock:
            self.truth.append((_now(), len(self.truth) + 1.0))
            self._publish("DDATA", [self._metric()], DEVICE)

    def _metric(self, name: str | None = None) -> dict[str, Any]:
        """The counter as it is, by its alias alone where it has no name."""
        at, value = self.truth[-1]
        return metric(name, int(value), "UInt32", timestamp=_ms(at), alias=2)

    def _be_born(self) -> None:
        self._seq = 0
        rebirth = metric(REBIRTH, False, "Boolean")
        self._publish("NBIRTH", [death_metric(0), rebirth])
        self._publish("DBIRTH", [self._metric("Counters/Good")], DEVICE)

    def _publish(self, kind: str, metrics: list[dict[str, Any]], device: str = "") -> None:
        said = payload(*metrics, timestamp=_ms(_now()), seq=self._seq)
        self._seq = (self._seq + 1) % _SEQUENCE
        self._client.publish(self._topic(kind, device), said.SerializeToString())

    def _topic(self, kind: str, device: str = "") -> str:
        return "/".join([NAMESPACE, GROUP, kind, NODE, *([device] if device else [])])

    def _connected(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe(self._topic("NCMD"))
        with self._lock:
            if not self.truth:
                self.truth.append((_now(), 1.0))
            self._be_born()
        self._ready.set()

    def _asked(self, *_: object) -> None:
        with self._lock:
            self.rebirths += 1
            self._be_born()


@contextlib.contextmanager
def sparkplug_device(port: int) -> Iterator[SparkplugDevice]:
    """The device for the length of the block, at the broker on that port."""
    made = SparkplugDevice()
    made.start(port)
    try:
        yield made
    finally:
        made.stop()


def _now() -> datetime:
    """In whole milliseconds, as Sparkplug tells times."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
