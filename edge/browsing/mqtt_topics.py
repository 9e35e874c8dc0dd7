"""The topics of an MQTT broker below a prefix, with what their messages say.

It listens for some seconds at QoS 0, in a session of its own of which the broker keeps nothing.
Retained messages come at once; a device that is silent meanwhile is not seen.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from edge.browsing.found import MORE_FIELDS, FoundValue, WhatIsThere, example, leaves
from edge.sources.base import Now
from edge.sources.mqtt.client import HELD_MAX, Message, MqttClient, reason_status
from edge.sources.mqtt.payload import document_of
from edge.sources.mqtt.settings import MqttSettings
from edge.sources.mqtt.topics_there import LOOKED_AT_MAX_BYTES
from edge.sources.runner import LinkError

BROWSED_TOPICS_MAX = 500
MORE_TOPICS = f"There are more than {BROWSED_TOPICS_MAX} topics: name one below which to look."
SPARKPLUG = "spBv1.0/"


async def topics(settings: MqttSettings, client_id: str, seconds: float, now: Now) -> WhatIsThere:
    """Those below the settings' topic (all, where it is empty) from which something came.

    Raises LinkError where the broker refuses or cannot be reached.
    """
    last: dict[str, Message] = {}
    count: Counter[str] = Counter()

    def take(message: Message) -> bool:
        if len(last) >= BROWSED_TOPICS_MAX and message.topic not in last:
            return False
        last[message.topic] = message
        count[message.topic] += not message.retained
        return True

    is_all = await listen(settings, client_id, seconds, now, take)
    values = [it for topic in sorted(last) for it in _told(last[topic], count[topic] / seconds)]
    return WhatIsThere(values, "" if is_all else MORE_TOPICS)


async def listen(
    settings: MqttSettings,
    client_id: str,
    seconds: float,
    now: Now,
    take: Callable[[Message], bool],
) -> bool:
    """Each message below the settings' topic; whether all were taken. Raises LinkError."""
    client = MqttClient(
        settings, client_id, now, lasts=False, message_max_bytes=LOOKED_AT_MAX_BYTES
    )
    is_all = True
    wanted = f"{settings.topic}/#" if settings.topic else "#"
    try:
        await client.connect()
        refused = await client.subscribe([wanted], qos=0)
        if refused:
            (code,) = refused.values()
            raise LinkError(
                f"the broker at {settings.broker} refuses '{wanted}'",
                todo="Name a topic below which we may read, or have the broker allow it.",
                status=reason_status(code),
            )
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    for message in await client.next(HELD_MAX):
                        client.taken(message)
                        is_all &= take(message)
    finally:
        await client.close()
    return is_all


def _told(message: Message, per_s: float) -> Iterator[FoundValue]:
    """One for each field of the message."""

    def value(field: str, kind: str, shown: str, problem: str = "") -> FoundValue:
        return FoundValue(message.topic, field, kind, "", shown, per_s, problem)

    if message.topic.startswith(SPARKPLUG):
        yield value("", "Sparkplug B", f"{len(message.payload)} bytes")
        return
    try:
        message.payload.decode()
        document = document_of(message.payload, nul_ended=True, plain=True)
        fields, is_all = leaves(document)
    except (ValueError, RecursionError):
        yield value("", "bytes", example(message.payload))
        return
    for field, it in fields:
        yield value(field, _kind(it), example(it))
    if not is_all:
        yield value("", "", "", MORE_FIELDS)


def _kind(value: Any) -> str:
    """JSON's word."""
    if value is None:
        return "null"
    names = {bool: "boolean", int: "number", float: "number", str: "text"}
    return names.get(type(value), "empty")
