"""Structures that only a server's type dictionary tells, of an asyncua server; node-opcua's are in
test_node_opcua."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asyncua import Client, Server, ua
from asyncua.common.structures import load_type_definitions
from asyncua.common.type_dictionary_builder import DataTypeDictionaryBuilder
from dictionaries import PRESS, document, structure
from opcua_server import opcua_server

from edge.sources.opcua.type_dictionaries import DICTIONARY_BYTES_MAX
from edge.sources.opcua.values import Structures, UnknownStructureError

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one server for all
BYTE = 'Name="B" TypeName="opc:Byte"'


class OldServer:
    """A server of OPC UA 1.03: one dictionary for each name in `dictionaries`."""

    def __init__(self, server: Server, url: str) -> None:
        self._server = server
        self.url = url
        self._builders: dict[str, DataTypeDictionaryBuilder] = {}

    async def describe(self, dictionary: str, written: Any, *names: str) -> list[ua.NodeId]:
        """The dictionary says this, and describes these types; gives their encodings."""
        if dictionary not in self._builders:
            index = await self._server.register_namespace(f"urn:{dictionary}")
            builder = DataTypeDictionaryBuilder(self._server, index, PRESS, dictionary)
            await builder.init()
            self._builders[dictionary] = builder
        builder = self._builders[dictionary]
        types = [await builder.create_data_type(name) for name in names]
        node = self._server.get_node(builder.dict_id)
        await node.write_value(ua.Variant(written, ua.VariantType.ByteString))
        return [it.node_ids[2] for it in types]

    def dictionary(self, name: str) -> ua.NodeId:
        node: ua.NodeId = self._builders[name].dict_id
        return node

    async def read(self, *values: tuple[ua.NodeId, bytes]) -> list[Any]:
        """What one client makes of values, or why it refuses them."""
        async with Client(self.url) as client:
            own = Structures(client.uaclient.session, await client.get_namespace_array())
            return [await _plain(own, encoding, body) for encoding, body in values]


async def _plain(own: Structures, encoding: ua.NodeId, body: bytes) -> Any:
    value = ua.Variant(ua.ExtensionObject(encoding, body))
    for _ in range(2):
        try:
            return own.plain(value)
        except UnknownStructureError as unknown:
            await own.learn(unknown.type_id)
        except ValueError as error:
            return str(error)
    raise AssertionError("it was not learnt")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def old() -> AsyncIterator[OldServer]:
    async with opcua_server() as server:
        system = ua.NodeId(ua.Int32(ua.ObjectIds.OPCBinarySchema_TypeSystem))
        await server.server.nodes.objects.add_object(system, "0:OPC Binary")
        yield OldServer(server.server, server.url)


async def test_a_structure_that_only_a_dictionary_tells(old: OldServer) -> None:
    written = document(
        structure('&quot;DB:1&quot;', 'Name="Count" TypeName="opc:Int32"',
                  'Name="Tool" TypeName="tns:&quot;T&quot;"'),
        structure('&quot;T&quot;', BYTE),
    )  # fmt: skip
    (encoding,) = await old.describe("press", written, '"DB:1"')
    assert await old.read((encoding, struct.pack("<iB", 41, 7))) == [
        {"Count": 41, "Tool": {"B": 7}}
    ]


async def test_a_dictionary_uses_types_of_another(old: OldServer) -> None:
    own = document(structure("User", 'Name="T" TypeName="o:Tool"')).replace(
        b'xmlns:tns="urn:press"', b'xmlns:tns="urn:press" xmlns:o="urn:other"'
    )
    (encoding,) = await old.describe("user", own, "User")
    await old.describe("broken", b"<not XML")
    other = document(structure("Tool", BYTE)).replace(b'"urn:press"', b'"urn:other"')
    await old.describe("other", other)
    assert await old.read((encoding, b"\7")) == [{"T": {"B": 7}}]


async def test_what_is_refused_says_why_and_takes_nothing_along(old: OldServer) -> None:
    written = document(
        structure("Good", BYTE), structure("Wide", 'Name="W" TypeName="opc:WideChar"')
    )
    good, wide, gone = await old.describe("some", written, "Good", "Wide", "Gone")
    read = await old.read((wide, b"\7"), (good, b"\7"), (gone, b"\7"), (good, b"\7\7"))
    assert read[0].endswith("is not known: type 'opc:WideChar' is not decoded")
    assert read[1] == {"B": 7}
    assert read[2].endswith("is not known: no type dictionary of the server has 'Gone'")
    assert read[3] == "a structure is not encoded as defined"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (None, "the type dictionary has no content"),
        (b"", "the type dictionary is no XML document"),
        (b"<!DOCTYPE a><a/>", "has a document type"),
        (b" " * (DICTIONARY_BYTES_MAX + 1), "type dictionaries have more than"),
    ],
)
async def test_a_hostile_dictionary_is_refused(
    old: OldServer, written: bytes | None, why: str
) -> None:
    one, other = await old.describe("hostile", written, "H", "I")
    for reason in await old.read((one, b"\7"), (other, b"\7")):
        assert why in reason


async def test_a_server_runs_nothing_here(old: OldServer, tmp_path: Path) -> None:
    """asyncua's own loader runs what the server wrote: the attack is real, and not on us."""
    ran = tmp_path / "ran"
    code = f"__import__('pathlib').Path({str(ran)!r}).touch()"
    value = f'<opc:EnumeratedValue Name="V" Value="{code}"/>'
    written = document(
        f'<opc:EnumeratedType Name="E" LengthInBits="32">{value}</opc:EnumeratedType>',
        structure("Armed", 'Name="E" TypeName="tns:E"'),
    )
    (encoding,) = await old.describe("armed", written, "Armed")
    assert await old.read((encoding, struct.pack("<i", 3))) == [{"E": 3}]
    assert not ran.exists()
    async with Client(old.url) as client:
        node = client.get_node(old.dictionary("armed"))
        with contextlib.suppress(Exception):
            await load_type_definitions(client, [node])
    assert ran.exists()
