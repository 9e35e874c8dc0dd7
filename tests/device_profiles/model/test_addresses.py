"""Addresses name values by namespace URI and browse path, by topic and JSON Pointer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from device_profiles.model.addresses import (
    MqttAddress,
    NodeName,
    OpcUaAddress,
    OpcUaStart,
)
from device_profiles.model.selectors import MISSING, pointed

PACKML = "http://opcfoundation.org/UA/PackML/"


def test_opcua_keys_tell_everything_that_finds_the_node() -> None:
    start = OpcUaStart((PACKML, "PackMLBaseObjectType"), "Filler")
    addresses = [
        OpcUaAddress(start, ((PACKML, "Status"),)),
        OpcUaAddress(OpcUaStart((PACKML, "PackMLBaseObjectType")), ((PACKML, "Status"),)),
        OpcUaAddress(OpcUaStart(), ((PACKML, "Status"),)),
        OpcUaAddress(OpcUaStart(), (("urn:other", "Status"),)),
        OpcUaAddress(OpcUaStart(), ((PACKML, "Status/X"),)),
        OpcUaAddress(OpcUaStart(node=NodeName(PACKML, "s", "Status")), ()),
        OpcUaAddress(OpcUaStart(node=NodeName(PACKML, "i", "5")), ()),
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
