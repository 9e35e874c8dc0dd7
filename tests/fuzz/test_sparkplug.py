"""Sparkplug B messages of any content: nothing fails, and what comes out can be sealed and taken.

Bytes go through the payload, the session of the node, the source that listens to it and the
profile's decoder. Births are right or wrong, and so is all that follows them.
"""

from __future__ import annotations

from datetime import timedelta

from fuzzing import changed, inputs
from hypothesis import given
from hypothesis import strategies as st
from recording_sink import RecordingSink
from sealed_and_taken import NOW, profile_of, taken
from sparkplug_messages import START_MS, death_metric, metric, node_birth, payload

from device_profiles.decoding.decoder import Decoder
from device_profiles.model.addresses import SparkplugAddress
from edge.sources.reporter import Reporter
from edge.sources.sparkplug.definition import payload_of
from edge.sources.sparkplug.order import Arrived
from edge.sources.sparkplug.session import NodeSession
from edge.sources.sparkplug.settings import sparkplug_settings
from edge.sources.sparkplug.source import SparkplugLink
from edge.sources.sparkplug.topics import MessageType

COUNTERS = profile_of("generic/sparkplug-b")
ADDRESSES = [it for it in COUNTERS.addresses if isinstance(it, SparkplugAddress)]
SETTINGS = sparkplug_settings(
    {"url": "mqtt://127.0.0.1", "group": "plant", "node": "line-1", "device": "filler"}, ""
)
QUALITY = {"keys": ["Quality"], "values": [{"type": 3, "int_value": 500}]}
DEVICE_BIRTH = payload(
    metric("Counters/State", 1, "Int32", alias=1),
    metric("Counters/Good", 7, "UInt32", alias=2, timestamp=START_MS),
    metric("Counters/Reason", "灌裝", "String", alias=3),
    metric("Counters/Blocked", True, "Boolean", alias=4, properties=QUALITY),
    metric("Counters/Energy", 1.5, "Double", alias=5),
    metric("Counters/Product", datatype="Template", template_value=b"\x0a\x00"),
    timestamp=START_MS,
    seq=1,
)
DATA = payload(
    {"alias": 1, "int_value": 2**32 - 1},
    {"alias": 2, "long_value": 2**64 - 1, "timestamp": 2**63},
    {"alias": 3, "string_value": "x"},
    {"alias": 4, "is_null": True},
    {"alias": 5, "double_value": float("nan"), "is_historical": True},
    timestamp=START_MS + 1,
    seq=2,
)
SEEDS = {
    MessageType.NBIRTH: node_birth(0, 0),
    MessageType.NDEATH: payload(death_metric(0)),
    MessageType.NDATA: payload(timestamp=START_MS, seq=2),
    MessageType.DBIRTH: DEVICE_BIRTH,
    MessageType.DDATA: DATA,
    MessageType.DDEATH: payload(timestamp=START_MS, seq=3),
}
BYTES = {kind: seed.SerializeToString() for kind, seed in SEEDS.items()}
WORDS = [
    b"\xff" * 10, b"\x00", b"\x18\x02", b"\x18\x03", b"\x12\x00", b"bdSeq", b"\xff\xfe", b"\x12",
    b"\x0a\x0dCounters/Good", b"\x10\x01", b"\x38\x01", b"\x0a" * 300, b"\x4b" * 200,
]  # fmt: skip
right = st.sampled_from(sorted(BYTES)).map(lambda kind: (kind, BYTES[kind]))
wrong = st.tuples(st.sampled_from(sorted(BYTES)), changed(list(BYTES.values()), WORDS))


@inputs(60)
@given(st.lists(st.one_of(right, wrong, wrong), min_size=1, max_size=8))
def test_sparkplug_messages(messages: list[tuple[MessageType, bytes]]) -> None:
    sink = RecordingSink()
    reporter = Reporter("filler-1", "filler", lambda: NOW)
    reporter.start(sink)
    link = SparkplugLink(SETTINGS, ADDRESSES, reporter, "agent", stale_after_s=60)
    names = [it.metric for it in ADDRESSES]
    session = NodeSession("filler", names, link, reorder_timeout_s=2)
    first = [(it, BYTES[it]) for it in (MessageType.NBIRTH, MessageType.DBIRTH)]
    for number, (kind, content) in enumerate(first + messages):
        try:
            read = payload_of(content)
        except ValueError:
            session.fail("a message that cannot be read")
            continue
        device = "filler" if kind.startswith("D") else None
        at = NOW + timedelta(seconds=number)
        mark, size = hash((kind, content)), len(content)
        session.take(Arrived(MessageType(kind), device, read, at, float(number), mark, size, at))
        session.tick(float(number))
    decoder = Decoder(COUNTERS, "filler-1", "filler")
    taken([*decoder.decode_all(sink.readings()), *sink.of("rejection")])
