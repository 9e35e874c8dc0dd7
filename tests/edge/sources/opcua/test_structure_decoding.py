"""Structures are read to their last byte, and what is not worth its bytes is refused."""

from __future__ import annotations

import struct
import time

import pytest
from dictionaries import decoder, document, structure

from edge.sources.opcua.structure_decoding import VALUE_FIELDS_MAX, StructureBody, decoded

BYTE, NUMBER = 'Name="B" TypeName="opc:Byte"', 'Name="N" TypeName="opc:Int32"'


def test_a_body_is_read_to_its_last_byte() -> None:
    decode = decoder(document(structure("A", BYTE)), "A")
    assert decoded(decode, b"\7") == {"B": 7}
    with pytest.raises(ValueError, match="bytes are left"):
        decoded(decode, b"\7\7")
    with pytest.raises(Exception, match="Not enough data"):
        decoded(decode, b"")


@pytest.mark.parametrize("length", [2**31 - 1, 5, -(2**31)])
def test_a_length_is_believed_as_far_as_there_are_bytes(length: int) -> None:
    written = document(structure("A", NUMBER, f"{BYTE} LengthField='N'"))
    body = struct.pack("<i", length) + b"\1\2\3\4"
    with pytest.raises(ValueError, match=r"more values than bytes|bytes are left"):
        decoded(decoder(written, "A"), body)
    fixed = document(structure("A", f'{BYTE} Length="{2**31}"'))
    with pytest.raises(ValueError, match="more values than bytes"):
        decoded(decoder(fixed, "A"), body)


def test_a_structure_of_itself_has_no_value() -> None:
    written = document(structure("A", 'Name="A" TypeName="tns:A"'))
    with pytest.raises((ValueError, RecursionError)):
        decoded(decoder(written, "A"), b"\0" * 100)


def test_structures_of_nothing_but_each_other_become_no_billions_of_values() -> None:
    two = [
        structure(f"A{it}", *(f'Name="{name}" TypeName="tns:A{it + 1}"' for name in "LR"))
        for it in range(40)
    ]
    with pytest.raises(ValueError, match="has no bytes"):
        decoded(decoder(document(*two, structure("A40")), "A0"), b"")


def test_a_value_has_so_many_fields_and_no_more() -> None:
    """Bytes that are each in a structure in sixty structures are sixty times as many fields."""
    nested = [
        structure(f"S{it}", f'Name="I" TypeName="tns:S{it + 1}"') for it in range(60)
    ]  # fmt: skip
    many = structure("A", NUMBER, 'Name="M" TypeName="tns:S0" LengthField="N"')
    decode = decoder(document(*nested, structure("S60", BYTE), many), "A")
    few = decoded(decode, struct.pack("<i", 3) + b"\7" * 3)
    assert str(few["M"]).count("7") == 3
    began = time.process_time()
    with pytest.raises(ValueError, match=f"more than {VALUE_FIELDS_MAX} fields"):
        decoded(decode, struct.pack("<i", 500_000) + b"\7" * 500_000)
    assert time.process_time() - began < 15  # without an end to it: minutes


def test_a_body_counts_its_fields() -> None:
    body = StructureBody(b"")
    body.begin(VALUE_FIELDS_MAX)
    with pytest.raises(ValueError, match="more than"):
        body.begin(1)
