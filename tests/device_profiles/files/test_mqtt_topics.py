"""Parameters in topics, and what chooses elements."""

from __future__ import annotations

import pytest
from translatable import left_in_english

from device_profiles.files.catalogue import parse
from device_profiles.files.resolve import resolve
from device_profiles.model.addresses import MqttAddress
from device_profiles.model.profile import Profile
from domain.errors import InputError

PROFILE = """
name: t/t
vendor: t
model: t
protocol: mqtt-json
title: {en: T}
parameters:
  line: {description: the line, default: l1}
  machine: {description: the machine}
  tag: {description: the tag, default: Line.Press.Good}
  whole: {description: a whole topic}
heartbeat: {topic: "{line}/{machine}/online"}
inputs:
  good:
    sources:
      - {topic: "{line}/{machine}/+", field: v, each: values, where: {id: {parameter: tag}}}
  bad: {sources: [{topic: {parameter: whole}, payload: text}]}
  log: {sources: [{topic: "{line}/log", payload: csv, separator: ";", header: true, field: /n}]}
  job: {sources: [{topic: "{line}/job/+", level: -1}]}
signals:
  good_count: {input: good}
  reject_count: {input: bad}
  total_count: {input: log}
  order: {input: job}
"""


def resolved(**given: str) -> Profile:
    return resolve(parse(PROFILE, "t.yaml"), given)


def address_of(profile: Profile, name: str) -> MqttAddress | None:
    found = [it.sources[0].address for it in profile.inputs if it.name == name]
    if not found:
        return None
    assert isinstance(found[0], MqttAddress)
    return found[0]


def test_parameters_are_levels_of_topics_whole_topics_and_keys() -> None:
    profile = resolved(machine="press", whole="a/b/c{d}", tag="X")
    good, bad = address_of(profile, "good"), address_of(profile, "bad")
    assert good is not None
    assert bad is not None
    assert (good.topic_suffix, good.where) == ("l1/press/+", (("/id", "X"),))
    assert bad.topic_suffix == "a/b/c{d}"
    assert profile.heartbeat is not None
    assert profile.heartbeat.address.key == "l1/press/online#"
    assert good.key == "l1/press/+#values[/id=X]v"


def test_a_value_may_be_several_levels() -> None:
    good = address_of(resolved(machine="cell 3/press"), "good")
    assert good is not None
    assert good.topic_suffix == "l1/cell 3/press/+"


def test_what_needs_a_parameter_that_is_not_given_is_left_out() -> None:
    profile = resolved()
    assert profile.signals == ("total_count", "order")
    assert profile.heartbeat is None


@pytest.mark.parametrize("value", ["", "/", "a/", "/a", "a+", "#", "a/#/b", "a\0"])
def test_a_value_that_is_no_part_of_a_topic_is_refused(value: str) -> None:
    with pytest.raises(InputError, match=r"parameter 'machine'.*is no part of a topic") as caught:
        resolved(machine=value)
    assert left_in_english(caught.value) == []


def test_numbers_in_texts_and_columns_are_numbers() -> None:
    marks = {it.name: it.sources[0].decimal_mark for it in resolved(whole="a").inputs}
    assert marks == {"bad": ".", "log": ".", "job": None}
    log = address_of(resolved(), "log")
    assert log is not None
    assert (log.each, log.key) == ("", "l1/log#csv[*]/n")
