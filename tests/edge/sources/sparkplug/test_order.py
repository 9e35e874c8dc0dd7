"""The order of messages by their numbers. What it does to a session is in test_session."""

from __future__ import annotations

from sparkplug_messages import arrived, payload

from edge.sources.sparkplug.order import HELD_MAX_BYTES, Arrived, Order, PlaceInOrder
from edge.sources.sparkplug.topics import MessageType


def message(seq: int | None, at_s: float = 0.0) -> Arrived:
    numbered = {} if seq is None else {"seq": seq}
    return arrived(MessageType.NDATA, payload(**numbered), at_s)


def test_numbers_are_0_to_255() -> None:
    assert [message(it).seq for it in (0, 255, 256, None)] == [0, 255, None, None]
    assert Order(255).expected == 0
    assert Order(0).place(message(256)) is PlaceInOrder.IMPOSSIBLE


def test_what_is_early_is_released_in_order() -> None:
    order = Order(253)
    three, two = message(0, 5.0), message(255, 6.0)
    assert order.place(three) is PlaceInOrder.HELD
    assert order.place(two) is PlaceInOrder.HELD
    assert (order.held, order.waits_since_s) == ([three, two], 5.0)
    assert list(order.released()) == []
    assert order.place(message(254)) is PlaceInOrder.NEXT
    assert list(order.released()) == [two, three]
    assert (order.held, order.waits_since_s, order.expected) == ([], None, 1)
    assert order.place(two) is PlaceInOrder.REPEATED


def test_what_is_held_has_its_bound() -> None:
    order = Order(0)
    big = message(5)
    large = Arrived(big.kind, None, big.payload, big.received, 0.0, 1, HELD_MAX_BYTES, big.received)
    assert order.place(large) is PlaceInOrder.HELD
    assert order.place(message(6)) is PlaceInOrder.IMPOSSIBLE
