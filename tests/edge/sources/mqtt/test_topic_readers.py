"""What reads a topic is worked out once, and reads what each address would read by itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from device_profiles.model.addresses import MqttAddress, PayloadForm
from edge.sources.mqtt.topic_readers import TopicReaders

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = st.sampled_from(["a", "b", "t", "u", "0", "a/b", "~"])
LEAVES = st.none() | st.booleans() | st.integers(-1, 2**41) | st.sampled_from([0.5, "x", "1"])
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
POINTERS = st.sampled_from(["", "/a", "/b", "/a/b", "/a~1b", "/~0", "/0", "/b/0", "/a/t", "a.b"])
ADDRESSES = st.builds(
    MqttAddress,
    st.just("t"),
    POINTERS,
    st.none() | POINTERS | st.sampled_from(["/t", "/t", "/u"]),
    st.sampled_from(["s", "ms"]),
    time_zone=st.sampled_from([None, "Asia/Hong_Kong"]),
)


@settings(deadline=None, max_examples=150)
@given(st.lists(ADDRESSES, min_size=1, max_size=5), st.lists(DOCUMENTS, min_size=1, max_size=3))
def test_each_address_reads_what_it_reads_alone(
    addresses: list[MqttAddress], documents: list[Any]
) -> None:
    readers = TopicReaders(lambda topic: [topic])
    for document in documents:  # by the same reader
        (form,) = readers.of("t", addresses).forms
        alone = [
            (it, it.value(document), it.source_time(document, NOW), it.time_field is not None)
            for it in addresses
        ]
        assert [it[:4] for it in form.fields.found(document, NOW)] == [
            (address, value, time, is_timed and time is None)
            for address, value, time, is_timed in alone
        ]


def test_it_is_worked_out_once_for_a_topic_and_its_addresses() -> None:
    asked: list[str] = []

    def levels_below(topic: str) -> list[str]:
        asked.append(topic)
        return topic.split("/")[1:]

    readers = TopicReaders(levels_below)
    value, text = MqttAddress("+", "/a"), MqttAddress("+", "", form=PayloadForm("text"))
    reader = readers.of("p/x", [value, text])
    assert [it.addresses for it in reader.forms] == [[value], [text]]
    assert [it.document(b"5") for it in reader.forms] == [5, "5"]
    assert readers.of("p/x", [value, text]) is reader
    assert readers.of("p/x", [text]).addresses == [text]  # no more of the other one
    assert readers.of("p/y", [text]).levels == ["y"]
    assert asked == ["p/x", "p/x", "p/y"]


def test_topics_that_somebody_makes_up_do_not_fill_the_memory() -> None:
    readers = TopicReaders(lambda _: [])
    first = readers.of("0", [])
    for number in range(1, 1_001):
        readers.of(str(number), [])
    assert readers.of("0", []) is not first
