"""The own decoder of publish responses says what asyncua says of the same bytes, whatever they are.

asyncua is the oracle: what it reads is read alike, bit for bit, and what it cannot read is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import from_binary, struct_from_binary, struct_to_binary
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge.sources.opcua.data_changes import DataChanges, data_changes, publish_response

AT = datetime(2026, 3, 2, 7, tzinfo=UTC)
FIRST, LAST = (AT.replace(year=year, tzinfo=None) for year in (1602, 9999))
SINGLE = [
    *((True, ua.VariantType.Boolean), (-7, ua.VariantType.SByte), (7, ua.VariantType.Byte)),
    *((-300, ua.VariantType.Int16), (300, ua.VariantType.UInt16), (-70_000, ua.VariantType.Int32)),
    *((70_000, ua.VariantType.UInt32), (-(1 << 60), ua.VariantType.Int64)),
    *(((1 << 64) - 1, ua.VariantType.UInt64), (0.1, ua.VariantType.Float)),
    (-0.0, ua.VariantType.Double),
]
OTHERS = [
    *(("état", ua.VariantType.String), ([1, 2], ua.VariantType.Int32), (None, ua.VariantType.Null)),
    *((AT, ua.VariantType.DateTime), (b"x", ua.VariantType.ByteString)),
    *(([], ua.VariantType.Double), (ua.LocalizedText("x"), ua.VariantType.LocalizedText)),
]
VARIANTS = st.sampled_from([ua.Variant(*it) for it in SINGLE + OTHERS]) | st.floats().map(
    lambda it: ua.Variant(it, ua.VariantType.Double)
)
TIMES = st.none() | st.datetimes(FIRST, LAST).map(lambda it: it.replace(tzinfo=UTC))
ITEMS = st.builds(
    ua.MonitoredItemNotification,
    st.integers(0, 0xFFFF_FFFF),
    st.builds(
        ua.DataValue,
        VARIANTS,
        st.none() | st.integers(0, 0xFFFF_FFFF).map(ua.StatusCode),
        TIMES,
        TIMES,
        st.none() | st.just(7),
        st.none() | st.just(9),
    ),
)

ITEM = ua.MonitoredItemNotification(3, ua.DataValue(ua.Variant(1.5), SourceTimestamp=AT))


def body_of(*items: ua.MonitoredItemNotification) -> bytes:
    return struct_to_binary(ua.DataChangeNotification(list(items)))


def exactly(changes: DataChanges) -> list[Any]:
    """To be compared bit for bit: also a NaN, a negative zero, true and 1."""
    values = [
        struct.pack("<d", it) if type(it) is float else (type(it), repr(it))
        for it in changes.values
    ]
    return [changes.handles, values, changes.statuses, changes.times_us]


def both(body: bytes) -> tuple[list[Any] | None, list[Any] | None]:
    """What asyncua and we read; None: it cannot be read."""

    def theirs() -> list[Any]:
        return exactly(DataChanges.of(from_binary(ua.DataChangeNotification, Buffer(body))))

    return read(theirs), read(lambda: exactly(data_changes(body)))


def read(reader: Callable[[], Any]) -> Any:
    """What it reads; None where it cannot."""
    try:
        return reader()
    except Exception:  # asyncua raises whatever its parts raise
        return None


@settings(deadline=None, max_examples=150)  # a loaded machine is slow, not wrong
@given(st.lists(ITEMS, max_size=5), st.data())
def test_it_reads_what_asyncua_reads(items: list[Any], data: st.DataObject) -> None:
    """Whole, cut off anywhere, and with any byte changed."""
    body = body_of(*items)
    theirs, ours = both(body)
    assert theirs is not None
    assert ours == theirs
    theirs, ours = both(body[: data.draw(st.integers(0, len(body)))])
    assert ours == theirs
    spoilt = bytearray(body)
    spoilt[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    theirs, ours = both(bytes(spoilt))
    assert ours == theirs


@settings(deadline=None, max_examples=150)  # a loaded machine is slow, not wrong
@given(st.binary(max_size=60))
@example(b"")
@example(b"\xff\xff\xff\x7f")  # two billion items in no bytes
@example(b"\xff\xff\xff\xff" * 2)
def test_rubbish_is_read_or_refused_alike(body: bytes) -> None:
    theirs, ours = both(body)
    assert ours == theirs
    theirs, ours = both(b"\1\0\0\0" + body + b"\0\0\0\0")
    assert ours == theirs


@pytest.mark.parametrize("single", SINGLE, ids=str)
@pytest.mark.parametrize("mask", range(1, 16, 2))
def test_a_single_number_needs_no_object(
    single: tuple[Any, ua.VariantType], mask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With or without status and times; whichever is there, asyncua is not asked."""
    data = ua.DataValue(
        ua.Variant(*single),
        ua.StatusCode(0x8000_0000) if mask & 2 else None,
        AT if mask & 4 else None,
        AT.replace(hour=8) if mask & 8 else None,
    )
    body = body_of(ua.MonitoredItemNotification(3, data))
    assert body[8] == mask
    theirs, _ = both(body)
    monkeypatch.setattr(DataChanges, "add", None)
    assert exactly(data_changes(body)) == theirs


