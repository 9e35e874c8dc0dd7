"""The rules of a profile as people read them."""

from __future__ import annotations

import pytest

from api.i18n import language
from api.pages.integrator.signal_rules import SignalRow, signal_rows
from device_profiles.files.catalogue import names, parse, read

PRESS = """
name: acme/press
vendor: acme
model: press
protocol: mqtt-json
title: {en: Press}
inputs:
  code: {sources: [{topic: Code, payload: text}, {topic: Old, payload: text}]}
  hand: {sources: [{topic: Hand, payload: text}]}
  made: {sources: [{topic: Made, payload: text}]}
derived:
  real: [{if: {hand: "1"}, take: hand}, {take: code}]
signals:
  state: {when: [{if: {real: ["3", "4"]}, then: producing}], otherwise: stopped}
  total_count: {input: made, width: 16, resets: wraps}
  good_count: {increments: made, factor: 2}
  reject_count: {input: made, resets: {to: 7}}
  speed: {input: made, unit: items/min}
  mode: {input: code, codes: {1: produce, 2: manual}}
"""


def rows(tag: str = "en") -> dict[str, SignalRow]:
    return {it.name: it for it in signal_rows(parse(PRESS, "profile.yaml"), language(tag))}


def test_where_each_is_read_and_what_is_made_of_it() -> None:
    found = rows()
    state = found["state"]
    assert [(it.name, it.places) for it in state.inputs] == [
        ("hand", ("Hand",)),
        ("code", ("Code", "Old")),
    ]
    assert state.steps == (
        "real = hand (hand = 1)",
        "real = code",
        "real = 3 | 4 → producing",
        "… → stopped",
    )
    assert found["mode"].steps == ("1 → produce", "2 → manual")
    assert found["speed"].steps == ("items/min → items/s",)
    assert found["good_count"].steps == ("× 2",)


def test_what_is_known_of_counters_is_said_in_words() -> None:
    found = rows()
    assert "16 bits" in found["total_count"].says
    assert "since the value before" in found["good_count"].says
    assert "sets the counter to 7" in found["reject_count"].says
    assert rows("zh-Hant")["total_count"].says == "計數器滿 16 位元後由零重新開始。"


@pytest.mark.parametrize("name", names())
def test_of_every_packaged_profile(name: str) -> None:
    for row in signal_rows(read(name), language("en")):
        assert row.inputs, row.name
        assert all(it.places for it in row.inputs), row.name
