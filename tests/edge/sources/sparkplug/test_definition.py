"""Our reading of payloads against npm's sparkplug-payload, which nobody here wrote."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sparkplug_messages import payload
from sparkplug_node import sparkplug_node

from edge.sources.mqtt.payload import PAYLOAD_MAX_BYTES
from edge.sources.sparkplug.datatypes import NUMBERS, value_of
from edge.sources.sparkplug.definition import PayloadMessage, payload_of

VALUES: list[tuple[str, Any]] = [
    *(("Int8", it) for it in (0, 1, -1, 127, -128)),
    *(("Int16", it) for it in (-1, 32_767, -32_768)),
    *(("Int32", it) for it in (-1, 2**31 - 1, -(2**31))),
    *(("Int64", it) for it in (-1, 2**53 - 1, -(2**53) + 1)),
    *(("UInt8", 255), ("UInt16", 65_535), ("UInt32", 2**32 - 1), ("UInt64", 2**53 - 1)),
    *(("Float", 0.5), ("Float", -3.25), ("Double", 0.1), ("Double", -1e300)),
    *(("Boolean", True), ("Boolean", False)),
    *(("String", "灌裝機"), ("Text", ""), ("UUID", "6f2c0b9a"), ("DateTime", 1_763_712_000_123)),
]


def test_values_that_another_library_encodes(tmp_path: Path) -> None:
    metrics: list[dict[str, Any]] = [
        {"name": f"m{alias}", "type": kind, "value": value, "timestamp": 1_763_712_000_000 + alias}
        | {"alias": alias}
        for alias, (kind, value) in enumerate(VALUES, 1)
    ]
    flags = {"name": "f", "type": "Int32", "value": 7, "isHistorical": True, "isTransient": True}
    quality = {"Quality": {"type": "Int32", "value": 500}}
    template = {"isDefinition": False, "templateRef": "t", "metrics": [flags], "parameters": []}
    others = [
        {"name": "null", "type": "Int32", "value": None, "isNull": True},
        flags,
        {"name": "q", "type": "Int32", "value": 7, "properties": quality},
        {"name": "t", "type": "Template", "value": template},
    ]
    whole = {"timestamp": 1_763_712_000_000, "seq": 255, "metrics": metrics + others}
    with sparkplug_node(tmp_path) as node:
        content, nothing = node.vectors([whole, {"seq": 0}])
    read = payload_of(content)
    assert (read.timestamp, read.seq) == (1_763_712_000_000, 255)
    for (kind, value), metric in zip(VALUES, read.metrics[: len(VALUES)], strict=True):
        found = value_of(metric, NUMBERS[kind])
        assert (found, type(found), metric.datatype) == (value, type(value), NUMBERS[kind])
        assert metric.name == f"m{metric.alias}"
        assert metric.timestamp == 1_763_712_000_000 + metric.alias
    null, flagged, qualified, built = read.metrics[len(VALUES) :]
    assert value_of(null, NUMBERS["Int32"]) is None
    assert (flagged.is_historical, flagged.is_transient) == (True, True)
    assert list(qualified.properties.keys) == ["Quality"]
    assert qualified.properties.values[0].int_value == 500
    assert (built.datatype, built.WhichOneof("value")) == (NUMBERS["Template"], "template_value")
    empty = payload_of(nothing)
    assert empty.HasField("seq")  # a zero that was said
    assert not PayloadMessage().HasField("seq")


@pytest.mark.parametrize(
    "content", [b"\x0a", b"\xff" * 9, b'{"metrics": []}', b"\x12\x05\x0a\x09x"]
)
def test_bytes_that_are_no_payload(content: bytes) -> None:
    with pytest.raises(ValueError, match="the payload is no Sparkplug B message"):
        payload_of(content)


def test_payloads_that_are_not_read() -> None:
    with pytest.raises(ValueError, match="larger than 2000000 bytes"):
        payload_of(bytes(PAYLOAD_MAX_BYTES + 1))
    with pytest.raises(ValueError, match="the payload is compressed"):
        payload_of(
            payload().SerializeToString()
            + PayloadMessage(uuid="SPBV1.0_COMPRESSED").SerializeToString()
        )


def test_fields_that_nobody_knows_are_passed_over() -> None:
    assert payload_of(b"\x18\x05" + b"\xa2\x06\x03abc").seq == 5
