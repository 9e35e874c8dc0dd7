"""Decoders of structures, put together from decoders of their fields.

Encodings: OPC 10000-6, 5.2.6 (structures), 5.2.7 (optional fields), 5.2.8 (unions); and what type
dictionaries describe, OPC 10000-3 1.03, Annex C: bits, lengths and switches that are fields.

What a server sends takes no longer than its bytes are worth: a field takes a byte at least, or it
is refused, so that a few definitions of nothing but each other do not become billions of values;
and one value may have so many fields in all, however deep they lie.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import Primitives

from edge.sources.opcua.decoding_limits import array_length

VALUE_FIELDS_MAX: Final = 100_000  # of one value, those of its structures' structures included
_LENGTH_BYTES = 4  # of an array's length
_BYTE_BITS = 8

Decoding = Callable[["StructureBody"], Any]  # gives plain values
Field = tuple[str, bool, Decoding]  # name, optional, decoder


class StructureBody(Buffer):
    """The bytes of one value, and how many fields they may still become."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._fields_left = VALUE_FIELDS_MAX

    def begin(self, fields: int) -> None:
        """Raises ValueError where a structure has more fields than are left to the value."""
        self._fields_left -= fields
        if self._fields_left < 0:
            raise ValueError(f"a value has more than {VALUE_FIELDS_MAX} fields")


def decoded(decode: Decoding, body: bytes) -> Any:
    """The value of the whole body. Raises ValueError where it has more bytes than the type, and
    what decoders raise for bytes that are not as described."""
    data = StructureBody(body)
    value = decode(data)
    if data:
        raise ValueError("bytes are left")
    return value


def sequence(fields: Sequence[Field], data: StructureBody) -> Any:
    """All fields, one behind the other."""
    data.begin(len(fields))
    return {name: _some_bytes(name, decode, data) for name, _, decode in fields}


def with_optional(fields: Sequence[Field], data: StructureBody) -> Any:
    """Fields of which some are there only where the mask before them says so."""
    data.begin(len(fields))
    present = Primitives.UInt32.unpack(data)
    values: dict[str, Any] = {}
    bit = 0
    for name, optional, decode in fields:
        if optional:
            bit += 1
            if not present >> (bit - 1) & 1:
                values[name] = None
                continue
        values[name] = decode(data)
    return values


def union(fields: Sequence[Field], data: StructureBody) -> Any:
    """The one field that the number before it chooses, or none."""
    data.begin(1)
    chosen = Primitives.UInt32.unpack(data)
    if chosen == 0:
        return {}
    name, _, decode = fields[chosen - 1]
    return {name: decode(data)}


def array(decode: Decoding) -> Decoding:
    """Of an array of any length, which stands before it."""

    def decode_array(data: StructureBody) -> list[Any]:
        length = array_length(data)
        data.read(_LENGTH_BYTES)
        return [decode(data) for _ in range(length)]

    return decode_array


@dataclass(frozen=True, slots=True)
class DescribedField:
    """A field as a type dictionary describes it.

    `bits`: where it is so many bits, and has no decoder. `length`: how many values it has, where
    that is always the same; `length_field`: the field that says it. `switch_field`: it is there
    only where that field is `switch_value`. `is_text`: its values are the bytes of one text.
    `is_told`: whether it is a value of the structure's, and not only there for its encoding.
    """

    name: str
    decode: Decoding | None
    bits: int = 0
    length: int | None = None
    length_field: str = ""
    switch_field: str = ""
    switch_value: int = 1
    is_text: bool = False
    is_told: bool = True


def described(fields: Sequence[DescribedField], choices: frozenset[str]) -> Decoding:
    """The decoder of a structure of a type dictionary. Of fields that are not there those in
    `choices` are left out, as in a union, and the others None, as optional ones are."""
    told = [it.name for it in fields if it.is_told]

    def decode_structure(data: StructureBody) -> Any:
        data.begin(len(fields))
        values: dict[str, Any] = {}
        bits = _Bits(data)
        for field in fields:
            if field.switch_field and values.get(field.switch_field) != field.switch_value:
                if field.name not in choices:
                    values[field.name] = None
            elif field.decode is None:
                values[field.name] = bits.read(field.bits)
            else:
                values[field.name] = _described_value(field, field.decode, values, data)
        return {name: values[name] for name in told if name in values}

    return decode_structure


def _described_value(
    field: DescribedField, decode: Decoding, values: Mapping[str, Any], data: StructureBody
) -> Any:
    if field.length is None and not field.length_field:
        return _some_bytes(field.name, decode, data)
    length = field.length
    if length is None:
        length = max(0, values.get(field.length_field) or 0)  # a null array has the length -1
    if length > len(data):
        raise ValueError(f"field {field.name} has more values than bytes")
    if field.is_text:
        return data.read(length).decode().partition("\0")[0]
    return [_some_bytes(field.name, decode, data) for _ in range(length)]


def _some_bytes(name: str, decode: Decoding, data: StructureBody) -> Any:
    """Raises ValueError where the value has no bytes, which no type has."""
    before = len(data)
    value = decode(data)
    if len(data) == before:
        raise ValueError(f"field {name} has no bytes")
    return value


class _Bits:
    """Fields of less than a byte: the lowest bit of a byte is the first."""

    def __init__(self, data: StructureBody) -> None:
        self._data = data
        self._byte = 0
        self._left = 0  # bits of the byte that were not read yet

    def read(self, count: int) -> int:
        """A number of so many bits, or whether the one bit is set."""
        value = 0
        for place in range(count):
            if not self._left:
                (self._byte,) = self._data.read(1)
                self._left = _BYTE_BITS
            value |= (self._byte & 1) << place
            self._byte >>= 1
            self._left -= 1
        return value if count > 1 else bool(value)
