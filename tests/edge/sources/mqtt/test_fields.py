"""What addresses find in a document, lists of timed values included."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from device_profiles.model.addresses import MqttAddress, QualityField
from device_profiles.model.selectors import MISSING
from domain.samples import Quality
from edge.sources.mqtt.fields import Fields, FieldValue

NOW = datetime(2026, 3, 2, tzinfo=UTC)
EACH = MqttAddress("t", "/values/total", "/ts", "ms", each="")


def element(seconds: float, total: Any) -> dict[str, Any]:
    return {"ts": seconds * 1000, "values": {"total": total}}


def read(document: Any, *addresses: MqttAddress) -> list[tuple[Any, float | None]]:
    return [
        (it.value, None if it.time is None else it.time.timestamp())
        for it in Fields(addresses).found(document, NOW)
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
    assert [(it.value, it.time_unread) for it in Fields([EACH]).found(document, NOW)] == [
        (1, False), (2, True),
    ]  # fmt: skip
    assert list(Fields([MqttAddress("t", "")]).found(5, NOW)) == [
        FieldValue(MqttAddress("t", ""), 5, None, False)
    ]


def test_what_is_not_read_of_a_list_of_timed_values_is_noticed() -> None:
    first = MqttAddress("t", "/0/values/total", "/0/ts", "ms")
    document = [element(1, 1), element(2, 2), element(3, 3)]
    assert Fields([first]).unread_elements(document) == {"": 2}
    assert Fields([first]).unread_elements(document[:1]) == {}
    assert Fields([EACH]).unread_elements(document) == {}
    phases = MqttAddress("t", "/phases/0/power", "/ts")  # a list with one time: a vector
    assert Fields([phases]).unread_elements({"ts": 1, "phases": [{"power": 1}, {"power": 2}]}) == {}


GATEWAY = {
    "values": [
        {"id": "Line.Press.Good", "v": 4, "q": True, "t": 102_000},
        {"id": "Line.Press.Bad", "v": 1, "q": True, "t": 100_000},
        {"id": "Line.Press.Good", "v": 3, "q": True, "t": 101_000},
        {"v": 9},
        "Line.Press.Good",
        None,
    ]
}


def chosen(name: str, **changes: Any) -> MqttAddress:
    return MqttAddress("t", "/v", "/t", "ms", each="/values", where=(("/id", name),), **changes)


def test_elements_are_chosen_by_a_key_and_all_of_them_are_read_in_time() -> None:
    assert read(GATEWAY, chosen("Line.Press.Good")) == [(3, 101), (4, 102)]
    both = read(GATEWAY, chosen("Line.Press.Bad"), chosen("Line.Press.Good"))
    assert both == [(1, 100), (3, 101), (4, 102)]


@pytest.mark.parametrize(
    "document",
    [{"values": []}, {"values": [{"id": "line.press.good", "v": 1}]}, {"values": [[], 5, None]},
     {"values": [{"id": ["Line.Press.Good"], "v": 1}]}],
)  # fmt: skip
def test_a_message_of_other_elements_says_nothing(document: Any) -> None:
    assert read(document, chosen("Line.Press.Good")) == []


@pytest.mark.parametrize("document", [{}, {"values": 5}, [], None, {"values": "x"}])
def test_a_message_without_the_list_lacks_the_value(document: Any) -> None:
    assert read(document, chosen("Line.Press.Good")) == [(MISSING, None)]


def test_a_key_may_be_a_number_and_several_keys_may_choose() -> None:
    address = MqttAddress("t", "v", each="", where=(("/unit", "3"), ("/name/en", "speed")))
    document = [
        {"unit": 3.0, "name": {"en": "speed"}, "v": 7},
        {"unit": 3, "name": {"en": "load"}, "v": 8},
    ]
    assert read(document, address) == [(7, None)]


QUALITY = QualityField("/q", (("true", "good"), ("192", "good"), ("64", "uncertain")), "bad")


@pytest.mark.parametrize(
    ("said", "quality", "is_known"),
    [
        ({"q": True}, Quality.GOOD, True),
        ({"q": 192.0}, Quality.GOOD, True),
        ({"q": "64"}, Quality.UNCERTAIN, True),
        ({"q": "GOOD"}, Quality.BAD, False),
        ({"q": 0}, Quality.BAD, False),
        ({"q": None}, Quality.BAD, False),
        ({"q": {"x": 1}}, Quality.BAD, False),
        ({}, Quality.BAD, True),
    ],
)
def test_a_field_says_how_good_the_value_is(
    said: dict[str, Any], quality: Quality, is_known: bool
) -> None:
    (field,) = Fields([MqttAddress("t", "/v", quality=QUALITY)]).found({"v": 1, **said}, NOW)
    assert (field.value, field.quality, field.is_quality_known) == (1, quality, is_known)


def test_a_quality_that_is_left_out_may_be_good() -> None:
    quality = QualityField("/q", (("0", "good"),), "good")
    (field,) = Fields([MqttAddress("t", "/v", quality=quality)]).found({"v": 1}, NOW)
    assert field.quality is Quality.GOOD


@pytest.mark.parametrize(
    ("level", "value"), [(1, "event"), (3, "started"), (-1, "started"), (4, MISSING), (-4, MISSING)]
)
def test_a_level_of_the_topic_is_the_value(level: int, value: Any) -> None:
    address = MqttAddress("event/+/+", "", "/t", level=level)
    (field,) = Fields([address]).found({"t": 100}, NOW, ["event", "press", "started"])
    assert field.value == value
    assert field.time is not None
    assert field.time.timestamp() == 100
