"""Type dictionaries as servers of OPC UA 1.03 write them."""

from __future__ import annotations

from edge.sources.opcua.described_types import DescribedTypes
from edge.sources.opcua.structure_decoding import Decoding
from edge.sources.opcua.type_dictionary import type_dictionary
from edge.sources.opcua.values import Structures

PRESS = "urn:press"
_HEAD = (
    '<opc:TypeDictionary xmlns:opc="http://opcfoundation.org/BinarySchema/" '
    'xmlns:ua="http://opcfoundation.org/UA/" xmlns:tns="urn:press" '
    'DefaultByteOrder="LittleEndian" TargetNamespace="urn:press">'
)


def document(*types: str) -> bytes:
    """A dictionary of the namespace PRESS with these types, as XML."""
    return f"{_HEAD}{''.join(types)}</opc:TypeDictionary>".encode()


def structure(name: str, *fields: str, base: str = "ua:ExtensionObject") -> str:
    """`fields`: attributes as in `Name="A" TypeName="opc:Int32"`."""
    inside = "".join(f"<opc:Field {it}/>" for it in fields)
    return f'<opc:StructuredType Name="{name}" BaseType="{base}">{inside}</opc:StructuredType>'


def decoder(written: bytes, name: str) -> Decoding:
    """What reads values of that type. Raises ValueError where it is refused."""
    own = Structures(None, ["http://opcfoundation.org/UA/"])  # type: ignore[arg-type]  # not asked
    types = DescribedTypes(own._ua_type, own._standard_named)
    dictionary = type_dictionary(written)
    types.add(dictionary)
    return types.decoder((dictionary.namespace, name))
