"""What a server tells of its monitored items, in columns: an own decoder of publish responses.

asyncua makes six objects of each value, which takes longer than all that is done with it later.
Nearly all values are single numbers or truth values, and their bytes have a fixed layout (OPC
10000-6, 5.2.2.17 and 5.2.2.16), so one `struct` reads each of them. Anything else (texts, arrays,
structures, values without a type or with picoseconds) is given to asyncua, which decides what it
is; so are all other notifications. What asyncua cannot read this cannot either, and the other way.

    handle      7  0  0  0                      of the item
    mask        0D                              value, source time and server time follow
    type        0B                              of the value: Double
    value       00 00 00 00 00 00 F0 3F         1.0
    source      .. .. .. .. .. .. .. ..         in 100 ns since 1601
    server      .. .. .. .. .. .. .. ..         not read where there is a source time
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from struct import Struct
from typing import Any, Final, NamedTuple

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.ua_binary import (
    Primitives,
    extensionobject_from_binary,
    from_binary,
    nodeid_from_binary,
    struct_from_binary,
)
from asyncua.ua.uatypes import MAX_OPC_FILETIME

from domain.time import micros

# Built-in types 1 to 11 (OPC 10000-6, 5.1.2), Boolean to Double, as `struct` calls them.
_NUMBERS: Final = dict(enumerate("?bBhHiIqQfd", 1))
_VALUE, _STATUS, _SOURCE, _SERVER = 1, 2, 4, 8  # bits of a DataValue's mask
_KIND = 4  # where in an item mask and type stand
_BEGIN_US = micros(datetime(1601, 1, 1, tzinfo=UTC))
_END_US = micros(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
_DATA_CHANGE = ua.FourByteNodeId(ua.Int32(ObjectIds.DataChangeNotification_Encoding_DefaultBinary))
_HAS_BYTES = 1  # the body of an ExtensionObject


@dataclass(slots=True)
class DataChanges:
    """Values of monitored items, a row each, in the server's order.

    `handles`: of the items; `values`: int, float, bool, or what asyncua makes of others;
    `statuses`: codes (OPC 10000-4, 7.39), 0 where none is told; `times_us`: source time, else the
    server's, in microseconds since 1970, None where neither is told."""

    handles: list[int] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    times_us: list[int | None] = field(default_factory=list)

    def add(self, item: ua.MonitoredItemNotification) -> None:
        """A row of what asyncua has read."""
        data = item.Value
        time = data.SourceTimestamp or data.ServerTimestamp
        self.handles.append(item.ClientHandle)
        self.values.append(_single(data.Value))
        self.statuses.append(0 if data.StatusCode is None else data.StatusCode.value)
        self.times_us.append(None if time is None else micros(_aware(time)))

    def extend(self, more: DataChanges) -> None:
        """The rows of another one behind these."""
        self.handles += more.handles
        self.values += more.values
        self.statuses += more.statuses
        self.times_us += more.times_us

    @classmethod
    def of(cls, notification: ua.DataChangeNotification) -> DataChanges:
        """What asyncua has read."""
        changes = cls()
        for item in notification.MonitoredItems:
            changes.add(item)
        return changes


def publish_response(data: Buffer) -> ua.PublishResponse:
    """The response (OPC 10000-4, 5.14.5), with DataChanges where it has a DataChangeNotification.

    Raises whatever asyncua raises for bytes that it cannot read, which can be anything."""
    response = ua.PublishResponse(
        TypeId=nodeid_from_binary(data), ResponseHeader=struct_from_binary(ua.ResponseHeader, data)
    )
    result, message = response.Parameters, response.Parameters.NotificationMessage
    result.SubscriptionId = Primitives.UInt32.unpack(data)
    result.AvailableSequenceNumbers = from_binary(list[ua.Counter], data)
    result.MoreNotifications = Primitives.Boolean.unpack(data)
    message.SequenceNumber = Primitives.UInt32.unpack(data)
    message.PublishTime = Primitives.DateTime.unpack(data)
    count = Primitives.Int32.unpack(data)
    message.NotificationData = [_notification(data) for _ in range(count)]
    result.Results = from_binary(list[ua.StatusCode], data)
    result.DiagnosticInfos = from_binary(list[ua.DiagnosticInfo], data)
    return response


def _notification(data: Buffer) -> Any:
    """The ExtensionObject (OPC 10000-6, 5.2.2.15) that comes next."""
    ahead = data.copy()
    if nodeid_from_binary(ahead) == _DATA_CHANGE and ahead.read(1)[0] & _HAS_BYTES:
        length = Primitives.Int32.unpack(ahead)
        if 0 < length <= len(ahead):
            body = ahead.read(length)
            data.skip(len(data) - len(ahead))
            return data_changes(body)
    return extensionobject_from_binary(data)


def data_changes(body: bytes) -> DataChanges:
    """What a DataChangeNotification (OPC 10000-4, 7.25.2) says. Raises as `publish_response`."""
    changes = DataChanges()
    handles, values = changes.handles.append, changes.values.append
    statuses, times_us = changes.statuses.append, changes.times_us.append
    at = _COUNT.size
    for _ in range(_COUNT.unpack_from(body)[0]):
        layout = _LAYOUTS.get(body[at + _KIND : at + _KIND + 2])
        if layout is None:
            rest = Buffer(body, at)
            changes.add(from_binary(ua.MonitoredItemNotification, rest))
            at = rest.cur_pos
            continue
        unpack, size, has_status, has_time = layout
        item = unpack(body, at)
        at += size
        handles(item[0])
        values(item[1])
        statuses(item[2] if has_status else 0)
        times_us(_time_us(item[-1]) if has_time else None)
    from_binary(list[ua.DiagnosticInfo], Buffer(body, at))
    return changes


class _Layout(NamedTuple):
    """Of an item with a single number: its fields from a place in bytes on, and their length."""

    unpack: Callable[[bytes, int], tuple[Any, ...]]
    size: int
    has_status: bool
    has_time: bool

    @classmethod
    def of(cls, mask: int, number: str) -> _Layout:
        has_status, has_source = bool(mask & _STATUS), bool(mask & _SOURCE)
        parts = ["<I2x", number, "I" if has_status else "", "q" if has_source else ""]
        if mask & _SERVER:
            parts.append("8x" if has_source else "q")
        struct = Struct("".join(parts))
        return cls(struct.unpack_from, struct.size, has_status, bool(mask & (_SOURCE | _SERVER)))


_COUNT = Struct("<i")
_LAYOUTS: Final = {  # by the bytes of mask and type
    bytes((mask, kind)): _Layout.of(mask, number)
    for mask in range(_VALUE, 2 * _SERVER, 2)
    for kind, number in _NUMBERS.items()
}


def _time_us(ticks: int) -> int:
    """What 100 ns since 1601 are, as asyncua limits them (OPC 10000-6, 5.2.2.5)."""
    if ticks >= MAX_OPC_FILETIME:
        return _END_US
    return _BEGIN_US + max(ticks, 0) // 10


def _single(variant: Any) -> Any:
    """The number that a Variant is, else itself."""
    is_number = variant is not None and not variant.is_array and not variant.Dimensions
    if is_number and variant.VariantType.value in _NUMBERS:
        return variant.Value
    return variant


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
