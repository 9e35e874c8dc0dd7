"""What the messages of an MQTT broker say in some seconds, field by field, for `profile draft`.

Sparkplug B has a way of its own to name values, told in births: of it only metrics with a name are
taken, and of which node or device they are. As in `mqtt_topics` the broker keeps nothing of us.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

from device_profiles.drafting.message_time import message_time
from device_profiles.drafting.seen import (
    TEXT,
    ChosenEntry,
    MessageTime,
    MetricPlace,
    Seen,
    SeenValue,
    TopicPlace,
)
from device_profiles.model.addresses import PayloadForm
from edge.browsing.csv_rows import csv_form, named_columns
from edge.browsing.entries import lists_of_entries, without_entries
from edge.browsing.found import leaves
from edge.browsing.moments import Moments
from edge.browsing.mqtt_topics import BROWSED_TOPICS_MAX, MORE_TOPICS, SPARKPLUG, listen
from edge.sources.base import Now
from edge.sources.mqtt.client import Message
from edge.sources.mqtt.payload import document_of, of_form
from edge.sources.mqtt.settings import MqttSettings
from edge.sources.sparkplug.datatypes import name_of, value_of
from edge.sources.sparkplug.definition import payload_of

_BIRTHS_AND_DATA = ("NBIRTH", "DBIRTH", "NDATA", "DDATA")
_LEVELS_MIN = 4  # namespace, group, message type, node
_METRICS_MAX = 2_000  # of one message


async def watched_broker(settings: MqttSettings, client_id: str, seconds: float, now: Now) -> Seen:
    """What came below the settings' topic in so many seconds.

    Where everything that came is Sparkplug B, it is told as that. Raises LinkError where the broker
    refuses or cannot be reached.
    """
    heard = _Heard(asyncio.get_running_loop().time)
    is_all = await listen(settings, client_id, seconds, now, heard.take)
    left_out = "" if is_all and not heard.fields.is_cut else MORE_TOPICS
    if heard.metrics.places and not heard.fields.places:
        values = [
            SeenValue(it, heard.kinds.get(it, ""), "", heard.metrics.of(it))
            for it in heard.metrics.places
        ]
        return Seen("sparkplug-b", seconds, values, left_out=left_out)
    values = [
        SeenValue(it, heard.kinds.get(it, ""), "", heard.fields.of(it))
        for it in heard.fields.places
    ]
    return Seen("mqtt-json", seconds, values, times=heard.times, left_out=left_out)


def _is_json(payload: bytes) -> bool:
    try:
        json.loads(payload.rstrip(b"\x00"))
    except (ValueError, RecursionError):
        # A document with a bare word in it is one all the same (see payload.document_of).
        return payload.lstrip()[:1] in (b"{", b"[")
    return True


class _Heard:
    def __init__(self, clock: Callable[[], float]) -> None:
        self.fields: Moments[TopicPlace] = Moments()
        self.metrics: Moments[MetricPlace] = Moments()
        self.kinds: dict[TopicPlace | MetricPlace, str] = {}
        self.times: dict[tuple[str, str], MessageTime] = {}
        self._topics: set[str] = set()
        self._clock = clock
        self._start = clock()

    def take(self, message: Message) -> bool:
        """Whether there was still room for its topic."""
        if message.topic not in self._topics and len(self._topics) >= BROWSED_TOPICS_MAX:
            return False
        self._topics.add(message.topic)
        second = self._clock() - self._start
        if message.topic.startswith(SPARKPLUG):
            self._sparkplug(message, second)
        else:
            self._document(message, second)
        return True

    def _document(self, message: Message, second: float) -> None:
        try:
            message.payload.decode()
            document = document_of(message.payload, nul_ended=True, plain=True)
        except (ValueError, RecursionError):
            return
        topic = message.topic
        if isinstance(document, str) and (form := csv_form(message.payload)) is not None:
            self._rows(message, form, second)
            return
        for it in lists_of_entries(document):
            for name, fields in it.entries.items():
                self._time(topic, it.each, fields, message)
                for pointer, value in fields:
                    entry = ChosenEntry(it.each, it.key, name)
                    self._add(TopicPlace(topic, pointer, entry), second, value)
        fields, _ = leaves(without_entries(document))
        kind = "" if _is_json(message.payload) else TEXT
        for pointer, value in fields:
            self._add(TopicPlace(topic, pointer), second, value, kind)
        self._time(topic, "", fields, message)

    def _rows(self, message: Message, form: PayloadForm, second: float) -> None:
        """Of a message of rows: each column, as it stands in the last row."""
        rows = of_form(message.payload, form, nul_ended=True)
        fields = leaves(rows[-1])[0]
        for pointer, value in named_columns(fields, form):
            self._add(TopicPlace(message.topic, pointer, form=form), second, value)
        self._time(message.topic, "", fields, message)

    def _time(
        self, topic: str, each: str, fields: Sequence[tuple[str, Any]], message: Message
    ) -> None:
        time = message_time(fields, message.received)
        if time is not None:
            self.times[topic, each] = time

    def _add(self, place: TopicPlace, second: float, value: Any, kind: str = "") -> None:
        if isinstance(value, bool | int | float | str):
            self.fields.add(place, second, value)
            if self.kinds.get(place) != TEXT:  # one message that is a text makes all texts
                self.kinds[place] = kind or type(value).__name__

    def _sparkplug(self, message: Message, second: float) -> None:
        """Metrics that a birth or data message names."""
        levels = message.topic.split("/")
        if len(levels) < _LEVELS_MIN or levels[2] not in _BIRTHS_AND_DATA:
            return
        try:
            payload = payload_of(message.payload)
        except ValueError:
            return
        device = "/".join([levels[1], *levels[3:]])
        for metric in payload.metrics[:_METRICS_MAX]:
            value = value_of(metric, metric.datatype)
            if metric.name and isinstance(value, bool | int | float | str):
                place = MetricPlace(device, metric.name)
                self.metrics.add(place, second, value)
                self.kinds[place] = name_of(metric.datatype)
