"""What reads the messages of each topic: worked out once, since many messages come of few topics.

Pure. Addresses of one form of payload are read of one document (`payload`), by fields (`fields`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from device_profiles.model.addresses import MqttAddress
from edge.sources.mqtt.fields import Fields
from edge.sources.mqtt.payload import by_form, document_reader

_TOPICS_MAX = 1_000  # of which it is remembered what reads them


class FormReader(NamedTuple):
    """What `addresses` of one form read: `document` makes it of a payload (ValueError: it is none),
    `fields` are found in it."""

    addresses: Sequence[MqttAddress]
    document: Callable[[bytes], Any]
    fields: Fields


class TopicReader(NamedTuple):
    """What reads the messages of a topic for its `addresses`. `levels`: those of the topic below
    the connection's."""

    addresses: Sequence[MqttAddress]
    levels: Sequence[str]
    forms: Sequence[FormReader]


class TopicReaders:
    """`levels_below`: the levels of a topic below the connection's."""

    def __init__(self, levels_below: Callable[[str], Sequence[str]]) -> None:
        self._levels_below = levels_below
        self._by_topic: dict[str, TopicReader] = {}

    def of(self, topic: str, addresses: Sequence[MqttAddress]) -> TopicReader:
        """What reads messages there for these addresses; they may change from one message to the
        next, and seldom do."""
        reader = self._by_topic.get(topic)
        if reader is None or reader.addresses != addresses:
            if len(self._by_topic) >= _TOPICS_MAX:
                self._by_topic.clear()
            reader = self._by_topic[topic] = self._made(topic, addresses)
        return reader

    def _made(self, topic: str, addresses: Sequence[MqttAddress]) -> TopicReader:
        forms = [
            FormReader(group, document_reader(form, group), Fields(group))
            for form, group in by_form(addresses).items()
        ]
        return TopicReader(addresses, self._levels_below(topic), forms)
