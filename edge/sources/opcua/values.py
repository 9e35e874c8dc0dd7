"""OPC UA values as plain Python: numbers, texts, times, lists, dicts of structure fields.

Node ids become texts with the namespace's URI, `nsu=http://opcfoundation.org/UA/PackML/;i=36`
(OPC 10000-6, 5.3.1.10): the index is the server's own business. A null one is no value.

Structures are decoded by the definition that this very server gives (DataTypeDefinition,
OPC 10000-3, 8.48), or where it has none by its type dictionary, kept per connection. asyncua's own
loader registers classes for the whole process by namespace index, so that two servers with other
indices would decode each other's values wrongly; it is not used here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

import structlog
from asyncua import ua
from asyncua.client.ua_session import UaSession
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIdNames, ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import from_binary
from asyncua.ua.uaerrors import UaStatusCodeError

from domain.samples import Quality
from edge.sources.opcua.decoding_limits import limit_decoding
from edge.sources.opcua.described_types import DescribedTypes
from edge.sources.opcua.references import neighbours
from edge.sources.opcua.structure_decoding import (
    Decoding,
    Field,
    array,
    decoded,
    sequence,
    union,
    with_optional,
)
from edge.sources.opcua.type_dictionaries import TypeDictionaries

limit_decoding()
_log = structlog.get_logger(__name__)

# InfoType (bits 10 and 11) and the Overflow bit of a status code (OPC 10000-4, 7.39).
_OVERFLOW_MASK: Final = 0xC80
_OVERFLOW: Final = 0x480
_CODE_MASK: Final = 0xFFFF_0000  # without the bits that say more of the value
_NOT_OF_NOW: Final = frozenset(
    {
        StatusCodes.UncertainNoCommunicationLastUsableValue,
        StatusCodes.UncertainLastUsableValue,
        StatusCodes.UncertainInitialValue,
        StatusCodes.UncertainSimulatedValue,
    }
)
_ABSTRACT = {22: "ExtensionObject", 24: "Variant"}  # Structure and BaseDataType as field types
_ENUMERATION = 29
_BINARY = "Default Binary"  # the browse name of the encoding that values come in
_LEARNT_MAX = 10_000  # encodings; a server with more of them is asked again
_INTEGER_OF_ENUMERATION = "Int32"


class UnknownStructureError(Exception):
    """A structure whose definition has not been learnt from the server yet."""

    def __init__(self, type_id: ua.NodeId) -> None:
        self.type_id = type_id
        super().__init__(f"structure {type_id.to_string()}")


class Structures:
    """The structure definitions of one server, learnt when the first value of each comes.

    `namespaces`: the server's URIs by their index.
    """

    def __init__(self, session: UaSession, namespaces: Sequence[str]) -> None:
        self._session = session
        self._namespaces = tuple(namespaces)
        self._by_encoding: dict[ua.NodeId, Decoding | str] = {}  # or why there is no decoder
        self._by_data_type: dict[ua.NodeId, Decoding] = {}
        described = DescribedTypes(self._ua_type, self._standard_named)
        self._dictionaries = TypeDictionaries(session, described)

    def plain(self, value: Any) -> Any:
        """The value without OPC UA types; bytes stay bytes.

        Raises UnknownStructureError for a structure to `learn` first, ValueError for one that
        the server does not define or that is not encoded as defined, and for a namespace that
        the server does not name. Its text has no values or positions, so that it can be counted.
        """
        if value is None or isinstance(value, bool | bytes):
            return value
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, int | float | str):
            return value
        if isinstance(value, list):
            return [self.plain(item) for item in value]
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
        if isinstance(value, UUID):
            return str(value)
        return self._plain_object(value)

    def _plain_object(self, value: Any) -> Any:
        if isinstance(value, ua.ExtensionObject):
            return self._structure(value)
        if isinstance(value, ua.LocalizedText):
            return value.Text or ""
        if isinstance(value, ua.QualifiedName):
            return value.Name
        if isinstance(value, ua.NodeId):
            return self._node_id(value)
        if isinstance(value, ua.StatusCode):
            return value.value
        if isinstance(value, ua.Variant | ua.DataValue):
            return self.plain(value.Value)
        if dataclasses.is_dataclass(value):
            return {
                item.name: self.plain(getattr(value, item.name))
                for item in dataclasses.fields(value)
            }
        raise ValueError(f"a value of type {type(value).__name__} has no plain form")

    def _node_id(self, node: ua.NodeId) -> str | None:
        if node.is_null():
            return None
        uri = getattr(node, "NamespaceUri", None)  # an ExpandedNodeId may carry it
        local = ua.NodeId(node.Identifier, ua.Int16(0), node.NodeIdType).to_string()
        if uri is None and node.NamespaceIndex == 0:
            return local
        if uri is None:
            if node.NamespaceIndex >= len(self._namespaces):
                raise ValueError("a node id has a namespace index that the server does not name")
            uri = self._namespaces[node.NamespaceIndex]
        escaped = uri.replace("%", "%25").replace(";", "%3B")
        return f"nsu={escaped};{local}"

    def _structure(self, value: ua.ExtensionObject) -> Any:
        if value.TypeId.Identifier == 0:
            return None
        if value.TypeId not in self._by_encoding:
            raise UnknownStructureError(value.TypeId)
        decode = self._by_encoding[value.TypeId]
        if isinstance(decode, str):
            raise ValueError(decode)
        try:
            return decoded(decode, value.Body or b"")
        except UnknownStructureError:
            raise
        except Exception as error:  # foreign bytes: any decoder error means the same
            raise ValueError("a structure is not encoded as defined") from error

    async def learn(self, type_id: ua.NodeId) -> None:
        """Ask the server for the definition behind an encoding; remembers it if there is none.

        Raises what the session raises when the connection fails.
        """
        if len(self._by_encoding) >= _LEARNT_MAX:
            self._by_encoding.clear()
        shown = type_id.to_string()
        self._by_encoding[type_id] = f"the server does not define the structure {shown}"
        try:
            decode = await self._encoded(type_id)
        except (UaStatusCodeError, ValueError, RecursionError) as error:
            _log.warning("structure not known", type=shown, why=str(error))
            self._by_encoding[type_id] = f"the structure {shown} is not known: {error}"
        else:
            if decode is not None:
                self._by_encoding[type_id] = decode

    async def _encoded(self, encoding: ua.NodeId) -> Decoding | None:
        """The decoder of values in that encoding, None where the server says nothing of it."""
        data_types = await neighbours(self._session, encoding, ObjectIds.HasEncoding, forward=False)
        defined = await self._defined(data_types[0]) if data_types else None
        return defined or await self._dictionaries.decoder(encoding)

    async def _defined(self, data_type: ua.NodeId) -> Decoding | None:
        """The decoder by the type's own definition, None where it has none."""
        known = self._by_data_type.get(data_type) or self._standard(data_type)
        if known is not None:
            return known
        (attribute,) = await self._session.read_attributes(
            [data_type], AttributeIds.DataTypeDefinition
        )
        definition = attribute.Value.Value if attribute.Value is not None else None
        if isinstance(definition, ua.StructureDefinition):
            self._by_data_type[data_type] = await self._self_containing(data_type, definition)
        elif isinstance(definition, ua.EnumDefinition):
            self._by_data_type[data_type] = self._ua_type(_INTEGER_OF_ENUMERATION)
        return self._by_data_type.get(data_type)

    async def _decoder(self, data_type: ua.NodeId) -> Decoding:
        """The decoder of a field's type, which may be abstract or a name for another."""
        decode = await self._defined(data_type) or await self._described(data_type)
        if decode is None:
            above = await neighbours(self._session, data_type, ObjectIds.HasSubtype, forward=False)
            if not above:
                raise ValueError(f"data type {data_type.to_string()} is unknown")
            decode = await self._decoder(above[0])
        self._by_data_type[data_type] = decode
        return decode

    async def _described(self, data_type: ua.NodeId) -> Decoding | None:
        """The decoder by the server's type dictionary. Raises ValueError where the type has an
        encoding that nothing describes; None where it has none."""
        encodings = await neighbours(self._session, data_type, ObjectIds.HasEncoding)
        if not encodings:
            return None
        for encoding in encodings:  # one by one: so much any server reads at once
            (name,) = await self._session.read_attributes([encoding], AttributeIds.BrowseName)
            if name.Value is not None and name.Value.Value == ua.QualifiedName(_BINARY):
                decode = await self._dictionaries.decoder(encoding)
                if decode is not None:
                    return decode
        raise ValueError(f"data type {data_type.to_string()} is not defined")

    async def _self_containing(
        self, data_type: ua.NodeId, definition: ua.StructureDefinition
    ) -> Decoding:
        """The decoder of a structure that may have fields of its own type."""
        self._by_data_type[data_type] = lambda data: self._by_data_type[data_type](data)
        try:
            return await self._structure_decoder(definition)
        finally:
            del self._by_data_type[data_type]

    async def _structure_decoder(self, definition: ua.StructureDefinition) -> Decoding:
        fields: list[Field] = []
        for item in definition.Fields:
            decode = await self._decoder(item.DataType)
            if item.ValueRank > 1:
                raise ValueError(f"field {item.Name} is an array of several dimensions")
            if item.ValueRank >= 0:
                decode = array(decode)
            fields.append((str(item.Name), bool(item.IsOptional), decode))
        match definition.StructureType:
            case ua.StructureType.Structure:
                return lambda data: sequence(fields, data)
            case ua.StructureType.StructureWithOptionalFields:
                return lambda data: with_optional(fields, data)
            case ua.StructureType.Union:
                return lambda data: union(fields, data)
        raise ValueError(f"structures of kind {definition.StructureType} are not decoded")

    def _standard(self, data_type: ua.NodeId) -> Decoding | None:
        """The decoder of a type of the standard's own namespace, if asyncua has it."""
        if data_type.NamespaceIndex != 0 or not isinstance(data_type.Identifier, int):
            return None
        if data_type.Identifier == _ENUMERATION:
            return self._ua_type(_INTEGER_OF_ENUMERATION)
        name = _ABSTRACT.get(data_type.Identifier) or ObjectIdNames.get(data_type.Identifier)
        is_type = name is not None and isinstance(getattr(ua, name, None), type)
        return self._ua_type(name) if name is not None and is_type else None

    def _standard_named(self, name: str) -> Decoding | None:
        """The same by the type's name, as type dictionaries refer to it."""
        if name in _ABSTRACT.values():
            return self._ua_type(name)
        number = getattr(ObjectIds, name, None)
        return self._standard(ua.NodeId(ua.Int32(number))) if isinstance(number, int) else None

    def _ua_type(self, name: str) -> Decoding:
        uatype = getattr(ua, name)
        return lambda data: self.plain(from_binary(uatype, data))


def quality_of(status: ua.StatusCode | None) -> Quality:
    """OPC UA severity (OPC 10000-4, 7.39) as quality; a missing status means good.

    But for what the codes of OPC 10000-8, 6.3 say against it: a value that nobody updates any more,
    or that is simulated, says nothing of the machine now, and one that a person forced is doubted.
    """
    if status is None:
        return Quality.GOOD
    code = status.value & _CODE_MASK
    if code in _NOT_OF_NOW:
        return Quality.BAD
    if status.is_good() and code != StatusCodes.GoodLocalOverride:
        return Quality.GOOD
    return Quality.BAD if status.is_bad() else Quality.UNCERTAIN


def status_name(status: ua.StatusCode | None) -> str:
    """What OPC UA calls it."""
    return "" if status is None else str(status.name)


def overflowed(status: ua.StatusCode | None) -> bool:
    """Whether the server dropped values of this item just before this one."""
    return status is not None and status.value & _OVERFLOW_MASK == _OVERFLOW


def source_time_of(value: ua.DataValue) -> datetime | None:
    """The machine's own time of the value, else the server's time of it, in UTC."""
    time = value.SourceTimestamp or value.ServerTimestamp
    if time is None:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)
