"""Addresses name values by namespace URI and browse path, by topic and JSON Pointer."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.model.addresses import (
    MISSING,
    MqttAddress,
    OpcUaAddress,
    OpcUaStart,
    parse_node,
    pointed,
)
from domain.errors import InputError

PACKML = "http://opcfoundation.org/UA/PackML/"


def test_a_node_is_written_as_namespace_and_path() -> None:
    path = (("urn:vendor", "Counters"), ("urn:vendor", "Good"))
    assert parse_node("urn:vendor:Counters/Good") == path
    assert parse_node("http://vendor.com/UA/:Good") == (("http://vendor.com/UA/", "Good"),)


def test_a_name_may_hold_separators_behind_an_ampersand() -> None:
    assert parse_node("urn:v:A&/B/C&:D/E&&F") == (
        ("urn:v", "A/B"),
        ("urn:v", "C:D"),
        ("urn:v", "E&F"),
    )


NAMES = st.text(st.sampled_from("aZ0&/:. 机\ue03a\n<>{}"), min_size=1, max_size=6)


@given(NAMES, st.lists(NAMES, min_size=1, max_size=3))
def test_every_name_can_be_written(namespace: str, names: list[str]) -> None:
    written = namespace.replace("&", "&&")
    path = "/".join(re.sub("[&/:]", r"&\g<0>", name) for name in names)
    assert parse_node(f"{written}:{path}") == tuple((namespace, name) for name in names)


@pytest.mark.parametrize("text", ["", "Good", ":Good", "urn:v:", "urn:v:A//B", "urn:v:A/", "u:A&"])
def test_what_is_no_node_says_how_to_write_one(text: str) -> None:
    with pytest.raises(InputError, match="urn:vendor:Counters/Good"):
        parse_node(text)


@given(st.text(max_size=40))
def test_parsing_a_node_never_fails_otherwise(text: str) -> None:
    with contextlib.suppress(InputError):
        assert parse_node(text)


def test_opcua_keys_tell_everything_that_finds_the_node() -> None:
    start = OpcUaStart((PACKML, "PackMLBaseObjectType"), "Filler")
    addresses = [
        OpcUaAddress(start, ((PACKML, "Status"),)),
        OpcUaAddress(OpcUaStart((PACKML, "PackMLBaseObjectType")), ((PACKML, "Status"),)),
        OpcUaAddress(OpcUaStart(), ((PACKML, "Status"),)),
        OpcUaAddress(OpcUaStart(), (("urn:other", "Status"),)),
        OpcUaAddress(OpcUaStart(), ((PACKML, "Status/X"),)),
        OpcUaAddress(OpcUaStart(), ((PACKML, "Status"), (PACKML, "X"))),
    ]
    assert len({address.key for address in addresses}) == len(addresses)
    assert addresses[0].key == f"<{{{PACKML}}}PackMLBaseObjectType>Filler/{{{PACKML}}}Status"


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", {"em:0": {"power": 3}, "list": [5, 6], "a/b": 1, "m~n": 2}),
        ("/em:0/power", 3),
        ("/list/1", 6),
        ("/a~1b", 1),
        ("/m~0n", 2),
        ("/list/2", MISSING),
        ("/list/-1", MISSING),
        ("/em:0/power/x", MISSING),
        ("/nothing", MISSING),
    ],
)
def test_a_json_pointer_finds_its_value(pointer: str, value: Any) -> None:
    document = {"em:0": {"power": 3}, "list": [5, 6], "a/b": 1, "m~n": 2}
    assert pointed(document, pointer) == value


RECEIVED = datetime(2021, 9, 10, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_time", "unit", "time"),
    [
        (1_631_266_595.43, "s", datetime(2021, 9, 10, 9, 36, 35, 430_000, tzinfo=UTC)),
        (1_631_266_595_430, "ms", datetime(2021, 9, 10, 9, 36, 35, 430_000, tzinfo=UTC)),
        (None, "s", None),
        (0, "s", None),  # a device that has never been told the time
        ("1631266595", "s", None),
        (True, "s", None),
        (float("nan"), "s", None),
        (1e300, "s", None),
        (10**400, "s", None),
    ],
)
def test_the_devices_own_time_is_read_where_it_makes_sense(
    given_time: Any, unit: Any, time: datetime | None
) -> None:
    address = MqttAddress("events/rpc", "/v", "/ts", unit)
    assert address.source_time({"ts": given_time, "v": 1}, RECEIVED) == time
