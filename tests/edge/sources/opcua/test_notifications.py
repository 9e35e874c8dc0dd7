"""The discipline of sequence numbers, notification by notification.

Driven by hand: no server can be made to lose a notification or to wrap its numbers on demand.
What real servers do is in test_node_opcua and test_skipped_numbers.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asyncua import ua
from asyncua.ua.uaerrors import BadMessageNotAvailable
from recording_sink import RecordingSink

from edge.sources.opcua.items import Items
from edge.sources.opcua.notifications import (
    SEQUENCE_MAX,
    Notifications,
    SubscriptionEndedError,
)
from edge.sources.opcua.settings import opcua_settings
from edge.sources.opcua.values import Structures
from edge.sources.reporter import Reporter
from edge.sources.transit import Transit

START = datetime(2026, 3, 2, tzinfo=UTC)
SETTINGS = opcua_settings({"url": "opc.tcp://127.0.0.1:4840", "security": "none"}, "test")


def value(number: int, *, handle: int = 1, overflow: bool = False) -> ua.MonitoredItemNotification:
    """The value `number`, taken at that second after START."""
    status = ua.StatusCode(0x480 if overflow else 0)
    time = START + timedelta(seconds=number)
    data = ua.DataValue(ua.Variant(number), status, SourceTimestamp=time)
    return ua.MonitoredItemNotification(ClientHandle=handle, Value=data)


def message(
    sequence: int, *values: ua.MonitoredItemNotification, said: datetime = START
) -> ua.NotificationMessage:
    data = [ua.DataChangeNotification(MonitoredItems=list(values))] if values else []
    return ua.NotificationMessage(SequenceNumber=sequence, NotificationData=data, PublishTime=said)


class Server:
    """What is still to be had by Republish."""

    def __init__(self, *kept: ua.NotificationMessage) -> None:
        self.kept = {it.SequenceNumber: it for it in kept}
        self.asked: list[int] = []

    async def republish(self, subscription: int, sequence: int) -> ua.NotificationMessage:
        self.asked.append(sequence)
        if sequence not in self.kept:
            raise BadMessageNotAvailable()
        return self.kept[sequence]


class Driver:
    def __init__(self, *kept: ua.NotificationMessage) -> None:
        self.server = Server(*kept)
        self.sink = RecordingSink()
        reporter = Reporter("l", "m", lambda: START)
        reporter.start(self.sink)
        items = self.items = Items([], SETTINGS, reporter)
        items._structures = Structures(self.server, [])  # type: ignore[arg-type]  # a scripted one
        self.notifications = Notifications(7, items, reporter, Transit())

    async def take(
        self,
        given: ua.NotificationMessage,
        *,
        more: bool = False,
        received: datetime = START,
        asked: datetime = START,
    ) -> datetime | None:
        result = ua.PublishResult(7, NotificationMessage=given, MoreNotifications=more)
        session: Any = self.server  # a scripted one
        return await self.notifications.take(session, result, received, asked)

    @property
    def values(self) -> list[int]:
        return [it.value for it in self.sink.readings()]

    @property
    def acknowledged(self) -> list[int]:
        return [it.SequenceNumber for it in self.notifications.acknowledgements()]


async def test_in_order_nothing_is_fetched_and_each_is_acknowledged_once() -> None:
    driver = Driver()
    await driver.take(message(1, value(1)))
    await driver.take(message(2, value(2)))
    await driver.take(message(3))  # keep-alive: the next will be 3
    assert (driver.values, driver.acknowledged, driver.acknowledged) == ([1, 2], [1, 2], [])
    assert driver.server.asked == []
    assert len(driver.sink.of("heard")) == 3


async def test_a_gap_is_fetched_before_what_follows_it() -> None:
    driver = Driver(message(2, value(2)), message(3, value(3)))
    await driver.take(message(1, value(1)))
    await driver.take(message(4, value(4)))
    assert driver.values == [1, 2, 3, 4]
    assert driver.acknowledged == [1, 2, 3, 4]


async def test_a_keep_alive_shows_a_gap_too() -> None:
    driver = Driver(message(2, value(2)))
    await driver.take(message(1, value(1)))
    await driver.take(message(3))
    assert driver.values == [1, 2]


async def test_what_cannot_be_fetched_is_told_as_lost() -> None:
    driver = Driver(message(3, value(3)))
    await driver.take(message(1, value(1)))
    await driver.take(message(4, value(4)))
    assert driver.values == [1, 3, 4]
    assert len(driver.sink.of("lost")) == 1
    assert "a notification was lost" in driver.sink.of("lost")[0]
    assert driver.acknowledged == [1, 3, 4]


async def test_another_one_in_its_place_is_told_as_lost() -> None:
    """asyncua's server answers so, without an error, when it has the notification no more."""
    driver = Driver(message(3, value(3)))
    driver.server.kept[2] = ua.NotificationMessage()
    await driver.take(message(1, value(1)))
    await driver.take(message(4, value(4)))
    assert driver.values == [1, 3, 4]
    assert ["another one in its place" in it for it in driver.sink.of("lost")] == [True]
    assert driver.server.asked == [2, 3]
    assert driver.acknowledged == [1, 3, 4]


