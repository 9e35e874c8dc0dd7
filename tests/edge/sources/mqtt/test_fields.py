"""What addresses find in a document, lists of timed values included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from device_profiles.model.addresses import MISSING, MqttAddress
from edge.sources.mqtt.fields import FieldValue, found, unread_elements

NOW = datetime(2026, 3, 2, tzinfo=UTC)
EACH = MqttAddress("t", "/values/total", "/ts", "ms", each="")


def element(seconds: float, total: Any) -> dict[str, Any]:
    return {"ts": seconds * 1000, "values": {"total": total}}


def read(document: Any, *addresses: MqttAddress) -> list[tuple[Any, float | None]]:
    return [
        (it.value, None if it.time is None else it.time.timestamp())
        for it in found(addresses, document, NOW)
    ]


def test_every_element_of_a_list_is_read_at_its_own_time() -> None:
    document = [element(100, 1), element(102, 3), element(101, 2)]
    assert read(document, EACH) == [(1, 100), (2, 101), (3, 102)]


def test_the_fields_of_an_element_stay_together() -> None:
    other = MqttAddress("t", "/ts", "/ts", "ms", each="")
    single = MqttAddress("t", "/0/ts")
    values = [value for value, _ in read([element(2, 20), element(1, 10)], EACH, single, other)]
    assert values == [2000, 10, 1000, 20, 2000]


def test_a_list_may_stand_anywhere_and_a_single_element_without_it() -> None:
    inside = MqttAddress("t", "/values/total", "/ts", "ms", each="/data/a")
    assert read({"data": {"a": [element(5, 1)]}}, inside) == [(1, 5)]
    assert read(element(5, 1), EACH) == [(1, 5)]


def test_an_element_without_the_value_or_a_list_that_is_none_is_missing() -> None:
    values = [value for value, _ in read([7, {"ts": 1000}, element(2, 2)], EACH)]
    assert values == [MISSING, MISSING, 2]
    assert read("text", EACH) == [(MISSING, None)]


def test_elements_without_a_time_keep_their_order_and_say_so() -> None:
    document = [element(9, 1), {"ts": "?", "values": {"total": 2}}]
    assert [(it.value, it.time_unread) for it in found([EACH], document, NOW)] == [
        (1, False), (2, True),
    ]  # fmt: skip
    assert list(found([MqttAddress("t", "")], 5, NOW)) == [
        FieldValue(MqttAddress("t", ""), 5, None, False)
    ]


def test_what_is_not_read_of_a_list_of_timed_values_is_noticed() -> None:
    first = MqttAddress("t", "/0/values/total", "/0/ts", "ms")
    document = [element(1, 1), element(2, 2), element(3, 3)]
    assert unread_elements([first], document) == {"": 2}
    assert unread_elements([first], document[:1]) == {}
    assert unread_elements([EACH], document) == {}
    phases = MqttAddress("t", "/phases/0/power", "/ts")  # a list with one time: a vector
    assert unread_elements([phases], {"ts": 1, "phases": [{"power": 1}, {"power": 2}]}) == {}