@pytest.mark.parametrize("ticks", [-(1 << 63), -1, 0, 9, 10, (1 << 63) - 1, 2650467743990000000])
def test_times_that_no_clock_says_are_limited_alike(ticks: int) -> None:
    body = body_of(ITEM)
    place = len(body) - 4 - 8
    theirs, ours = both(body[:place] + struct.pack("<q", ticks) + body[place + 8 :])
    assert theirs is not None
    assert ours == theirs


def response(*notifications: Any) -> ua.PublishResponse:
    made = ua.PublishResponse()
    result = made.Parameters
    result.SubscriptionId, result.AvailableSequenceNumbers = 5, [1, 2, 7]
    result.MoreNotifications = False
    result.NotificationMessage.SequenceNumber = 7
    result.NotificationMessage.NotificationData = list(notifications)
    result.Results = [ua.StatusCode(0x8000_0000)]
    return made


NOTIFICATIONS = [
    [],
    [ua.DataChangeNotification([ITEM])],
    [ua.StatusChangeNotification(ua.StatusCode(0x8000_0000))],
    [ua.DataChangeNotification([ITEM]), ua.EventNotificationList(), ua.DataChangeNotification([])],
    [ua.DataChangeNotification([ITEM], [ua.DiagnosticInfo()])],
]


def plainly(given: ua.PublishResponse) -> ua.PublishResponse:
    message = given.Parameters.NotificationMessage
    message.NotificationData = [
        DataChanges.of(it) if isinstance(it, ua.DataChangeNotification) else it
        for it in message.NotificationData
    ]
    return given


@pytest.mark.parametrize("notifications", NOTIFICATIONS)
def test_all_of_a_response_is_read(notifications: list[Any]) -> None:
    data = struct_to_binary(response(*notifications))
    theirs = plainly(struct_from_binary(ua.PublishResponse, Buffer(data)))
    assert publish_response(Buffer(data)) == theirs
    for end in range(len(data)):
        with pytest.raises(Exception):  # noqa: B017, PT011  # whatever asyncua raises
            publish_response(Buffer(data[:end]))


def their_response(data: bytes) -> Any:
    return plainly(struct_from_binary(ua.PublishResponse, Buffer(data)))


def our_response(data: bytes) -> Any:
    return plainly(publish_response(Buffer(data)))


def test_a_length_that_lies_is_judged_as_asyncua_judges_it() -> None:
    """Of the body of a notification; -1 is an old way of not saying it."""
    data = struct_to_binary(response(ua.DataChangeNotification([ITEM])))
    body = body_of(ITEM)
    place = data.index(struct.pack("<i", len(body)) + body)
    for length in (-1, 0, len(body) - 1, len(body) + 1, 1 << 30):
        spoilt = data[:place] + struct.pack("<i", length) + data[place + 4 :]
        theirs = read(partial(their_response, spoilt))
        assert read(partial(our_response, spoilt)) == theirs, length
