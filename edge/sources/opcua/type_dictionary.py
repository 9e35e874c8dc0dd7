"""What a type dictionary says: the OPC Binary description of a server's structures, an XML document
(OPC 10000-3 1.03, Annex C).

It is what a server wrote that may be hostile. It becomes names and numbers, never code; a document
type, with which a few bytes become gigabytes, is refused; so are more fields than anybody can mean.
Of enumerations only the size is kept: nothing of their names is needed to read a value.

This module knows neither servers nor values; `type_dictionaries` makes decoders of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from domain.errors import shortened
from domain.texts import one_line

BINARY_SCHEMA: Final = "http://opcfoundation.org/BinarySchema/"
DICTIONARY_FIELDS_MAX: Final = 100_000  # of all dictionaries of a server
_ENUMERATION_BITS: Final = 32  # where a dictionary does not say it
_NUMBER_DIGITS_MAX: Final = 10
_DEPTH_MAX: Final = 32  # a dictionary has three, and what its documentation has

Name = tuple[str, str]  # of a type: its namespace's URI and its name there


@dataclass(frozen=True, slots=True)
class BinaryField:
    """A field as the dictionary has it; attributes that it lacks are None or empty.

    `length`: how many values it has; `length_field`, `switch_field`: names of fields before it.
    `not_read`: names of attributes that change its encoding in ways that are not decoded.
    """

    name: str
    type_name: Name
    length: int | None = None
    length_field: str = ""
    switch_field: str = ""
    switch_value: int | None = None
    is_inherited: bool = False
    not_read: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StructuredType:
    base: Name | None
    fields: tuple[BinaryField, ...]


@dataclass(frozen=True, slots=True)
class EnumeratedType:
    bits: int
    is_option_set: bool


@dataclass(frozen=True, slots=True)
class OpaqueType:
    bits: int | None


BinaryType = StructuredType | EnumeratedType | OpaqueType


@dataclass(frozen=True)
class TypeDictionary:
    """`namespace`: the one of its types' names; `field_count`: of all its structures."""

    namespace: str
    types: Mapping[str, BinaryType]
    field_count: int


def type_dictionary(document: bytes, fields_max: int = DICTIONARY_FIELDS_MAX) -> TypeDictionary:
    """Raises ValueError, as a sentence with what cannot be read."""
    reading = _Reading(fields_max)
    try:
        reading.parser.Parse(document, True)
    except expat.ExpatError as error:
        raise ValueError("the type dictionary is no XML document") from error
    return reading.dictionary()


def said(name: str) -> str:
    """A name of the server's as it may stand in a sentence."""
    return shortened(one_line(name))


_NOT_READ = ("IsLengthInBytes", "SwitchOperand", "Terminator")
_USUAL = {("IsLengthInBytes", "false"), ("SwitchOperand", "Equals")}


@dataclass
class _Reading:
    """Takes what the parser meets."""

    fields_max: int
    parser: expat.XMLParserType = field(init=False)
    _namespace: str | None = None
    _types: dict[str, BinaryType] = field(default_factory=dict)
    _prefixes: dict[str, list[str]] = field(default_factory=dict)  # the innermost is the last
    _fields: list[BinaryField] = field(default_factory=list)  # of the structure that is open
    _open: tuple[str, Name | None] | None = None  # its name and base
    _field_count: int = 0
    _depth: int = 0  # of the elements that are open

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartDoctypeDeclHandler = self._refuse_document_type
        self.parser.StartNamespaceDeclHandler = self._begin_prefix
        self.parser.EndNamespaceDeclHandler = self._end_prefix
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end

    def dictionary(self) -> TypeDictionary:
        if self._namespace is None:
            raise ValueError("the type dictionary is no opc:TypeDictionary")
        return TypeDictionary(self._namespace, self._types, self._field_count)

    def _refuse_document_type(self, *_: object) -> None:
        raise ValueError("the type dictionary has a document type, which may name anything")

    def _begin_prefix(self, prefix: str | None, uri: str | None) -> None:
        self._prefixes.setdefault(prefix or "", []).append(uri or "")

    def _end_prefix(self, prefix: str | None) -> None:
        self._prefixes[prefix or ""].pop()

    def _begin(self, element: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH_MAX:
            raise ValueError("the type dictionary is nested too deeply")
        namespace, _, kind = element.rpartition(" ")
        if namespace != BINARY_SCHEMA:
            return
        if kind == "TypeDictionary" and self._namespace is None:
            self._begin_dictionary(attributes)
        elif self._namespace is None:
            raise ValueError("the type dictionary is no opc:TypeDictionary")
        elif kind == "StructuredType":
            base = attributes.get("BaseType")
            self._open = (_name(attributes), None if base is None else self._type_name(base))
            self._fields = []
        elif kind == "EnumeratedType":
            self._add(_name(attributes), _enumerated_type(attributes))
        elif kind == "OpaqueType":
            self._add(_name(attributes), OpaqueType(_number(attributes, "LengthInBits")))
        elif kind == "Field" and self._open is not None:
            self._take(attributes)

    def _end(self, element: str) -> None:
        self._depth -= 1
        if element == f"{BINARY_SCHEMA} StructuredType" and self._open is not None:
            name, base = self._open
            self._open = None
            self._add(name, StructuredType(base, tuple(self._fields)))

    def _begin_dictionary(self, attributes: dict[str, str]) -> None:
        order = attributes.get("DefaultByteOrder", "LittleEndian")
        if order != "LittleEndian":
            raise ValueError(f"the type dictionary has the byte order '{said(order)}'")
        self._namespace = attributes.get("TargetNamespace", "")

    def _add(self, name: str, declared: BinaryType) -> None:
        if name in self._types:
            raise ValueError(f"the type dictionary has the type '{said(name)}' twice")
        self._count()
        self._types[name] = declared

    def _count(self) -> None:
        self._field_count += 1
        if self._field_count > self.fields_max:
            raise ValueError(
                f"the server's type dictionaries have more than {DICTIONARY_FIELDS_MAX} fields"
            )

    def _take(self, attributes: dict[str, str]) -> None:
        self._count()
        self._fields.append(
            BinaryField(
                _name(attributes),
                self._type_name(attributes.get("TypeName", "")),
                _number(attributes, "Length"),
                attributes.get("LengthField", ""),
                attributes.get("SwitchField", ""),
                _number(attributes, "SwitchValue"),
                "SourceType" in attributes,
                tuple(
                    it
                    for it in _NOT_READ
                    if it in attributes and (it, attributes[it]) not in _USUAL
                ),
            )
        )

    def _type_name(self, text: str) -> Name:
        """`prefix:name`, where the name may have colons of its own, as in `tns:"a:b"`."""
        prefix, colon, name = text.partition(":")
        if colon and self._prefixes.get(prefix):
            return (self._prefixes[prefix][-1], name)
        return (self._namespace or "", text)


def _name(attributes: dict[str, str]) -> str:
    return attributes.get("Name", "")


def _enumerated_type(attributes: dict[str, str]) -> EnumeratedType:
    bits = _number(attributes, "LengthInBits")
    is_option_set = attributes.get("IsOptionSet") in ("true", "1")
    return EnumeratedType(_ENUMERATION_BITS if bits is None else bits, is_option_set)


def _number(attributes: dict[str, str], name: str) -> int | None:
    text = attributes.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _NUMBER_DIGITS_MAX):
        raise ValueError(f"the type dictionary has {name} '{said(text)}'")
    return int(text)