async def test_a_notification_that_comes_again_is_left_out() -> None:
    driver = Driver()
    await driver.take(message(1, value(1)))
    await driver.take(message(2, value(2)))
    await driver.take(message(1, value(1)))
    assert driver.values == [1, 2]


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


async def test_what_was_held_up_shows_nothing_behind_its_publish_time() -> None:
    """Data and keep-alives alike: what changed since may be lost with the connection."""
    driver = Driver()
    await driver.take(message(1, value(1), said=at(1)), received=at(1.1))
    await driver.take(message(2, value(2), said=at(6)), received=at(16.1), asked=at(1.1))
    await driver.take(message(3, said=at(18)), received=at(26.1), asked=at(16.1))
    assert driver.sink.of("heard") == [at(1.1), at(6.1), at(18.1)]


async def test_what_was_asked_for_later_is_of_later_whatever_its_publish_time() -> None:
    driver = Driver()
    await driver.take(message(1, value(1), said=at(1)), received=at(1.1))
    until = await driver.take(message(2, value(2), said=at(2)), received=at(20), asked=at(15))
    assert driver.sink.of("heard") == [at(1.1), at(15)]
    assert until == at(15)


async def test_numbers_go_from_the_last_to_one() -> None:
    driver = Driver()
    driver.notifications._sequence = SEQUENCE_MAX - 2
    await driver.take(message(SEQUENCE_MAX - 1, value(1)))
    await driver.take(message(SEQUENCE_MAX, value(2)))
    await driver.take(message(1))
    await driver.take(message(1, value(3)))
    assert (driver.values, driver.server.asked) == ([1, 2, 3], [])


async def test_a_gap_too_wide_to_fetch_is_told_at_once() -> None:
    driver = Driver()
    await driver.take(message(1, value(1)))
    await driver.take(message(5000, value(2)))
    await driver.take(message(5001, value(3)))
    assert driver.values == [1, 2, 3]
    assert driver.sink.of("lost") == ["4998 notifications of the server were lost"]
    assert driver.server.asked == []


async def test_values_of_one_interval_are_handed_over_by_source_time() -> None:
    """Servers send item by item; whoever combines them must see them in order."""
    driver = Driver()
    await driver.take(message(1, value(1), value(4)), more=True)
    assert driver.values == []
    assert driver.acknowledged == []
    assert driver.sink.of("heard") == []
    await driver.take(message(2, value(2, handle=2), value(3, handle=2)))
    assert driver.values == [1, 2, 3, 4]
    assert driver.acknowledged == [1, 2]


async def test_what_was_gathered_when_the_connection_broke_is_kept() -> None:
    """The server has it no more, and the rest of its interval comes later."""
    driver = Driver()
    await driver.take(message(1, value(1), value(4)), more=True)
    driver.notifications.resume()
    await driver.take(message(2, value(2, handle=2)))
    assert driver.values == [1, 2, 4]
    assert (driver.server.asked, driver.sink.of("lost")) == ([], [])
    assert driver.acknowledged == [1, 2]


