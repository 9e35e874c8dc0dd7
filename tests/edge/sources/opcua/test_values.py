"""OPC UA values as plain Python, structures by the definitions that the server gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from asyncua import Client, ua
from asyncua.common.structures104 import new_enum, new_struct, new_struct_field
from asyncua.ua.ua_binary import struct_to_binary
from opcua_server import OpcUaServer, opcua_server

from device_profiles.model.addresses import OPC_UA
from domain.samples import Quality
from edge.sources.opcua.values import (
    Structures,
    UnknownStructureError,
    overflowed,
    quality_of,
    source_time_of,
)

SHARED = pytest.mark.asyncio(loop_scope="module")  # one server for all


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[OpcUaServer]:
    async with opcua_server() as running:
        yield running


async def type_id_of(
    server: OpcUaServer, name: str, fields: list[ua.StructureField], **kind: Any
) -> ua.NodeId:
    """A new structure type on the server; the id of its binary encoding."""
    index = await server.server.get_namespace_index("urn:vendor:machine")
    _, (encoding,) = await new_struct(server.server, index, name, fields, **kind)
    return encoding.nodeid


async def decoded(server: OpcUaServer, type_id: ua.NodeId, body: bytes) -> Any:
    """What a client that knows nothing of the type makes of such a value."""
    async with Client(server.url) as client:
        structures = Structures(client.uaclient.session, await client.get_namespace_array())
        value = ua.Variant(ua.ExtensionObject(type_id, body))
        with pytest.raises(UnknownStructureError) as unknown:
            structures.plain(value)
        await structures.learn(unknown.value.type_id)
        return structures.plain(value)


def packed(*values: tuple[str, Any]) -> bytes:
    """Values in OPC UA binary, one behind the other."""
    return b"".join(getattr(ua.ua_binary.Primitives, kind).pack(value) for kind, value in values)


@SHARED
async def test_definitions_of_nothing_but_each_other_become_no_billions_of_values(
    server: OpcUaServer,
) -> None:
    """Thirty structures, each of two of the next one, the last of them empty: no byte in all."""
    index = await server.server.get_namespace_index("urn:vendor:machine")
    inner, _ = await new_struct(server.server, index, "Empty", [])
    for depth in range(30):
        two = [new_struct_field(name, inner) for name in ("A", "B")]
        inner, (encoding,) = await new_struct(server.server, index, f"Two{depth}", two)
    with pytest.raises(ValueError, match="not encoded as defined"):
        await decoded(server, encoding.nodeid, b"")


@SHARED
async def test_an_array_of_a_structure_without_fields_is_refused(server: OpcUaServer) -> None:
    index = await server.server.get_namespace_index("urn:vendor:machine")
    empty, _ = await new_struct(server.server, index, "Empty", [])
    many = await type_id_of(server, "Many", [new_struct_field("A", empty, array=True)])
    with pytest.raises(ValueError, match="not encoded as defined"):
        await decoded(server, many, packed(("Int32", 2_000_000_000)))


@SHARED
async def test_a_structure_with_an_enumeration_an_array_and_a_nested_one(
    server: OpcUaServer,
) -> None:
    index = await server.server.get_namespace_index("urn:vendor:machine")
    colour = await new_enum(server.server, index, "Colour", ["red", "green"])
    inner, _ = await new_struct(
        server.server, index, "Inner", [new_struct_field("Text", ua.VariantType.String)]
    )
    outer = await type_id_of(
        server,
        "Outer",
        [
            new_struct_field("Count", ua.VariantType.Int32),
            new_struct_field("Colour", colour),
            new_struct_field("Values", ua.VariantType.Double, array=True),
            new_struct_field("Inner", inner),
        ],
    )
    body = packed(
        ("Int32", 7),
        ("Int32", 1),
        ("Int32", 2),
        ("Double", 0.5),
        ("Double", 1.5),
        ("String", "x"),
    )
    assert await decoded(server, outer, body) == {
        "Count": 7,
        "Colour": 1,
        "Values": [0.5, 1.5],
        "Inner": {"Text": "x"},
    }


@SHARED
async def test_optional_fields_follow_their_mask(server: OpcUaServer) -> None:
    fields = [
        new_struct_field("A", ua.VariantType.Int32, optional=True),
        new_struct_field("B", ua.VariantType.Int32),
        new_struct_field("C", ua.VariantType.Int32, optional=True),
    ]
    type_id = await type_id_of(server, "Optional", fields)
    body = packed(("UInt32", 0b10), ("Int32", 2), ("Int32", 3))
    assert await decoded(server, type_id, body) == {"A": None, "B": 2, "C": 3}


async def test_a_union_gives_the_chosen_field() -> None:
    async with opcua_server(whole=True) as server:
        fields = [
            new_struct_field("Number", ua.VariantType.Int32),
            new_struct_field("Text", ua.VariantType.String),
        ]
        type_id = await type_id_of(server, "Choice", fields, is_union=True)
        body = packed(("UInt32", 2), ("String", "yes"))
        assert await decoded(server, type_id, body) == {"Text": "yes"}


@SHARED
async def test_a_body_that_is_too_short_is_an_error_not_a_value(server: OpcUaServer) -> None:
    type_id = await type_id_of(server, "Short", [new_struct_field("Count", ua.VariantType.Int32)])
    said = set()
    for body in (b"\x01", b"\x01\x02", b"\x01\x02\x03"):
        with pytest.raises(ValueError, match="not encoded as defined") as error:
            await decoded(server, type_id, body)
        said.add(str(error.value))
    assert len(said) == 1, "rejections are counted by their reason"


@SHARED
async def test_a_type_that_the_server_does_not_define(server: OpcUaServer) -> None:
    with pytest.raises(ValueError, match="does not define the structure"):
        await decoded(server, ua.NodeId(4711, 2), b"")


def test_plain_forms() -> None:
    namespaces = [OPC_UA, "urn:server", "urn:vendor;100%"]
    structures = Structures(None, namespaces)  # type: ignore[arg-type]  # not asked
    at = datetime(2026, 3, 2, tzinfo=UTC)
    cases: list[tuple[Any, Any]] = [
        (None, None),
        (True, True),
        (ua.LocalizedText("Execute", "en"), "Execute"),
        (ua.LocalizedText(), ""),
        (ua.QualifiedName("Filler", 3), "Filler"),
        (ua.NodeId(7, 1), "nsu=urn:server;i=7"),
        (ua.NodeId("a;b", 2), "nsu=urn:vendor%3B100%25;s=a;b"),
        (ua.NodeId(2255), "i=2255"),
        (ua.NodeId(), None),
        (ua.ExpandedNodeId(7, 0, NamespaceUri="urn:x"), "nsu=urn:x;i=7"),
        (ua.StatusCode(0), 0),
        (ua.NodeClass.Object, 1),
        (at.replace(tzinfo=None), at),
        ([ua.LocalizedText("a"), 1], ["a", 1]),
        (ua.Range(0.0, 5.0), {"Low": 0.0, "High": 5.0}),
        (ua.ExtensionObject(), None),
    ]
    for given, expected in cases:
        assert structures.plain(ua.Variant(given) if given is not None else None) == expected


def test_a_node_id_of_a_namespace_that_the_server_does_not_name_is_no_value() -> None:
    structures = Structures(None, [OPC_UA])  # type: ignore[arg-type]  # not asked
    with pytest.raises(ValueError, match="namespace index that the server does not name"):
        structures.plain(ua.NodeId(7, 1))


def test_the_reason_does_not_name_the_value() -> None:
    structures = Structures(None, [OPC_UA])  # type: ignore[arg-type]  # not asked
    said = set()
    for node in (ua.NodeId(7, 1), ua.NodeId("a", 2)):
        with pytest.raises(ValueError, match="namespace index") as error:
            structures.plain(node)
        said.add(str(error.value))
    assert len(said) == 1


SEVERITIES = {"Good": Quality.GOOD, "Uncertain": Quality.UNCERTAIN, "Bad": Quality.BAD}
OTHERWISE = {
    "GoodLocalOverride": Quality.UNCERTAIN,
    "UncertainNoCommunicationLastUsableValue": Quality.BAD,
    "UncertainLastUsableValue": Quality.BAD,
    "UncertainInitialValue": Quality.BAD,
    "UncertainSimulatedValue": Quality.BAD,
}
MORE_BITS = (0, 0x480, 0x500, 0x8000)  # overflow, a limit, another structure


def test_every_status_code_has_the_quality_of_its_severity_but_for_those_that_are_not_of_now() -> (
    None
):
    codes = {it: code for it, code in vars(ua.StatusCodes).items() if it[0].isupper()}
    assert len(codes) > 250
    assert codes.keys() >= OTHERWISE.keys()
    for name, code in codes.items():
        (severity,) = [it for it in SEVERITIES if name.startswith(it)]
        expected = OTHERWISE.get(name, SEVERITIES[severity])
        assert {quality_of(ua.StatusCode(code | more)) for more in MORE_BITS} == {expected}, name


def test_a_missing_status_is_good_and_an_unknown_severity_bad() -> None:
    assert quality_of(None) is Quality.GOOD
    assert quality_of(ua.StatusCode(0xC0000000)) is Quality.BAD
    assert quality_of(ua.StatusCode(0x7FFF0000)) is Quality.UNCERTAIN


@pytest.mark.parametrize(
    ("code", "expected"),
    [(0, False), (0x480, True), (0x80, False), (0x400, False), (0x80000480, True)],
)
def test_overflow_needs_both_bits(code: int, expected: bool) -> None:
    assert overflowed(ua.StatusCode(code)) is expected


def test_the_servers_time_stands_in_for_a_missing_source_time() -> None:
    at, later = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
    both = ua.DataValue(SourceTimestamp=at, ServerTimestamp=later)
    assert source_time_of(both) == at
    assert source_time_of(ua.DataValue(ServerTimestamp=later)) == later
    assert source_time_of(ua.DataValue()) is None


def test_struct_to_binary_is_what_packed_gives() -> None:
    """The helper above writes the encoding that the library writes."""
    assert struct_to_binary(ua.Range(0.5, 1.5)) == packed(("Double", 0.5), ("Double", 1.5))
