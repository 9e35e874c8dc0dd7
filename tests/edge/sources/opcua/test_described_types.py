"""Decoders made of type dictionaries: of the standard's own, which asyncua's classes judge, and of
such as machines have; whatever is not decoded is refused by its name."""

from __future__ import annotations

import base64
import dataclasses
import re
import struct
from typing import Any
from xml.etree import ElementTree

import pytest
from asyncua import ua
from asyncua.ua.ua_binary import struct_to_binary
from dictionaries import PRESS, decoder, document, structure
from peers import NODE_PEERS, require

from edge.sources.opcua.described_types import DescribedTypes
from edge.sources.opcua.structure_decoding import decoded
from edge.sources.opcua.type_dictionary import type_dictionary
from edge.sources.opcua.values import Structures

NODESETS = NODE_PEERS / "node_modules" / "node-opcua-nodesets" / "nodesets"
STANDARD = "i=7617"  # the node of the standard's dictionary
BUILT_IN = (
    "NodeId", "ExpandedNodeId", "StatusCode", "QualifiedName", "LocalizedText", "ExtensionObject",
    "DataValue", "Variant", "DiagnosticInfo",
)  # fmt: skip
FILLED: dict[str, Any] = {
    "String": "text", "UInt32": 7, "Int32": -7, "Double": 1.5, "Boolean": True, "Byte": 200,
    "UInt16": 60000, "Int16": -2, "Float": 0.5, "ByteString": b"bytes",
    "list[String]": ["a", ""], "list[UInt32]": [1, 2, 3], "list[Double]": [0.5],
    "LocalizedText": ua.LocalizedText("stop", "en"), "NodeId": ua.NodeId(5),
}  # fmt: skip
# asyncua writes these otherwise than the dictionary says: a subtype in place of the abstract type.
OF_ABSTRACT_TYPES = frozenset({
    "PublishedDataSetDataType", "DataSetWriterDataType", "WriterGroupDataType",
    "PubSubConnectionDataType", "ReaderGroupDataType", "DataSetReaderDataType",
    "StandaloneSubscribedDataSetDataType", "JsonPubSubConnectionMessage",
    "JsonActionResponderMessage", "LogRecord", "SessionSecurityDiagnosticsDataType",
    "DataTypeAttributes", "ServiceFault",
})  # fmt: skip


def standard_dictionary() -> bytes:
    """The standard's dictionary, under a name of its own, so that its types are read as it says."""
    root = ElementTree.parse(require(path=NODESETS / "Opc.Ua.NodeSet2.xml")).getroot()
    (node,) = (it for it in root if it.get("NodeId") == STANDARD)
    (value,) = (it for it in node.iter() if it.tag.endswith("ByteString"))
    written = base64.b64decode(value.text or "").decode()
    written = written.replace('="http://opcfoundation.org/UA/"', '="urn:copy"')
    standard = '<opc:TypeDictionary xmlns:std="http://opcfoundation.org/UA/"'
    written = written.replace("<opc:TypeDictionary", standard, 1)
    for name in BUILT_IN:
        written = written.replace(f'"ua:{name}"', f'"std:{name}"')
    return written.encode()


def filled(kind: type) -> Any:
    """A value of asyncua's class with something in every plain field."""
    value = kind()
    for field in dataclasses.fields(kind):
        if field.name not in ("Encoding", "TypeId") and str(field.type) in FILLED:
            setattr(value, field.name, FILLED[str(field.type)])
    return value


def test_structures_of_the_standard_are_read_as_asyncua_reads_them() -> None:
    own = Structures(None, ["http://opcfoundation.org/UA/"])  # type: ignore[arg-type]  # not asked
    types = DescribedTypes(own._ua_type, own._standard_named)
    dictionary = type_dictionary(standard_dictionary())
    types.add(dictionary)
    agreed = set()
    for name in dictionary.types:
        kind = getattr(ua, name, None)
        is_message = name.endswith(("Request", "Response")) or name in OF_ABSTRACT_TYPES
        if not dataclasses.is_dataclass(kind) or is_message or name in BUILT_IN:
            continue
        try:
            value = filled(kind)  # type: ignore[arg-type]  # a class
            body = struct_to_binary(value)
        except (TypeError, ValueError, NameError):  # what asyncua itself cannot write
            continue
        if not body:
            continue
        expected = own.plain(value)
        if "ArrayDimensions" in expected:  # a null array is an empty one
            expected["ArrayDimensions"] = expected["ArrayDimensions"] or []
        assert decoded(types.decoder(("urn:copy", name)), body) == expected, name
        agreed.add(name)
    assert len(agreed) > 200
    assert agreed >= {"EUInformation", "Argument", "BuildInfo", "ServerStatusDataType", "Range"}


