"""What a birth certificate says of metrics, and how later messages are read by it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sparkplug_messages import START, START_MS, birth_metrics, death_metric, metric, payload

from domain.samples import Quality
from edge.sources.sparkplug.births import Birth, UnknownAliasError, bd_seq, time_of
from edge.sources.sparkplug.datatypes import NUMBERS
from edge.sources.sparkplug.metrics import MetricValue


def values_of(birth: Birth, *metrics: dict[str, Any], **fields: Any) -> list[MetricValue]:
    return birth.read(payload(*metrics, **fields))[0]


def birth_of(*metrics: dict[str, Any], wanted: tuple[str, ...] = ("Good",)) -> Birth:
    return Birth(payload(*metrics), wanted)


def test_a_metric_is_known_by_its_name_and_by_its_alias() -> None:
    birth = birth_of(*birth_metrics({"Bad": 1, "Good": 2}))
    assert set(birth.names) == {"Bad", "Good"}
    assert values_of(birth, *birth_metrics({"Bad": 1, "Good": 2}))[0][:2] == ("Good", 2)
    assert [it.value for it in values_of(birth, {"alias": 2, "int_value": 5})] == [5]
    assert [it.value for it in values_of(birth, metric("Good", 6))] == [6]
    assert values_of(birth, {"alias": 1, "int_value": 5}) == []


def test_the_alias_zero_is_an_alias() -> None:
    birth = birth_of(metric("Good", 2, "Int32", alias=0))
    assert [it.value for it in values_of(birth, {"alias": 0, "int_value": 5})] == [5]
    with pytest.raises(UnknownAliasError):
        birth.read(payload({"int_value": 5}))


def test_what_the_birth_does_not_have() -> None:
    birth = birth_of(*birth_metrics({"Good": 2}))
    assert birth.read(payload(metric("New", 1), metric("Good", 3)))[1] == ["New"]
    with pytest.raises(UnknownAliasError):
        birth.read(payload({"alias": 9, "int_value": 5}))


def test_a_name_and_an_alias_that_contradict_each_other() -> None:
    birth = birth_of(*birth_metrics({"Bad": 1, "Good": 2}))
    assert [it.value for it in values_of(birth, metric("Good", 4, alias=2))] == [4]
    with pytest.raises(UnknownAliasError):
        birth.read(payload(metric("Good", 4, alias=1)))


def test_an_alias_that_is_given_twice_means_nothing() -> None:
    birth = birth_of(metric("Bad", 1, "Int32", alias=1), metric("Good", 2, "Int32", alias=1))
    with pytest.raises(UnknownAliasError):
        birth.read(payload({"alias": 1, "int_value": 5}))
    unread = birth_of(metric("A", 1, "Int32", alias=1), metric("B", 2, "Int32", alias=1))
    assert values_of(unread, {"alias": 1, "int_value": 5}) == []


def test_metrics_that_are_refused_by_name() -> None:
    birth = birth_of(
        metric("A", datatype="Template", template_value=b"\x00"),
        metric("B", datatype="DataSet", dataset_value=b""),
        metric("C", 1),
        metric("D", 1, "Int32"),
        metric("D", 2, "Int32"),
        metric("E", 3, "Int32"),
        wanted=("A", "B", "C", "D", "E", "F"),
    )
    assert birth.refused == {
        "A": "metrics of Template are not read: only single values",
        "B": "metrics of DataSet are not read: only single values",
        "C": "its birth gives it no datatype",
        "D": "its birth names it twice",
    }
    found = values_of(birth, metric("A", template_value=b""), metric("D", 9), metric("E", 4))
    assert [(it.name, it.value) for it in found] == [("E", 4)]


def test_the_time_of_a_metric_is_its_own_or_that_of_the_message() -> None:
    birth = birth_of(*birth_metrics({"Good": 2}))
    good = metric("Good", 1)
    own = values_of(birth, good | {"timestamp": START_MS + 1250}, timestamp=START_MS)
    assert own[0].time == START + timedelta(seconds=1.25)
    assert values_of(birth, good, timestamp=START_MS)[0].time == START
    assert values_of(birth, good)[0].time is None
    assert values_of(birth, good, timestamp=2**64 - 1)[0].time is None
    assert time_of(0) is None


@pytest.mark.parametrize(
    ("said", "quality", "status"),
    [
        ({"int_value": 192}, Quality.GOOD, ""),
        ({"long_value": 192}, Quality.GOOD, ""),
        ({"int_value": 0}, Quality.BAD, "Quality 0"),
        ({"int_value": 500}, Quality.BAD, "Quality 500"),
        ({"string_value": "good"}, Quality.BAD, "Quality"),
        ({"is_null": True}, Quality.GOOD, ""),
    ],
)
def test_quality_is_a_property(said: dict[str, Any], quality: Quality, status: str) -> None:
    birth = birth_of(*birth_metrics({"Good": 2}))
    typed = {"type": NUMBERS["Int32"]} | said
    properties = {"keys": ["unit", "Quality"], "values": [{"string_value": "kg"}, typed]}
    found = values_of(birth, metric("Good", 1, properties=properties))[0]
    assert (found.quality, found.status, found.value) == (quality, status, 1)
    assert values_of(birth, metric("Good", 1, properties={"keys": ["Quality"]}))[0].quality == 0


def test_what_is_no_current_value() -> None:
    birth = birth_of(*birth_metrics({"Good": 2}))
    old, passing = values_of(
        birth, metric("Good", 1, is_historical=True), metric("Good", 2, is_transient=True)
    )
    assert (old.value, old.is_current) == (1, False)
    assert old.refusal.startswith("a historical value")
    assert (passing.value, passing.is_current) == (2, False)
    assert passing.refusal.startswith("a transient value")


def test_what_is_no_current_value_and_cannot_be_read_leaves_the_present_one() -> None:
    birth = birth_of(*birth_metrics({"Good": 2}))
    for metrics in (
        metric("Good", is_historical=True),
        metric("Good", 1.5, "Double", is_transient=True),
    ):
        (found,) = values_of(birth, metrics)
        assert (found.value, found.is_current) == (None, False)


def test_what_has_no_value() -> None:
    birth = birth_of(*birth_metrics({"Good": 2}))
    null, nothing, other = values_of(
        birth, metric("Good", is_null=True), metric("Good"), metric("Good", 1.5, "Double")
    )
    assert (null.value, null.quality, null.refusal) == (None, Quality.GOOD, "")
    assert (nothing.value, nothing.quality, nothing.is_current) == (None, Quality.BAD, True)
    assert nothing.refusal == "the metric has no value and is not null"
    assert other.refusal == "its message says Double, its birth Int32"


def test_the_number_of_a_session() -> None:
    assert bd_seq(payload(metric("x", 1, "Int32"), death_metric(7))) == 7
    assert bd_seq(payload(metric("bdSeq", 0, "Int32"))) == 0
    assert bd_seq(payload(metric("bdSeq", "7", "String"))) is None
    assert bd_seq(payload(metric("bdSeq", is_null=True))) is None
    assert bd_seq(payload()) is None
