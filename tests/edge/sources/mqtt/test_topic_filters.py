"""Filters with wildcards: what they match, and subscriptions that never overlap."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_profiles.model.addresses import MqttAddress
from edge.sources.mqtt.topic_filters import (
    TopicAddresses,
    covers,
    fixed_part,
    matches,
    subscriptions,
)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "is_so"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/", False),
        ("a/+", "a/b", True),
        ("a/+", "a", False),
        ("a/+", "a/", True),
        ("a/+", "a/b/c", False),
        ("+/+", "/b", True),
        ("+", "/b", False),
        ("a/#", "a", True),  # MQTT 5, 4.7.1.2
        ("a/#", "a/b/c", True),
        ("a/#", "ab", False),
        ("a/+/#", "a", False),
        ("#", "a/b", True),
        ("#", "$SYS/x", False),  # 4.7.2
        ("+/x", "$SYS/x", False),
        ("$SYS/#", "$SYS/x", True),
        ("a/b", "A/b", False),
    ],
)
def test_what_a_filter_takes(topic_filter: str, topic: str, is_so: bool) -> None:
    assert matches(topic_filter, topic) is is_so


@pytest.mark.parametrize(
    ("filters", "subscribed"),
    [
        (["a/b", "a/c", "a/b"], ["a/b", "a/c"]),
        (["a/b", "a/+"], ["a/+"]),
        (["a/+/c", "a/b/+"], ["a/+/+"]),
        (["a/#", "a"], ["a/#"]),
        (["a/+/c", "a/b/+", "a/#", "d"], ["a/#", "d"]),
        (["#", "$SYS/x"], ["#", "$SYS/x"]),
        (["+/b", "a/#"], ["+/#"]),
    ],
)
def test_what_is_subscribed_to(filters: list[str], subscribed: list[str]) -> None:
    assert subscriptions(filters) == subscribed


LEVEL = st.sampled_from(["a", "b", "+", ""])
FILTERS = st.lists(
    st.builds(
        lambda levels, rest: "/".join([*levels, *rest]),
        st.lists(LEVEL, min_size=1, max_size=3),
        st.sampled_from([[], ["#"]]),
    ),
    max_size=5,
)
TOPICS = st.lists(st.sampled_from(["a", "b", "c", "", "$a"]), min_size=1, max_size=4).map("/".join)


@settings(deadline=None, max_examples=150)
@given(FILTERS, TOPICS)
def test_every_message_that_is_wanted_comes_once(filters: list[str], topic: str) -> None:
    subscribed = subscriptions(filters)
    taking = [it for it in subscribed if matches(it, topic)]
    assert len(taking) == 1 or not any(matches(it, topic) for it in filters)
    assert len(taking) <= 1
    assert all(any(covers(wide, it) for wide in subscribed) for it in filters)
    for wide, narrow in combinations(filters, 2):
        assert not (covers(wide, narrow) and matches(narrow, topic)) or matches(wide, topic)


def test_of_a_wildcard_one_topic_is_meant_unless_any_is() -> None:
    one, every = MqttAddress("a/+", "/v"), MqttAddress("a/+", "/v", any_topic=True)
    named = MqttAddress("a/+", "", level=2)
    addresses = TopicAddresses({"a/+": [one, every, named], "a/b": [MqttAddress("a/b", "/w")]})
    assert list(addresses["a/b"]) == ["a/+", "a/b"]
    assert addresses["x"] == {}
    assert [addresses.is_meant(one, it) for it in ("a/b", "a/b", "a/c", "a/b", "a/d")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    assert all(addresses.is_meant(it, topic) for it in (every, named) for topic in ("a/b", "a/c"))


def test_what_stands_before_the_first_wildcard() -> None:
    assert [fixed_part(it) for it in ("a/b", "a/+/c", "a/b/#", "+/a", "#")] == [
        "a/b", "a", "a/b", "", "",
    ]  # fmt: skip
