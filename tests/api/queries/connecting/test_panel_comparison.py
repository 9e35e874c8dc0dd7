"""What a panel showed, against what was decoded while the machine was read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from api.queries.connecting.looker import Trial
from api.queries.connecting.panel_comparison import compared
from device_profiles.files.catalogue import parse
from domain.samples import Quality, Reading

BEGIN = datetime(2026, 3, 25, 9, tzinfo=UTC)
PRESS = """
name: acme/press
vendor: acme
model: press
protocol: mqtt-json
title: {en: Press}
inputs:
  code: {sources: [{topic: code, payload: text}]}
  good: {sources: [{topic: good, payload: text}]}
  power: {sources: [{topic: power, payload: text}]}
signals:
  state: {input: code, codes: {1: producing, 2: stopped}}
  good_count: {input: good}
  power: {input: power, unit: W}
"""


def reading(second: float, topic: str, value: str) -> Reading:
    at = BEGIN + timedelta(seconds=second)
    return Reading("machine", f"{topic}#text", value, at, at, Quality.GOOD)


TRIAL = Trial(
    PRESS, {}, (), (), (),
    (reading(1, "code", "1"), reading(1, "good", "100"), reading(2, "power", "2830"),
     reading(9, "good", "108")),
    BEGIN, BEGIN + timedelta(seconds=10),
)  # fmt: skip


def rows(**typed: str) -> list[tuple[str, bool | None]]:
    found = compared(TRIAL, parse(PRESS, "profile.yaml"), typed)
    return [(it.signal, it.agrees) for it in found]


def test_a_counter_may_stand_where_it_stood_at_any_moment() -> None:
    for shown, agrees in (
        ("100", True),
        ("104", True),
        ("108", True),
        ("99", False),
        ("120", False),
    ):
        assert rows(good_count=shown) == [("good_count", agrees)], shown


def test_a_display_that_rounds_and_one_in_another_unit() -> None:
    assert rows(power="2.8") == [("power", True)]
    assert rows(power="2830 W") == [("power", True)]
    assert rows(power="2.9") == [("power", False)]


def test_a_state_by_its_word() -> None:
    assert rows(state="Producing") == [("state", True)]
    (differs,) = compared(TRIAL, parse(PRESS, "profile.yaml"), {"state": "stopped"})
    assert (differs.agrees, differs.decoded) == (False, "producing")


def test_what_is_no_value_is_said_and_what_is_empty_left_out() -> None:
    assert rows(state="runing", good_count="", power="much") == [("state", None), ("power", None)]
    (wrong,) = compared(TRIAL, parse(PRESS, "profile.yaml"), {"state": "runing"})
    assert "'runing' is no state" in wrong.decoded
