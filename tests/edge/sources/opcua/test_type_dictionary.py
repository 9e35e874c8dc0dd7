"""Type dictionaries become names and numbers, whatever a server wrote into them."""

from __future__ import annotations

import pytest
from dictionaries import PRESS, document, structure

from edge.sources.opcua.type_dictionary import (
    BINARY_SCHEMA,
    BinaryField,
    EnumeratedType,
    OpaqueType,
    StructuredType,
    type_dictionary,
)


def test_what_a_dictionary_says() -> None:
    read = type_dictionary(
        document(
            "<opc:Documentation>The press.</opc:Documentation>",
            '<opc:EnumeratedType Name="Colour" LengthInBits="8"/>',
            '<opc:EnumeratedType Name="Flags" IsOptionSet="true"/>',
            '<opc:OpaqueType Name="Picture"/>',
            structure(
                "A",
                'Name="N" TypeName="opc:Int32"',
                'Name="B" TypeName="tns:&quot;a:b&quot;" LengthField="N" SourceType="tns:C"',
                'Name="D" TypeName="ua:Range" SwitchField="N" SwitchValue="2"',
                base="tns:C",
            ),
        )
    )
    assert read.namespace == PRESS
    assert read.types == {
        "Colour": EnumeratedType(8, is_option_set=False),
        "Flags": EnumeratedType(32, is_option_set=True),
        "Picture": OpaqueType(None),
        "A": StructuredType(
            (PRESS, "C"),
            (
                BinaryField("N", (BINARY_SCHEMA, "Int32")),
                BinaryField("B", (PRESS, '"a:b"'), length_field="N", is_inherited=True),
                BinaryField("D", ("http://opcfoundation.org/UA/", "Range"), None, "", "N", 2),
            ),
        ),
    }
    assert read.field_count == 7


BOMB = b"<!DOCTYPE a [" + b"".join(
    b'<!ENTITY e%d "%s">' % (it + 1, b"&e%d;" % it * 10) for it in range(9)
)  # fmt: skip
HOSTILE = {
    "": "no XML document",
    "not XML": "no XML document",
    "<a/>": "no opc:TypeDictionary",
    f'<opc:Field xmlns:opc="{BINARY_SCHEMA}"/>': "no opc:TypeDictionary",
    f"{BOMB.decode()}]><a>&e9;</a>": "document type",
    '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>': "document type",
    f'<opc:TypeDictionary xmlns:opc="{BINARY_SCHEMA}" DefaultByteOrder="BigEndian"/>':
        "byte order 'BigEndian'",
    document(structure("A"), structure("A")).decode(): "the type 'A' twice",
    document(structure("A", 'Name="B" Length="-1"')).decode(): "has Length '-1'",
    document(structure("A", 'Name="B" Length="9999999999999"')).decode(): "has Length '99",
    document("<x>" * 40 + "</x>" * 40).decode(): "nested too deeply",
}  # fmt: skip


@pytest.mark.parametrize("written", HOSTILE)
def test_what_no_dictionary_may_have(written: str) -> None:
    with pytest.raises(ValueError, match=HOSTILE[written]):
        type_dictionary(written.encode())


def test_more_fields_than_anybody_means_are_refused() -> None:
    written = document(structure("A", *['Name="B" TypeName="opc:Int32"'] * 9))
    assert type_dictionary(written, 10).field_count == 10
    with pytest.raises(ValueError, match="more than 100000 fields"):
        type_dictionary(written, 9)


def test_names_of_a_server_stay_on_their_line() -> None:
    name = "a\u202e" + "b" * 500
    with pytest.raises(ValueError, match="twice") as error:
        type_dictionary(document(structure(name), structure(name)))
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 200
