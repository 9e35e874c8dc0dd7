"""The Sparkplug B payload as a Protocol Buffers message (proto2).

Written from the field table of the specification (Sparkplug 3.0, chapter 6, "Google Protocol Buffer
Schema"): names, numbers and types of fields are facts of the format. The definition is made here as
data and not compiled from a file, so nothing generated has to be kept.

What a reading host refuses (DataSet, Template, extensions) stays bytes: it has the same form on the
wire, costs nothing, and cannot be nested too deeply for anybody. Fields that are not named here
are left alone by the library.
"""

from __future__ import annotations

from typing import Any, Protocol

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from edge.sources.mqtt.payload import PAYLOAD_MAX_BYTES, TOO_LARGE

_PACKAGE = "lineproof.sparkplug"
_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {
    "bool": _Field.TYPE_BOOL,
    "bytes": _Field.TYPE_BYTES,
    "double": _Field.TYPE_DOUBLE,
    "float": _Field.TYPE_FLOAT,
    "string": _Field.TYPE_STRING,
    "uint32": _Field.TYPE_UINT32,
    "uint64": _Field.TYPE_UINT64,
}
# By message: number, name and type of each field. A name with an initial capital is a message.
# "repeated" may be many; "value" is one of several (oneof).
_MESSAGES: dict[str, tuple[tuple[int, str, str, str], ...]] = {
    "Payload": (
        (1, "timestamp", "uint64", ""),
        (2, "metrics", "Metric", "repeated"),
        (3, "seq", "uint64", ""),
        (4, "uuid", "string", ""),
        (5, "body", "bytes", ""),
    ),
    "Metric": (
        (1, "name", "string", ""),
        (2, "alias", "uint64", ""),
        (3, "timestamp", "uint64", ""),
        (4, "datatype", "uint32", ""),
        (5, "is_historical", "bool", ""),
        (6, "is_transient", "bool", ""),
        (7, "is_null", "bool", ""),
        (8, "metadata", "bytes", ""),
        (9, "properties", "PropertySet", ""),
        (10, "int_value", "uint32", "value"),
        (11, "long_value", "uint64", "value"),
        (12, "float_value", "float", "value"),
        (13, "double_value", "double", "value"),
        (14, "boolean_value", "bool", "value"),
        (15, "string_value", "string", "value"),
        (16, "bytes_value", "bytes", "value"),
        (17, "dataset_value", "bytes", "value"),
        (18, "template_value", "bytes", "value"),
        (19, "extension_value", "bytes", "value"),
    ),
    "PropertySet": (
        (1, "keys", "string", "repeated"),
        (2, "values", "PropertyValue", "repeated"),
    ),
    "PropertyValue": (
        (1, "type", "uint32", ""),
        (2, "is_null", "bool", ""),
        (3, "int_value", "uint32", "value"),
        (4, "long_value", "uint64", "value"),
        (5, "float_value", "float", "value"),
        (6, "double_value", "double", "value"),
        (7, "boolean_value", "bool", "value"),
        (8, "string_value", "string", "value"),
        (9, "propertyset_value", "bytes", "value"),
        (10, "propertysets_value", "bytes", "value"),
        (11, "extension_value", "bytes", "value"),
    ),
}
_COMPRESSED = "SPBV1.0_COMPRESSED"  # as older libraries mark what is packed in the body


class Payload(Protocol):
    """A decoded payload, of which this is read. A field that is absent has its type's zero;
    `HasField` tells."""

    timestamp: int
    seq: int
    uuid: str
    metrics: Any

    def HasField(self, name: str, /) -> bool: ...  # noqa: N802  # the library's name
    def SerializeToString(self) -> bytes: ...  # noqa: N802  # the library's name


def _message_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="sparkplug_b.proto", package=_PACKAGE, syntax="proto2"
    )
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, field_name, kind, how in fields:
            field = message.field.add(name=field_name, number=number)
            field.label = _Field.LABEL_REPEATED if how == "repeated" else _Field.LABEL_OPTIONAL
            if kind in _TYPES:
                field.type = _TYPES[kind]
            else:
                field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
            if how == "value":
                if not message.oneof_decl:
                    message.oneof_decl.add(name=how)
                field.oneof_index = 0
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Payload"))


PayloadMessage = _message_class()
METRIC_FIELDS = PayloadMessage.DESCRIPTOR.fields_by_name["metrics"].message_type.fields_by_name


def payload_of(content: bytes) -> Payload:
    """Raises ValueError, with a reason that names no position, for bytes that are no payload."""
    if len(content) > PAYLOAD_MAX_BYTES:
        raise ValueError(TOO_LARGE)
    try:
        payload: Payload = PayloadMessage.FromString(content)
    except DecodeError:
        raise ValueError("the payload is no Sparkplug B message") from None
    if payload.uuid == _COMPRESSED:
        raise ValueError("the payload is compressed: let the edge node send it as it is")
    return payload
