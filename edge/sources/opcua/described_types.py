"""Decoders of the types that a server's type dictionaries describe (OPC 10000-3 1.03, Annex C).

What cannot be decoded is refused by its name, with the reason: bits that fill no byte, characters
of two bytes, lengths in bytes, types that extend others without listing their fields, and whatever
no dictionary has.

This module asks no server; `type_dictionaries` brings what is described.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from device_profiles.model.addresses import OPC_UA
from edge.sources.opcua.structure_decoding import Decoding, DescribedField, described
from edge.sources.opcua.type_dictionary import (
    BINARY_SCHEMA,
    BinaryField,
    BinaryType,
    EnumeratedType,
    Name,
    OpaqueType,
    StructuredType,
    TypeDictionary,
    said,
)

_BYTE_BITS: Final = 8
_BIT, _CHARACTER = (BINARY_SCHEMA, "Bit"), (BINARY_SCHEMA, "Char")
_SAY_A_NUMBER = frozenset({"Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32",
                           "Int64", "UInt64"})  # fmt: skip
_BUILT_IN = _SAY_A_NUMBER | {"Float", "Double", "String", "CharArray", "DateTime", "Guid",
                             "ByteString"}  # fmt: skip
_ENUMERATIONS = {8: "Byte", 16: "UInt16", 32: "Int32"}  # by their bits
_OPTION_SETS = {8: "Byte", 16: "UInt16", 32: "UInt32", 64: "UInt64"}
_WITHOUT_FIELDS = frozenset({"ExtensionObject", "Structure", "Union", "OptionSet"})  # as base types


class NotDescribedError(ValueError):
    """A type that none of the dictionaries has that were brought so far."""


class DescribedTypes:
    """`built_in`: the decoder of a built-in type by its name; `standard`: of a type of the
    standard's own namespace, None where it has none of that name."""

    def __init__(
        self, built_in: Callable[[str], Decoding], standard: Callable[[str], Decoding | None]
    ) -> None:
        self._built_in = built_in
        self._standard = standard
        self._types: dict[Name, BinaryType] = {}
        self._contradicted: set[Name] = set()
        self._decoders: dict[Name, Decoding] = {}

    def add(self, dictionary: TypeDictionary) -> None:
        """Another dictionary of the same namespace may repeat a type, and not contradict it."""
        for local, declared in dictionary.types.items():
            name = (dictionary.namespace, local)
            if self._types.setdefault(name, declared) != declared:
                self._contradicted.add(name)

    def decoder(self, name: Name) -> Decoding:
        """Raises NotDescribedError, and ValueError, as a sentence, for what is not decoded."""
        try:
            return self._decoder(name)
        except RecursionError as error:
            raise ValueError(f"type '{said(name[1])}' is nested too deeply") from error

    def _decoder(self, name: Name) -> Decoding:
        """The type may have fields of its own type, which look it up when they are read."""
        if name not in self._decoders:
            self._decoders[name] = lambda data: self._decoders[name](data)
            try:
                self._decoders[name] = self._new_decoder(name)
            except BaseException:
                del self._decoders[name]
                raise
        return self._decoders[name]

    def _new_decoder(self, name: Name) -> Decoding:
        namespace, local = name
        if namespace == BINARY_SCHEMA:
            if local not in _BUILT_IN:
                raise ValueError(f"type 'opc:{said(local)}' is not decoded")
            return self._built_in(local)
        if namespace == OPC_UA:
            standard = self._standard(local)
            if standard is None:
                raise ValueError(f"type 'ua:{said(local)}' is unknown")
            return standard
        declared = self._declared(name)
        if isinstance(declared, StructuredType):
            return self._structure(local, declared)
        if isinstance(declared, EnumeratedType):
            return self._enumeration(local, declared)
        return _opaque(local, declared)

    def _declared(self, name: Name) -> BinaryType:
        if name not in self._types:
            raise NotDescribedError(f"no type dictionary of the server has '{said(name[1])}'")
        if name in self._contradicted:
            raise ValueError(
                f"type dictionaries of the server contradict each other on '{said(name[1])}'"
            )
        return self._types[name]

    def _enumeration(self, name: str, declared: EnumeratedType) -> Decoding:
        integers = _OPTION_SETS if declared.is_option_set else _ENUMERATIONS
        if declared.bits not in integers:
            raise ValueError(f"enumeration '{said(name)}' has {declared.bits} bits")
        return self._built_in(integers[declared.bits])

    def _structure(self, name: str, declared: StructuredType) -> Decoding:
        self._check_base(name, declared)
        for_encoding = {it.length_field for it in declared.fields}
        for_encoding |= {it.switch_field for it in declared.fields}
        fields: dict[str, DescribedField] = {}
        numbers: dict[str, bool] = {}  # fields that say a length or a switch: whether a bit
        bits = 0
        for field in declared.fields:
            where = f"field '{said(field.name)}' of '{said(name)}'"
            if field.name in fields:
                raise ValueError(f"{where} is there twice")
            _check_field(where, field, numbers)
            if field.type_name == _BIT:
                bits += _bit_count(field)
                numbers[field.name] = True
            elif bits % _BYTE_BITS:
                raise ValueError(f"{where} follows bits that fill no byte")
            if _says_a_number(field):
                numbers[field.name] = False
            fields[field.name] = self._field(field, field.name not in for_encoding)
        if bits % _BYTE_BITS:
            raise ValueError(f"structure '{said(name)}' ends with bits that fill no byte")
        switched = (it for it in declared.fields if it.switch_field)
        choices = frozenset(it.name for it in switched if not numbers[it.switch_field])
        return described(tuple(fields.values()), choices)

    def _field(self, field: BinaryField, is_told: bool) -> DescribedField:
        if field.type_name == _BIT:
            is_told = is_told and not field.name.startswith("Reserved")
            return DescribedField(field.name, None, _bit_count(field), is_told=is_told)
        is_text = field.type_name == _CHARACTER
        return DescribedField(
            field.name,
            self._built_in("Byte") if is_text else self._decoder(field.type_name),
            length=field.length,
            length_field=field.length_field,
            switch_field=field.switch_field,
            switch_value=1 if field.switch_value is None else field.switch_value,
            is_text=is_text,
            is_told=is_told,
        )

    def _check_base(self, name: str, declared: StructuredType) -> None:
        """Raises ValueError where the type extends one whose fields are not listed among its own:
        nobody says where they would stand."""
        base = declared.base
        if base is None or (base[0] == OPC_UA and base[1] in _WITHOUT_FIELDS):
            return
        if base[0] == OPC_UA:
            is_listed = any(it.is_inherited for it in declared.fields)
        else:
            extended = self._declared(base)
            theirs = extended.fields if isinstance(extended, StructuredType) else ()
            needed = {it.name for it in theirs if it.type_name != _BIT}
            is_listed = needed <= {it.name for it in declared.fields}
        if not is_listed:
            raise ValueError(f"structure '{said(name)}' does not list fields of '{said(base[1])}'")