async def test_of_a_message_in_which_the_connection_broke_nothing_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a value is made of was asked for in vain: the message comes again, whole."""
    listed = value(2)
    listed.Value.Value = ua.Variant([2, 3])
    whole = message(1, value(1))
    whole.NotificationData += message(1, listed).NotificationData
    driver = Driver(whole)

    async def broken(_: ua.Variant) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(driver.items, "plain", broken)
        with pytest.raises(ConnectionError):
            await driver.take(whole)
    driver.notifications.resume()
    await driver.take(message(2, value(3)))
    assert (driver.values, driver.server.asked) == ([1, [2, 3], 3], [1])


async def test_an_overflow_breaks_the_life_before_its_values() -> None:
    driver = Driver()
    await driver.take(message(1, value(1)))
    await driver.take(message(2, value(2, overflow=True)))
    kinds = [kind for kind, _ in driver.sink.events]
    assert kinds == ["reading", "heard", "lost", "reading", "heard"]


async def test_the_end_of_the_subscription_is_an_error() -> None:
    driver = Driver()
    change = ua.StatusChangeNotification(Status=ua.StatusCode(ua.StatusCodes.BadTimeout))
    ended = ua.NotificationMessage(SequenceNumber=1, NotificationData=[change])
    with pytest.raises(SubscriptionEndedError, match="the server ended the subscription"):
        await driver.take(ended)


class TestBridges:
    """A loss that the session outlived is known time if nothing went missing, and told apart."""

    @staticmethod
    async def resumed(*kept: ua.NotificationMessage) -> Driver:
        driver = Driver(*kept)
        await driver.take(message(1, value(1)))
        driver.notifications.resume()
        return driver

    async def test_what_came_whole(self) -> None:
        driver = await self.resumed()
        await driver.take(message(2, value(2), value(3)))
        await driver.take(message(3, value(4)))
        assert [kind for kind, _ in driver.sink.events if kind != "reading"] == [
            "heard",
            "bridged",
            "heard",
        ]

    async def test_a_server_where_nothing_happened(self) -> None:
        driver = await self.resumed()
        await driver.take(message(2))
        assert len(driver.sink.of("bridged")) == 1

    async def test_what_was_fetched_by_republish(self) -> None:
        driver = await self.resumed(message(2, value(2)), message(3, value(3)))
        await driver.take(message(4, value(4)))
        assert (driver.values, len(driver.sink.of("bridged"))) == ([1, 2, 3, 4], 1)

    async def test_not_what_could_not_be_fetched(self) -> None:
        driver = await self.resumed(message(3, value(3)))
        await driver.take(message(4, value(4)))
        assert (len(driver.sink.of("lost")), driver.sink.of("bridged")) == (1, [])

    async def test_not_what_a_queue_dropped(self) -> None:
        driver = await self.resumed()
        await driver.take(message(2, value(5, overflow=True), value(6)))
        assert (len(driver.sink.of("lost")), driver.sink.of("bridged")) == (1, [])

    async def test_not_what_a_queue_dropped_before_more_was_to_come(self) -> None:
        driver = await self.resumed()
        await driver.take(message(2, value(5, overflow=True)), more=True)
        assert driver.sink.of("bridged") == []
        await driver.take(message(3, value(6)))
        assert driver.sink.of("bridged") == []

    async def test_not_a_gap_too_wide_to_fetch(self) -> None:
        driver = await self.resumed()
        await driver.take(message(5000, value(5)))
        assert driver.sink.of("bridged") == []

    async def test_not_the_time_of_a_server_that_did_not_answer(self) -> None:
        driver = await self.resumed()
        driver.notifications.doubt()
        await driver.take(message(2, value(2)))
        assert driver.sink.of("bridged") == []
        driver.notifications.resume()  # the next loss is judged by itself
        await driver.take(message(3, value(3)))
        assert len(driver.sink.of("bridged")) == 1

    async def test_not_where_a_queue_of_one_would_drop_without_a_mark(self) -> None:
        driver = await self.resumed()
        driver.items._queue_least = 1
        await driver.take(message(2, value(2)))
        assert driver.sink.of("bridged") == []

    async def test_two_losses_in_a_row_are_bridged_at_once(self) -> None:
        driver = await self.resumed()
        driver.notifications.resume()
        await driver.take(message(2, value(2)))
        assert len(driver.sink.of("bridged")) == 1


async def test_all_at_once_is_told_as_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values of all kinds and qualities, after the first ones; the oracle has no columns."""

    def told(item: tuple[int, Any, int, int | None]) -> ua.MonitoredItemNotification:
        handle, number, status, second = item
        time = None if second is None else START + timedelta(seconds=second)
        data = ua.DataValue(ua.Variant(number), ua.StatusCode(status), SourceTimestamp=time)
        return ua.MonitoredItemNotification(ClientHandle=handle, Value=data)

    good, uncertain, bad = 0, 0x4000_0000, 0x8001_0000
    hand_overs = [
        [(1, 1, good, 0), (2, 1.5, good, 0), (3, "a", good, 0)],
        [(2, 2.5, good, 2), (1, 2, good, 1), (3, "b", good, 2), (1, 3, good, 3)],
        [(1, 4, uncertain, 4), (2, 3.5, bad, 4), (3, [1, 2], good, 4)],
        [(1, 5, good, None), (2, 4.5, good, 5)],
        [(9, 6, good, 6), (2, 5.5, good, 6)],  # of an item that nobody knows
        [(1, 7, 0x480, 7), (2, 6.5, good, 7)],  # the server's queue overflowed
    ]
    drivers = Driver(), Driver()
    monkeypatch.setattr(drivers[1].items, "_report_together", lambda _: False)
    together, columns = list[int](), drivers[0].sink.columns
    monkeypatch.setattr(
        drivers[0].sink, "columns", lambda it: (together.append(len(it)), columns(it))
    )
    for driver in drivers:
        driver.items._keys, driver.items._first = {1: "one", 2: "two", 3: "three"}, {1, 2, 3}
        for number, items in enumerate(hand_overs, 1):
            await driver.take(message(number, *map(told, items)))
    assert drivers[0].sink.events == drivers[1].sink.events
    assert drivers[0].items._last == drivers[1].items._last
    assert len(drivers[0].sink.readings()) == sum(map(len, hand_overs))
    assert together == [4, 3, 2]
