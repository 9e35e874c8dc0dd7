"""Whether a profile can name a value: an address that would be read as another one cannot. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from device_profiles.drafting.seen import (
    MetricPlace,
    NodePlace,
    SeenValue,
    TopicPlace,
    shared_beginning,
)
from device_profiles.model.node_text import node_text, parse_node
from device_profiles.model.values import clean
from domain.errors import InputError

LENGTH_MAX = 500  # characters of an address


def writable(values: Sequence[SeenValue]) -> list[SeenValue]:
    """Those among them whose places a profile can name; a place that comes twice once."""
    topics = [it.place.topic.split("/") for it in values if isinstance(it.place, TopicPlace)]
    is_rooted = len(shared_beginning([it[:-1] for it in topics])) > 1
    unique = {it.place: it for it in reversed(values)}
    return [it for it in reversed(unique.values()) if _is_writable(it, is_rooted=is_rooted)]


def _is_writable(value: SeenValue, *, is_rooted: bool) -> bool:
    """`is_rooted`: all topics begin with the same levels, which the connection then has."""
    place = value.place
    if isinstance(place, MetricPlace):
        return bool(place.metric) and _is_text(place.metric)
    if isinstance(place, TopicPlace):
        is_named = not place.topic.endswith("/") and (is_rooted or not place.topic.startswith("/"))
        entry = place.entry
        texts = (place.topic, place.field, *((entry.each, entry.value) if entry else ()))
        return is_named and _is_topic(place.topic) and all(map(_is_text, texts))
    return _is_node(place)


def _is_topic(topic: str) -> bool:
    """Braces would be read as a parameter."""
    return "{" not in topic and "}" not in topic


def _is_node(place: NodePlace) -> bool:
    text = node_text(place.path)
    try:
        is_same = _is_text(text) and parse_node(text).path == place.path
    except InputError:
        return False
    return is_same and all(_is_text(str(it)) for it in place.field)


def _is_text(text: str) -> bool:
    return len(text) <= LENGTH_MAX and clean(text) == text
