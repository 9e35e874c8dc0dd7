"""What people would see of a plant under load: how late a count shows, how long pages take.

Counts are heard from the broker, as the agents hear them, with the machine's own time; and looked
for in live JSON and in KPI rows until they show (as in page_lag.py, asking included). Pages are
asked for in turns with them, over a connection of their own.
"""

from __future__ import annotations

import http.client
import json
import math
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import paho.mqtt.client as mqtt
from live_feeder import now_us
from page_data import MILESTONE, PROJECT
from page_lag import Watched
from page_requests import Client
from paho.mqtt.enums import CallbackAPIVersion
from plant_machines import COUNT_FIELD, SUFFIX, TIME_FIELD, line_topic

from domain.time import instant

POLL_S = 0.25
PAGE_EVERY_S = 2.0
WAIT_S = 20.0  # for an answer; then it counts as none
_HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Seen:
    """Seconds from a machine's own time to first sight, of each count that showed and of the oldest
    that did not, in live JSON and in KPI rows; seconds of each page asked for, by its name."""

    live_s: tuple[float, ...]
    kpis_s: tuple[float, ...]
    pages_s: dict[str, tuple[float, ...]]


@dataclass
class _Line:
    """One line that is looked at. `live` and `kpis` are there once its count was heard."""

    name: str
    count: float = -1
    live: Watched | None = None
    kpis: Watched | None = None
    base: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def heard(self, at_us: int, count: float) -> None:
        """A count; only what is more than the one before can be told from it."""
        with self.lock:
            if count <= self.count:
                return
            self.count = count
            if self.live is None or self.kpis is None:
                self.base = count
                times = {"start": instant(at_us), "end": instant(at_us + _HOUR_US)}
                asked = urlencode({name: at.isoformat() for name, at in times.items()})
                path = f"/api/v1/lines/{self.name}"
                self.live = Watched(path, "total_counter", [])
                self.kpis = Watched(f"{path}/kpis?{asked}", "total_count", [])
                return
            self.live.readings.append((at_us, count))
            self.kpis.readings.append((at_us, count - self.base))


class Probe:
    """Looks at some lines and pages from a thread of its own, from `begin` to `end`."""

    def __init__(self, lines: Sequence[str], node_port: int) -> None:
        self._lines = [_Line(name) for name in lines]
        self._port = node_port
        self._of_topic = {f"{line_topic(it.name)}/{SUFFIX}": it for it in self._lines}
        self._pages = {
            "floor": "/floor",
            "line page": f"/lines/{lines[0]}",
            "grant page": f"/grants/{PROJECT}",
            "milestone page": f"/grants/{PROJECT}/{MILESTONE}",
        }
        self._taken: dict[str, list[float]] = {}
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failed: list[str] = []  # what the node answered instead

    def listen(self, client: mqtt.Client) -> None:
        """Hear the counts of the lines."""
        client.on_message = self._message
        client.subscribe([(topic, 1) for topic in self._of_topic])

    def _message(self, _: Any, __: Any, message: mqtt.MQTTMessage) -> None:
        said = json.loads(message.payload)
        if COUNT_FIELD in said:
            self._of_topic[message.topic].heard(said[TIME_FIELD] * 1000, said[COUNT_FIELD])

    def begin(self) -> None:
        """Look and ask once for nothing, since the first time takes longer; then count."""
        self._stop.clear()
        client = Client(self._port, wait_s=WAIT_S)
        for path in (*self._pages.values(), *(it.path for it in self._watched())):
            self._asked(client, path)
        client.close()
        self._taken = {name: [] for name in self._pages}
        for watched in self._watched():
            watched.readings.clear()
            watched.lags_s.clear()
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._look, self._ask_pages)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> Seen:
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * WAIT_S)
        pages = {name: tuple(taken) for name, taken in self._taken.items()}
        return Seen(
            self._lags([it.live for it in self._lines]),
            self._lags([it.kpis for it in self._lines]),
            pages,
        )

    def _asked(self, client: Client, path: str) -> float:
        """Seconds of one request; infinite where no answer came."""
        try:
            return client.seconds(path)
        except (SystemExit, OSError, http.client.HTTPException) as error:
            self.failed.append(f"{path}: {error}")
            client.connect_anew()
            return math.inf

    def _look(self) -> None:
        client = Client(self._port, wait_s=WAIT_S)
        while not self._stop.is_set():
            for watched in self._watched():
                try:
                    watched.look(client)
                except (SystemExit, OSError, http.client.HTTPException) as error:
                    self.failed.append(f"{watched.path}: {error}")
                    client.connect_anew()
            self._stop.wait(POLL_S)
        client.close()

    def _ask_pages(self) -> None:
        client = Client(self._port, wait_s=WAIT_S)
        while not self._stop.is_set():
            for name, path in self._pages.items():
                if not self._stop.is_set():
                    self._taken[name].append(self._asked(client, path))
                    self._stop.wait(PAGE_EVERY_S / len(self._pages))
        client.close()

    def _watched(self) -> Iterator[Watched]:
        for line in self._lines:
            for it in (line.live, line.kpis):
                if it is not None:
                    yield it

    def _lags(self, watched: Sequence[Watched | None]) -> tuple[float, ...]:
        found: list[float] = []
        for it in watched:
            if it is None:
                continue
            found += it.lags_s
            if it.readings:
                found.append((now_us() - it.readings[0][0]) / 1e6)
        return tuple(found)


@contextmanager
def probing(lines: Sequence[str], node_port: int, broker_port: int) -> Iterator[Probe]:
    """A probe that hears the lines for the length of the block."""
    probe = Probe(lines, node_port)
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="probe")
    client.connect("127.0.0.1", broker_port)
    client.loop_start()
    try:
        probe.listen(client)
        yield probe
    finally:
        client.disconnect()
        client.loop_stop()


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which that part of them lies, the highest of few; nan without any."""
    if not values:
        return math.nan
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]