def packed(form: str, *values: Any) -> bytes:
    return struct.pack(f"<{form}", *values)


def read(written: bytes, body: bytes) -> Any:
    """A value of the type A."""
    return decoded(decoder(written, "A"), body)


def test_optional_fields_are_there_where_their_bit_is_set() -> None:
    written = document(
        structure(
            "A",
            'Name="CountSpecified" TypeName="opc:Bit"',
            'Name="TextSpecified" TypeName="opc:Bit"',
            'Name="Warm" TypeName="opc:Bit"',
            'Name="Level" TypeName="opc:Bit" Length="3"',
            'Name="Reserved1" TypeName="opc:Bit" Length="26"',
            'Name="Count" TypeName="opc:Int32" SwitchField="CountSpecified"',
            'Name="NoOfText" TypeName="opc:Int32" SwitchField="TextSpecified"',
            'Name="Text" TypeName="opc:String" SwitchField="TextSpecified" LengthField="NoOfText"',
        )
    )
    all_there = packed("IiiI1s", 0b101_1_1_1, 5, 1, 1, b"x")
    assert read(written, all_there) == {"Warm": True, "Level": 5, "Count": 5, "Text": ["x"]}
    assert read(written, packed("I", 0)) == {
        "Warm": False, "Level": 0, "Count": None, "Text": None,
    }  # fmt: skip


def test_a_union_has_the_field_that_its_number_chooses() -> None:
    written = document(
        structure(
            "A",
            'Name="Kind" TypeName="opc:UInt32"',
            'Name="Number" TypeName="opc:Int16" SwitchField="Kind" SwitchValue="1"',
            'Name="Text" TypeName="opc:CharArray" SwitchField="Kind" SwitchValue="2"',
            base="ua:Union",
        )
    )
    assert read(written, packed("Ih", 1, -3)) == {"Number": -3}
    assert read(written, packed("Ii", 2, -1)) == {"Text": None}
    assert read(written, packed("I", 0)) == {}


def test_arrays_enumerations_texts_of_characters_and_structures_in_each_other() -> None:
    written = document(
        '<opc:EnumeratedType Name="Colour" LengthInBits="32"/>',
        '<opc:EnumeratedType Name="Flags" LengthInBits="8" IsOptionSet="true"/>',
        '<opc:OpaqueType Name="Picture" LengthInBits="24"/>',
        structure("Base"),
        structure(
            "A",
            'Name="Colour" TypeName="tns:Colour"',
            'Name="Flags" TypeName="tns:Flags"',
            'Name="Picture" TypeName="tns:Picture"',
            'Name="Three" TypeName="opc:Byte" Length="3"',
            'Name="Name" TypeName="opc:Char" Length="6"',
            'Name="Unit" TypeName="ua:EUInformation"',
            'Name="NoOfParts" TypeName="opc:Int32"',
            'Name="Parts" TypeName="tns:A" LengthField="NoOfParts"',
            base="tns:Base",
        ),
    )
    unit = struct_to_binary(ua.EUInformation("", 5, ua.LocalizedText("kg"), ua.LocalizedText()))
    inner = packed("iB3s3B6s", 1, 255, b"\1\2\3", 7, 8, 9, b"ab\0xyz") + unit
    value = read(written, inner + packed("i", 1) + inner + packed("i", -1))
    part = value.pop("Parts")
    unit_read = value.pop("Unit")
    assert (unit_read["UnitId"], unit_read["DisplayName"]) == (5, "kg")
    assert value == {
        "Colour": 1, "Flags": 255, "Picture": b"\1\2\3", "Three": [7, 8, 9], "Name": "ab",
    }  # fmt: skip
    assert part == [value | {"Unit": unit_read, "Parts": []}]


