"""A few bytes of a server become no gigabytes; whatever is legal is read as before."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, variant_to_binary
from asyncua.ua.uaerrors import UaError

from edge.sources.opcua.decoding_limits import array_length, limit_decoding

limit_decoding()


def variant(kind: int, *numbers: int) -> bytes:
    """A DataValue of a value alone: how its Variant is encoded, and numbers of 32 bits."""
    return bytes([1, kind]) + struct.pack(f"<{len(numbers)}i", *numbers)


@pytest.mark.parametrize(
    "data",
    [
        variant(0x80, 2_000_000_000),  # of Null, which takes no bytes
        variant(0x80, 100),
        variant(0x8C, 2_000_000_000, 0),  # of texts
        variant(0xC6, 1, 7, 2, 1000, 1000),  # one number, said to be a million
        variant(0xC6, 0, 3, 100, 100, 100),
        variant(0xC6, 2, 7, 8, 2, -1, -2),
    ],
    ids=["null", "few of null", "texts", "dimensions", "of nothing", "less than none"],
)
def test_an_array_of_more_than_came_is_refused(data: bytes) -> None:
    with pytest.raises(UaError, match="an array of "):
        struct_from_binary(ua.DataValue, Buffer(data))


@pytest.mark.parametrize(
    "value",
    [
        ua.Variant([1.5, 2.5], ua.VariantType.Double),
        ua.Variant([True] * 3, ua.VariantType.Boolean),
        ua.Variant(["", None], ua.VariantType.String),
        ua.Variant([], ua.VariantType.Int32),
        ua.Variant(None, ua.VariantType.Int32, is_array=True),
        ua.Variant([[1, 2, 3], [4, 5, 6]], ua.VariantType.Int16),
        ua.Variant([[[1, 2], [3, 4]], [[5, 6], [7, 8]], [[9, 0], [1, 2]]], ua.VariantType.Byte),
        ua.Variant(None),
    ],
    ids=str,
)
def test_what_is_legal_is_read(value: Any) -> None:
    read = struct_from_binary(ua.DataValue, Buffer(b"\x01" + variant_to_binary(value)))
    assert (read.Value.Value, read.Value.Dimensions) == (value.Value, value.Dimensions)


def test_a_length_is_told_and_left_in_the_buffer() -> None:
    buffer = Buffer(struct.pack("<i", 3) + b"xyz")
    assert array_length(buffer) == 3
    assert len(buffer) == 7
    assert array_length(Buffer(struct.pack("<i", -1))) == 0


def test_an_array_of_nothing_in_several_dimensions_is_empty() -> None:
    read = struct_from_binary(ua.DataValue, Buffer(variant(0xC6, 0, 2, 3, 0)))
    assert (read.Value.Value, read.Value.Dimensions) == ([], [3, 0])
