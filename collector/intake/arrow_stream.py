"""How much a sealed Arrow IPC stream would become in memory, found out without unpacking it.

Three kilobytes may say that they become gigabytes. The stream's own messages tell how long each
buffer is once unpacked, and no reader makes more of it; so they are read first, and what is not
the flat frame that agents seal is refused: one schema of plain columns, few record batches with all
columns of one length, buffers inside the message, no dictionaries, nothing behind.

Format: Arrow columnar format 1.5, "Encapsulated message format" and "IPC Streaming Format"; the
tables' fields by their place in Message.fbs and Schema.fbs. Reads no buffer but its first 8 bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from flatbuffers import encode
from flatbuffers.number_types import Int8Flags, Int64Flags
from flatbuffers.packer import uoffset
from flatbuffers.table import Table

UNPACKED_MAX_BYTES = 64 << 20  # many times what 50,000 rows take
_MESSAGES_MAX = 64
_METADATA_MAX_BYTES = 8_192  # of the description of a message; agents' have some 600
_COLUMNS_MAX = 32
_CONTINUES = b"\xff\xff\xff\xff"
_SCHEMA, _RECORD_BATCH = 1, 3  # kinds of message
_NOT_COMPRESSED = -1


class StreamError(Exception):
    """The bytes are no stream that an agent seals; says why, in half a sentence."""


@dataclass(frozen=True, slots=True)
class Announced:
    """What a stream says that it holds: rows, and bytes of all buffers once they are unpacked."""

    rows: int
    unpacked_bytes: int


def announced(data: bytes) -> Announced:
    """Raises StreamError for what is no such stream or needs more than UNPACKED_MAX_BYTES."""
    try:
        return _announced(data)
    except (struct.error, IndexError, ValueError, TypeError, OverflowError) as error:
        raise StreamError(f"its description cannot be read ({error})") from None


def _announced(data: bytes) -> Announced:
    size = rows = 0
    for place, (message, body) in enumerate(_messages(data)):
        kind, table = _field(message, 1, Int8Flags, 0), _table(message, 2)
        if table is None or kind != (_RECORD_BATCH if place else _SCHEMA):
            raise StreamError("it holds something other than one schema and its rows")
        if kind == _SCHEMA:
            _check_columns(table)
        else:
            rows += _rows_of(table)
            size += _size_of(table, body)
        if size > UNPACKED_MAX_BYTES:
            raise StreamError(f"it would have more than {UNPACKED_MAX_BYTES} bytes when unpacked")
    return Announced(rows, size)


def _messages(data: bytes) -> Iterator[tuple[Table, memoryview]]:
    """Each message's table, and its body."""
    view, at = memoryview(data), 0
    for _ in range(_MESSAGES_MAX):
        if view[at : at + 4] != _CONTINUES:
            raise StreamError("it does not go on with a message where one is due")
        (length,) = struct.unpack_from("<i", view, at + 4)
        start, at = at + 8, at + 8 + length
        if length == 0:
            if start != len(view):
                raise StreamError("something stands behind its end")
            return
        if not 8 <= length <= _METADATA_MAX_BYTES:
            raise StreamError("the description of a message is too long")
        metadata = bytes(view[start:at])
        message = Table(metadata, encode.Get(uoffset, metadata, 0))
        body_length = _field(message, 3, Int64Flags, 0)
        if not 0 <= body_length <= len(view) - at:
            raise StreamError("it breaks off")
        yield message, view[at : at + body_length]
        at += body_length
        if at == len(view):  # the mark at the end may be left out
            return
    raise StreamError(f"it has more than {_MESSAGES_MAX} messages")


def _check_columns(schema: Table) -> None:
    """Plain columns in the byte order of agents: none inside another, none by dictionary."""
    columns = list(_tables(schema, 1))
    if _field(schema, 0, Int8Flags, 0) != 0 or len(columns) > _COLUMNS_MAX:
        raise StreamError("its columns are not those of an agent")
    for column in columns:
        if column.Offset(_slot(4)) or list(_tables(column, 5)):
            raise StreamError("a column of it is no plain one")


def _rows_of(batch: Table) -> int:
    rows = _field(batch, 0, Int64Flags, 0)
    nodes = _numbers(batch, 1)  # rows and nulls of each column
    if rows < 0 or any(length != rows for length in nodes[::2]):
        raise StreamError("its columns are not of one length")
    return rows


def _size_of(batch: Table, body: memoryview) -> int:
    places = _numbers(batch, 2)  # offset and length of each buffer
    is_packed = batch.Offset(_slot(3)) != 0
    size = 0
    for offset, length in zip(places[::2], places[1::2], strict=True):
        if offset < 0 or length < 0 or offset + length > len(body):
            raise StreamError("a buffer of it lies outside of its message")
        unpacked = length
        if is_packed and length:
            (unpacked,) = struct.unpack_from("<q", body[offset : offset + length])
            if unpacked == _NOT_COMPRESSED:
                unpacked = length
        if unpacked < 0:
            raise StreamError("a buffer of it has less than no length")
        size += unpacked
    return size


def _slot(field: int) -> int:
    """Where a table's list of fields says where that field is."""
    return 4 + 2 * field


def _field(table: Table, field: int, kind: type, default: int) -> int:
    return int(table.GetSlot(_slot(field), default, kind))


def _table(parent: Table, field: int) -> Table | None:
    """The table that a field points to; None where it is not there."""
    offset = parent.Offset(_slot(field))
    return Table(parent.Bytes, parent.Indirect(parent.Pos + offset)) if offset else None


def _tables(parent: Table, field: int) -> Iterator[Table]:
    """The tables of a list."""
    offset = parent.Offset(_slot(field))
    if not offset:
        return
    count = parent.VectorLen(offset)
    if count > len(parent.Bytes) // 4:
        raise StreamError("a list of it is longer than what describes it")
    for index in range(count):
        yield Table(parent.Bytes, parent.Indirect(parent.Vector(offset) + 4 * index))


def _numbers(parent: Table, field: int) -> tuple[int, ...]:
    """A list of pairs of 64-bit numbers, one after the other."""
    offset = parent.Offset(_slot(field))
    if not offset:
        return ()
    count = parent.VectorLen(offset)
    if count > len(parent.Bytes) // 16:
        raise StreamError("a list of it is longer than what describes it")
    return struct.unpack_from(f"<{2 * count}q", parent.Bytes, parent.Vector(offset))
