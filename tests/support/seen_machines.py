"""Machines as `edge.browsing` sees them, for the tests of drafts."""

from __future__ import annotations

from collections.abc import Sequence

from device_profiles.drafting.seen import MetricPlace, NodePlace, Plain, Seen, SeenValue, TopicPlace

VENDOR = "urn:vendor"


def node_value(path: str, *values: Plain, unit: str = "", uri: str = VENDOR) -> SeenValue:
    """A variable at a path of one namespace, with a value each half second; what repeats the one
    before is no change."""
    place = NodePlace(tuple((uri, name) for name in path.split("/")))
    return SeenValue(place, type(values[0]).__name__, unit, moments(values))


def field_value(topic: str, field: str, *values: Plain) -> SeenValue:
    return SeenValue(TopicPlace(topic, field), type(values[0]).__name__, "", moments(values))


def metric_value(device: str, metric: str, *values: Plain) -> SeenValue:
    return SeenValue(MetricPlace(device, metric), type(values[0]).__name__, "", moments(values))


def moments(values: Sequence[Plain]) -> tuple[tuple[float, Plain], ...]:
    return tuple(
        (number / 2, it)
        for number, it in enumerate(values)
        if number == 0 or values[number - 1] != it
    )


def server(*values: SeenValue) -> Seen:
    return Seen("opcua", 10.0, values)


def broker(*values: SeenValue) -> Seen:
    return Seen("mqtt-json", 10.0, values)
