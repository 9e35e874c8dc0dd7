"""A profile as JSON: every rule names its inputs, every input its place."""

from __future__ import annotations

import pytest

from api.documents.profiles import profile_document
from device_profiles.files.catalogue import names, parse, read
from device_profiles.proving.check import check

SUM = """
name: acme/meter
vendor: acme
model: meter
protocol: mqtt-json
title: {en: Meter}
parameters: {item: {description: the item, default: a}}
inputs:
  one:
    sources:
      - {topic: "a/{item}", each: /values, where: {id: Good, of: {parameter: item}}, field: /v}
  two: {sources: [{topic: event/+, level: 2}]}
  three: {sources: [{topic: {parameter: item}, field: /n}]}
signals:
  energy: {sum: [one, three], unit: Wh}
  total_count: {increments: three}
  order: {input: two}
"""


@pytest.mark.parametrize("name", names())
def test_every_signal_is_made_from_inputs_that_stand_somewhere(name: str) -> None:
    document = profile_document(read(name), check(name))
    known = set(document["inputs"]) | set(read(name).derived)
    for signal, inputs in document["signals"].items():
        assert inputs, signal
        assert set(inputs) <= known, signal


def test_sums_lists_and_levels_of_topics() -> None:
    model = parse(SUM, "profile.yaml")
    document = profile_document(model, check("shelly/pro3em-mqtt"))
    assert document["signals"] == {
        "energy": ["one", "three"],
        "total_count": ["three"],
        "order": ["two"],
    }
    assert document["inputs"] == {
        "one": ["a/{item} /values[id=Good,of={item}]/v"],
        "two": ["event/+ level 2"],
        "three": ["{item} /n"],
    }
