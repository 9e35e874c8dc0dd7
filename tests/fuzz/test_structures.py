"""Type dictionaries and bodies of their structures, of any content: plain values or a reason."""

from __future__ import annotations

import contextlib
import struct

from dictionaries import PRESS, document, structure
from fuzzing import changed, inputs
from hypothesis import given
from hypothesis import strategies as st

from edge.sources.opcua.described_types import DescribedTypes
from edge.sources.opcua.structure_decoding import decoded
from edge.sources.opcua.type_dictionary import type_dictionary
from edge.sources.opcua.values import Structures

DICTIONARIES = [
    document(
        '<opc:EnumeratedType Name="E" LengthInBits="32"/>',
        structure("T", 'Name="Text" TypeName="opc:String"', 'Name="E" TypeName="tns:E"'),
        structure(
            "A",
            'Name="S" TypeName="opc:Bit"',
            'Name="R" TypeName="opc:Bit" Length="7"',
            'Name="V" TypeName="ua:Variant" SwitchField="S"',
            'Name="N" TypeName="opc:Int16"',
            'Name="T" TypeName="tns:T" LengthField="N"',
            'Name="C" TypeName="opc:Char" Length="3"',
        ),
    )
]
WORDS = [
    b'SwitchField="N"', b'LengthField="R"', b'TypeName="tns:A"', b'TypeName="opc:Bit"',
    b'Length="4000000000"', b'SwitchValue="0"', b'BaseType="tns:T"', b"&#10;", b"<!DOCTYPE a>",
    b'TypeName="ua:DataValue"', b'TypeName="ua:ExtensionObject"', b'TypeName="ua:Union"',
    b'Name="A"', b"</opc:StructuredType>", b'xmlns:tns="urn:x"', b'LengthInBits="8"',
]  # fmt: skip
BODIES = [
    struct.pack("<BBihi1sii3s", 1, 6, 7, 2, 1, b"x", 2, -1, b"abc") + b"\0" * 8,
    struct.pack("<Bh3s", 0, 0, b"abc"),
]
SIZES = [b"\xff\xff\xff\x7f", b"\xff\x7f", b"\xff\xff\xff\xff", b"\0\0\0\0"]


@inputs(60)
@given(changed(DICTIONARIES, WORDS), st.lists(changed(BODIES, SIZES), min_size=1, max_size=4))
def test_dictionaries_and_bodies(written: bytes, bodies: list[bytes]) -> None:
    own = Structures(None, ["http://opcfoundation.org/UA/"])  # type: ignore[arg-type]  # not asked
    types = DescribedTypes(own._ua_type, own._standard_named)
    names = ["A", "T", "E"]
    with contextlib.suppress(ValueError):
        dictionary = type_dictionary(written)
        types.add(dictionary)
        names += dictionary.types
    for name in names:
        with contextlib.suppress(ValueError):
            decode = types.decoder((PRESS, name))
            for body in [*BODIES, *bodies]:
                with contextlib.suppress(Exception):  # of decoding; Structures makes it a reason
                    assert len(str(decoded(decode, body))) < 100_000