REFUSED = {
    ('Name="B" TypeName="opc:WideString"',): "type 'opc:WideString' is not decoded",
    ('Name="B" TypeName="opc:Server"',): "type 'opc:Server' is not decoded",
    ('Name="B" TypeName="ua:__class__"',): "type 'ua:__class__' is unknown",
    ('Name="B" TypeName="ua:__import__(\'os\')"',): "type 'ua:__import__",
    ('Name="B" TypeName="tns:Gone"',): "no type dictionary of the server has 'Gone'",
    ('Name="B" TypeName="Gone"',): "no type dictionary of the server has 'Gone'",
    ('Name="B"',): "no type dictionary of the server has ''",
    ('Name="B" TypeName="opc:Char"',): "field 'B' of 'A' is a single character",
    ('Name="B" TypeName="opc:Byte" Length="0"',): "field 'B' of 'A' has no length that can be",
    ('Name="B" TypeName="opc:Byte" LengthField="C"',): "depends on 'C', no number before it",
    ('Name="B" TypeName="opc:Byte" SwitchField="B"',): "depends on 'B', no number before it",
    ('Name="C" TypeName="opc:String"', 'Name="B" TypeName="opc:Byte" LengthField="C"'):
        "depends on 'C', no number before it",
    ('Name="C" TypeName="opc:Int32"',
     'Name="B" TypeName="opc:Byte" LengthField="C" IsLengthInBytes="true"'): "IsLengthInBytes",
    ('Name="B" TypeName="opc:Byte" SwitchOperand="GreaterThan"',): "SwitchOperand",
    ('Name="B" TypeName="opc:Char" Length="2" Terminator="00"',): "Terminator",
    ('Name="B" TypeName="opc:Byte"',) * 2: "field 'B' of 'A' is there twice",
    ('Name="B" TypeName="opc:Bit"',): "'A' ends with bits that fill no byte",
    ('Name="B" TypeName="opc:Bit"', 'Name="C" TypeName="opc:Byte"'):
        "field 'C' of 'A' follows bits that fill no byte",
    ('Name="C" TypeName="opc:Byte"', 'Name="B" TypeName="opc:Bit" SwitchField="C"'):
        "bits that are not always there",
}  # fmt: skip


@pytest.mark.parametrize("fields", REFUSED, ids=lambda it: REFUSED[it])
def test_what_is_not_decoded_is_refused_by_its_name(fields: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=re.escape(REFUSED[fields])):
        decoder(document(structure("A", *fields)), "A")


@pytest.mark.parametrize(
    ("types", "why"),
    [
        (['<opc:EnumeratedType Name="A" LengthInBits="12"/>'], "enumeration 'A' has 12 bits"),
        (['<opc:OpaqueType Name="A" LengthInBits="12"/>'], "type 'A' is opaque"),
        (['<opc:OpaqueType Name="A"/>'], "type 'A' is opaque"),
        ([structure("A", base="tns:B")], "no type dictionary of the server has 'B'"),
        ([structure("A", base="ua:Argument")], "'A' does not list fields of 'Argument'"),
        (
            [structure("B", 'Name="X" TypeName="opc:Byte"'), structure("A", base="tns:B")],
            "'A' does not list fields of 'B'",
        ),
        (
            [structure(f"A{it}", f'Name="B" TypeName="tns:A{it + 1}"') for it in range(2000)]
            + [structure("A", 'Name="B" TypeName="tns:A0"')],
            "type 'A' is nested too deeply",
        ),
    ],
)
def test_types_that_are_not_decoded(types: list[str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        decoder(document(*types), "A")


def test_names_are_names_and_never_code() -> None:
    """What is code in asyncua's classes, made of dictionaries, is a key here."""
    code = "x: int = __import__('os').abort() #"
    written = document(
        '<opc:EnumeratedType Name="E"><opc:EnumeratedValue Name="V" Value="exit()"/>'
        "</opc:EnumeratedType>",
        structure("A", f'Name="{code}" TypeName="opc:Byte"', 'Name="__class__" TypeName="tns:E"'),
    )
    assert read(written, packed("Bi", 7, 1)) == {code: 7, "__class__": 1}
    assert decoder(written, "A").__module__.startswith("edge.")


def test_a_type_that_could_not_be_read_is_read_once_its_parts_are_known() -> None:
    own = Structures(None, [])  # type: ignore[arg-type]  # not asked
    types = DescribedTypes(own._ua_type, own._standard_named)
    types.add(type_dictionary(document(structure("A", 'Name="B" TypeName="tns:C"'))))
    with pytest.raises(ValueError, match="has 'C'"):
        types.decoder((PRESS, "A"))
    types.add(type_dictionary(document(structure("C", 'Name="D" TypeName="opc:Byte"'))))
    assert decoded(types.decoder((PRESS, "A")), b"\7") == {"B": {"D": 7}}


def test_dictionaries_that_contradict_each_other_say_nothing() -> None:
    own = Structures(None, [])  # type: ignore[arg-type]  # not asked
    types = DescribedTypes(own._ua_type, own._standard_named)
    same = document(structure("A", 'Name="B" TypeName="opc:Byte"'))
    for written in (same, same, document(structure("C", 'Name="B" TypeName="opc:Byte"'))):
        types.add(type_dictionary(written))
    types.add(type_dictionary(document(structure("C", 'Name="B" TypeName="opc:SByte"'))))
    assert decoded(types.decoder((PRESS, "A")), b"\7") == {"B": 7}
    with pytest.raises(ValueError, match="contradict each other on 'C'"):
        types.decoder((PRESS, "C"))
