"""Topics with wildcards: what they match, and what to subscribe to. Pure.

A broker may send a message once for each subscription that it matches (MQTT 5, 3.3.4), so what is
subscribed to must not overlap: a count would count twice. Filters that do are widened to one that
covers both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, zip_longest

from device_profiles.model.addresses import MqttAddress

_TOPICS_MAX = 10_000  # of which it is remembered what reads them


class TopicAddresses:
    """By topic, the addresses of which a message there gives values, by their filter. `by_filter`:
    topics with and without wildcards."""

    def __init__(self, by_filter: Mapping[str, Sequence[MqttAddress]]) -> None:
        self._by_filter = by_filter
        self._found: dict[str, dict[str, Sequence[MqttAddress]]] = {}
        self._topics: dict[str, set[str]] = {}  # by address, of a wildcard; at most two

    def __getitem__(self, topic: str) -> dict[str, Sequence[MqttAddress]]:
        if topic not in self._found:
            if len(self._found) >= _TOPICS_MAX:
                self._found.clear()
            self._found[topic] = {
                it: addresses for it, addresses in self._by_filter.items() if matches(it, topic)
            }
        return self._found[topic]

    def is_meant(self, address: MqttAddress, topic: str) -> bool:
        """Whether a topic that matches is the only one so far, where only one may give values."""
        if not address.has_wildcard or address.any_topic or address.level is not None:
            return True
        topics = self._topics.setdefault(address.key, set())
        if len(topics) < 2:
            topics.add(topic)
        return topics == {topic}


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a filter takes a topic (MQTT 5, 4.7.1). A wildcard at the begin takes none of the
    broker's own topics, which begin with $ (4.7.2)."""
    wanted, given = topic_filter.split("/"), topic.split("/")
    if _keeps_off(topic_filter, topic):
        return False
    for place, level in enumerate(wanted):
        if level == "#":
            return True
        if place >= len(given) or level not in ("+", given[place]):
            return False
    return len(wanted) == len(given)


def covers(wide: str, narrow: str) -> bool:
    """Whether a filter takes all that another one takes."""
    if _keeps_off(wide, narrow):
        return False
    for outer, inner in zip_longest(wide.split("/"), narrow.split("/")):
        if outer == "#":
            return True
        if inner == "#" or outer is None or inner is None or outer not in ("+", inner):
            return False
    return True


def subscriptions(filters: Iterable[str]) -> list[str]:
    """Filters that take all that these take, and no topic twice."""
    apart = list(dict.fromkeys(filters))
    while True:
        both = next((it for it in combinations(apart, 2) if _overlap(*it)), None)
        if both is None:
            return apart
        apart = list(dict.fromkeys(_widened(*both) if it in both else it for it in apart))


def fixed_part(topic_filter: str) -> str:
    """The levels before the first wildcard."""
    levels = topic_filter.split("/")
    ends = [place for place, level in enumerate(levels) if level in ("+", "#")]
    return "/".join(levels[: ends[0]] if ends else levels)


def _keeps_off(topic_filter: str, topic: str) -> bool:
    """Whether it begins with a wildcard, and the other is one of the broker's own topics."""
    return topic_filter[:1] in ("+", "#") and topic.startswith("$")


def _overlap(one: str, other: str) -> bool:
    if _keeps_off(one, other) or _keeps_off(other, one):
        return False
    for first, second in zip_longest(one.split("/"), other.split("/")):
        if "#" in (first, second):
            return True
        if first is None or second is None or (first != second and "+" not in (first, second)):
            return False
    return True


def _widened(one: str, other: str) -> str:
    levels = []
    for first, second in zip_longest(one.split("/"), other.split("/")):
        if first is None or second is None or "#" in (first, second):
            levels.append("#")
            break
        levels.append(first if first == second else "+")
    return "/".join(levels)