def _check_field(where: str, field: BinaryField, numbers: Mapping[str, bool]) -> None:
    if field.not_read:
        raise ValueError(f"{where} has {' and '.join(field.not_read)}, which is not decoded")
    for other in (field.length_field, field.switch_field):
        if other and other not in numbers:
            raise ValueError(f"{where} depends on '{said(other)}', no number before it")
    if field.type_name == _BIT and (field.length_field or field.switch_field):
        raise ValueError(f"{where} is bits that are not always there")
    if field.length == 0 or (field.length is not None and field.length_field):
        raise ValueError(f"{where} has no length that can be")
    if field.type_name == _CHARACTER and field.length is None and not field.length_field:
        raise ValueError(f"{where} is a single character, which is not decoded")


def _says_a_number(field: BinaryField) -> bool:
    namespace, name = field.type_name
    is_single = field.length is None and not field.length_field
    return is_single and namespace == BINARY_SCHEMA and name in _SAY_A_NUMBER


def _bit_count(field: BinaryField) -> int:
    return 1 if field.length is None else field.length


def _opaque(name: str, declared: OpaqueType) -> Decoding:
    bits = declared.bits
    if not bits or bits % _BYTE_BITS:
        raise ValueError(f"type '{said(name)}' is opaque")
    size = bits // _BYTE_BITS
    return lambda data: data.read(size)
