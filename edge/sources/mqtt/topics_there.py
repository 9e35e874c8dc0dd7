"""Which topics a broker has near those from which nothing comes: a wrong topic is told with them.

Rules:

- It looks in a short session of its own, of which the broker keeps nothing. So nothing that it asks
  for reaches the machine's session, and none of the machine's messages is missed because of it.
- From near to far, until something is there: the same parent, the same first level, another first
  level with the same rest (`near_only`: the parent alone).
- QoS 0, a few seconds for each step, and no more messages, bytes and topics than are named here.
  Only names are kept.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence

from edge.sources.base import Now
from edge.sources.mqtt.client import HELD_MAX, MqttClient, reason_status
from edge.sources.mqtt.settings import MqttSettings
from edge.sources.names import most_similar
from edge.sources.runner import LinkError

LOOK_S = 3.0
LOOKED_AT_MAX_BYTES = 65_536  # of one message
MESSAGES_MAX = 500
BYTES_MAX = 262_144
TOPICS_MAX = 100


async def topics_there(
    settings: MqttSettings,
    client_id: str,
    silent: Sequence[str],
    ours: set[str],
    now: Now,
    *,
    near_only: bool = False,
) -> dict[str, tuple[str, ...]]:
    """For each of the `silent` topics the names of a few others, the most similar first. Topics
    that are `ours` are no news.

    Raises LinkError where the broker refuses, or cannot be reached.
    """
    client = MqttClient(
        settings, client_id, now, lasts=False, message_max_bytes=LOOKED_AT_MAX_BYTES
    )
    try:
        await client.connect()
        seen: set[str] = set()
        steps = zip(*(_filters(topic) for topic in silent), strict=True)
        for filters in dict.fromkeys(frozenset(step) for step in steps):
            seen |= await _heard(client, sorted(filters)) - ours
            if seen or near_only:
                break
    finally:
        await client.close()
    return {topic: most_similar(topic, seen) for topic in silent}


def _filters(topic: str) -> Iterator[str]:
    """From near to far, the same number for every topic."""
    first, _, rest = topic.partition("/")
    parent = topic.rpartition("/")[0] or topic
    yield f"{parent}/#"
    yield f"{first}/#"
    yield f"+/{rest}" if rest else "+"


async def _heard(client: MqttClient, filters: Sequence[str]) -> set[str]:
    """The topics of what comes on these filters."""
    refused = await client.subscribe(filters, qos=0)
    if len(refused) == len(filters):
        code = next(iter(refused.values()))
        raise LinkError(f"{filters[0]} is refused", status=reason_status(code))
    topics, messages, size = set[str](), 0, 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LOOK_S):
            while messages < MESSAGES_MAX and size < BYTES_MAX and len(topics) < TOPICS_MAX:
                for message in await client.next(HELD_MAX):
                    client.taken(message)
                    messages += 1
                    size += len(message.topic) + len(message.payload)
                    topics.add(message.topic)
    return topics
