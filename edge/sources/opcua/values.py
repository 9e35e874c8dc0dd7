"""OPC UA values as plain Python: numbers, texts, times, lists, dicts of structure fields.

Node ids become texts with the namespace's URI, `nsu=http://opcfoundation.org/UA/PackML/;i=36`
(OPC 10000-6, 5.3.1.10): the index is the server's own business. A null one is no value.

Structures are decoded by the definition that this very server gives (DataTypeDefinition,
OPC 10000-3, 8.48), kept per connection. asyncua's own loader registers classes for the
whole process by namespace index, so that two servers with other indices would decode each
other's values wrongly; it is not used here.

Encodings: OPC 10000-6, 5.2.6 (structures), 5.2.7 (optional fields), 5.2.8 (unions).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

import structlog
from asyncua import ua
from asyncua.client.ua_session import UaSession
from asyncua.common.utils import Buffer
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIdNames, ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import Primitives, from_binary
from asyncua.ua.uaerrors import UaStatusCodeError

from domain.samples import Quality
from edge.sources.opcua.decoding_limits import array_length, limit_decoding

limit_decoding()
_log = structlog.get_logger(__name__)

_Decode = Callable[[Buffer], Any]  # gives plain values
_Fields = list[tuple[str, bool, _Decode]]  # name, optional, decoder
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
_LENGTH_BYTES = 4  # of an array's length
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
        self._by_encoding: dict[ua.NodeId, _Decode | None] = {}
        self._by_data_type: dict[ua.NodeId, _Decode] = {}

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
        if decode is None:
            raise ValueError(f"the server does not define the structure {value.TypeId.to_string()}")
        try:
            return decode(Buffer(value.Body or b""))
        except UnknownStructureError:
            raise
        except Exception as error:  # foreign bytes: any decoder error means the same
            raise ValueError("a structure is not encoded as defined") from error

    async def learn(self, type_id: ua.NodeId) -> None:
        """Ask the server for the definition behind an encoding; remembers it if there is none.

        Raises what the session raises when the connection fails.
        """
        self._by_encoding[type_id] = None
        data_type = await self._target(type_id, ObjectIds.HasEncoding)
        if data_type is not None:
            try:
                self._by_encoding[type_id] = await self._decoder(data_type)
            except (UaStatusCodeError, ValueError) as error:
                _log.warning("structure not known", type=type_id.to_string(), why=str(error))

    async def _target(self, node: ua.NodeId, reference: int) -> ua.NodeId | None:
        """The node at the other end of an inverse reference."""
        browse = ua.BrowseDescription()
        browse.NodeId = node
        browse.BrowseDirection = ua.BrowseDirection.Inverse
        browse.ReferenceTypeId = ua.NodeId(ua.Int32(reference))
        browse.IncludeSubtypes = True
        browse.ResultMask = ua.BrowseResultMask.None_
        parameters = ua.BrowseParameters()
        parameters.NodesToBrowse = [browse]
        (result,) = await self._session.browse(parameters)
        return result.References[0].NodeId if result.References else None

    async def _decoder(self, data_type: ua.NodeId) -> _Decode:
        known = self._by_data_type.get(data_type) or self._standard(data_type)
        if known is not None:
            return known
        (attribute,) = await self._session.read_attributes(
            [data_type], AttributeIds.DataTypeDefinition
        )
        definition = attribute.Value.Value if attribute.Value is not None else None
        if isinstance(definition, ua.StructureDefinition):
            decode = await self._self_containing(data_type, definition)
        elif isinstance(definition, ua.EnumDefinition):
            decode = self._ua_type(_INTEGER_OF_ENUMERATION)
        else:
            supertype = await self._target(data_type, ObjectIds.HasSubtype)
            if supertype is None:
                raise ValueError(f"data type {data_type.to_string()} is unknown")
            decode = await self._decoder(supertype)
        self._by_data_type[data_type] = decode
        return decode

    async def _self_containing(
        self, data_type: ua.NodeId, definition: ua.StructureDefinition
    ) -> _Decode:
        """The decoder of a structure that may have fields of its own type."""
        self._by_data_type[data_type] = lambda data: self._by_data_type[data_type](data)
        try:
            return await self._structure_decoder(definition)
        finally:
            del self._by_data_type[data_type]

    async def _structure_decoder(self, definition: ua.StructureDefinition) -> _Decode:
        fields: _Fields = []
        for item in definition.Fields:
            decode = await self._decoder(item.DataType)
            if item.ValueRank > 1:
                raise ValueError(f"field {item.Name} is an array of several dimensions")
            if item.ValueRank >= 0:
                decode = _array(decode)
            fields.append((str(item.Name), bool(item.IsOptional), decode))
        match definition.StructureType:
            case ua.StructureType.Structure:
                return lambda data: _fields(fields, data)
            case ua.StructureType.StructureWithOptionalFields:
                return lambda data: _with_optional(fields, data)
            case ua.StructureType.Union:
                return lambda data: _union(fields, data)
        raise ValueError(f"structures of kind {definition.StructureType} are not decoded")

    def _standard(self, data_type: ua.NodeId) -> _Decode | None:
        """The decoder of a type of the standard's own namespace, if asyncua has it."""
        if data_type.NamespaceIndex != 0 or not isinstance(data_type.Identifier, int):
            return None
        if data_type.Identifier == _ENUMERATION:
            return self._ua_type(_INTEGER_OF_ENUMERATION)
        name = _ABSTRACT.get(data_type.Identifier) or ObjectIdNames.get(data_type.Identifier)
        return self._ua_type(name) if name is not None and hasattr(ua, name) else None

    def _ua_type(self, name: str) -> _Decode:
        uatype = getattr(ua, name)
        return lambda data: self.plain(from_binary(uatype, data))


def _with_optional(fields: _Fields, data: Buffer) -> Any:
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


def _union(fields: _Fields, data: Buffer) -> Any:
    chosen = Primitives.UInt32.unpack(data)
    if chosen == 0:
        return {}
    name, _, decode = fields[chosen - 1]
    return {name: decode(data)}


def _fields(fields: _Fields, data: Buffer) -> Any:
    """Raises ValueError for a field without bytes, which no type has: a few definitions of nothing
    but each other would else become billions of values."""
    values: dict[str, Any] = {}
    for name, _, decode in fields:
        before = len(data)
        values[name] = decode(data)
        if len(data) == before:
            raise ValueError(f"field {name} has no bytes")
    return values


def _array(decode: _Decode) -> _Decode:
    def decode_array(data: Buffer) -> list[Any]:
        length = array_length(data)
        data.read(_LENGTH_BYTES)
        return [decode(data) for _ in range(length)]

    return decode_array


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
