"""The short way of plain numbers from MQTT messages tells what the general way tells, bit for bit.

The oracle is `Decoder`, which knows no short way. Messages are drawn with values of all kinds, two
times in each, disorder, clocks that are wrong, other qualities and retained ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from decoder_tells import state_of, told
from hypothesis import given, settings
from hypothesis import strategies as st

from device_profiles.decoding.column_decoder import ColumnDecoder
from device_profiles.decoding.decoder import Decoder
from device_profiles.decoding.plain_readings import PlainReadings
from device_profiles.files.catalogue import parse
from device_profiles.files.resolve import resolve
from domain.samples import Quality, Reading

START = datetime(2026, 3, 2, 7, tzinfo=UTC)
TEXT = """
name: test/messages
vendor: test
model: test
protocol: mqtt-json
title: {en: Test, zh-Hant: 試, zh-Hans: 试}
documentation: ["https://example.org/"]
heartbeat: {topic: t, field: /beat}
inputs:
  good: {sources: [{topic: t, field: /good, time: /t}]}
  total: {sources: [{topic: t, field: /total, time: /t}]}
  speed: {sources: [{topic: t, field: /speed, time: /t}]}
  energy: {sources: [{topic: t, field: /energy, time: /u}]}
  beat: {sources: [{topic: t, field: /beat, time: /t}]}
  twice: {sources: [{topic: t, field: /twice, time: /t}]}
  door: {sources: [{topic: t, field: /door, time: /u}]}
  state: {sources: [{topic: t, field: /state, time: /t}]}
  added: {sources: [{topic: t, field: /added, time: /t}]}
signals:
  good_count: {input: good}
  total_count: {input: total}
  speed: {input: speed, unit: items/min, factor: 0.1, offset: 3}
  energy: {input: energy, unit: Wh}
  measurement.beat: {input: beat}
  measurement.one: {input: twice}
  measurement.two: {input: twice}
  reject_count: {increments: added}
  state:
    when:
      - {if: {door: open}, then: stopped}
      - {if: {state: [1]}, then: producing}
    otherwise: idle
"""
PROFILE = resolve(parse(TEXT, "test"), {})
PLAIN = ("good", "total", "speed", "energy")
FIELDS = (*PLAIN, "beat", "twice", "door", "state", "added", "other")
NUMBERS = st.sampled_from([0, 1, 2, 0.0, -0.0, 1.0, 2.5, 1e300, 3])
ANYTHING = NUMBERS | st.sampled_from(
    [True, None, "open", "7", float("nan"), float("inf"), 2**53 + 1, 10**400, 1.7e308, [1]]
)
STILL = "as before"  # a clock that stands still
SECONDS = st.sampled_from([0, 0, -1, 1, 2, -2, STILL, STILL, -8, -20, -50])
SECONDS |= st.sampled_from([None, 6, -10_000, -130, 8_000, -(2**29)])
HOWS = st.sampled_from(["news"] * 9 + ["retained", "bad", "uncertain", "of later receipt"])
VALUES = st.lists(
    st.tuples(st.sampled_from([*PLAIN, "speed"]), NUMBERS, st.just("news"))
    | st.tuples(st.sampled_from(FIELDS), ANYTHING, HOWS),
    min_size=1,
    max_size=5,
)
STEADY = st.integers(0, 3).map(lambda it: (2, 0, 0, [(name, it, "news") for name in PLAIN]))
PASSED = st.integers(0, 7) | st.sampled_from([90, -30])  # seconds since the message before
MESSAGES = st.lists(
    STEADY | st.tuples(PASSED, SECONDS, st.just(0) | SECONDS, VALUES), min_size=5, max_size=25
)


def readings_of(received: datetime, times: dict[str, Any], values: Sequence[Any]) -> list[Reading]:
    return [
        Reading(
            "m",
            f"t#/{name}",
            value,
            times.get("u" if name in ("energy", "door") else "t"),
            received + timedelta(seconds=how == "of later receipt"),
            {"bad": Quality.BAD, "uncertain": Quality.UNCERTAIN}.get(how, Quality.GOOD),
            is_news=how != "retained",
        )
        for name, value, how in values
    ]


@settings(deadline=None, max_examples=100)  # a loaded machine is slow, not wrong
@given(MESSAGES, st.sampled_from([True, None, False]))
def test_both_ways_tell_the_same(messages: list[Any], is_right: bool | None) -> None:
    ours = ColumnDecoder(PROFILE, "l", "m", is_clock_right=is_right)
    oracle = Decoder(PROFILE, "l", "m", is_clock_right=is_right)
    received, times = START, dict[str, datetime | None]()
    for passed_s, t, u, values in messages:
        received += timedelta(seconds=passed_s)
        for name, said in (("t", t), ("u", u)):
            if said != STILL:
                times[name] = None if said is None else received + timedelta(seconds=said)
        readings = readings_of(received, times, values)
        assert told(ours.decode_all(readings)) == told(oracle.decode_all(readings))
        assert ours.decode_all([]) == []
    assert state_of(ours) == state_of(oracle)


def news(name: str, value: float, how: str = "news") -> tuple[str, float, str]:
    return name, value, how


# Of each message: when it is received, the time that it says (seconds), and its values.
STEADY_MESSAGES = [(it, it, [news("speed", it // 8)]) for it in range(0, 40, 2)]
SCRIPTS = {
    "a value twice at one time": [
        (0, 0, [news("speed", 1)]),
        (1, 1, [news("speed", 2), news("speed", 3)]),
    ],
    "an old value, after which nothing is known, and one between": [
        (0, 0, [news("good", 1)]),
        (9, 9, [news("good", 2)]),
        (20, 1, [news("good", 3)]),
        (21, 19, [news("good", 4)]),
    ],
    "a first value of long ago, a new one, and that one repeated": [
        (0, -300, [news("good", 1)]),
        (1, 1, [news("good", 2)]),
        (2, 1, [news("good", 2, "retained")]),
    ],
    "a clock that stands still": [
        (0, 0, [news("good", 1)]),
        (1, 1, [news("good", 2)]),
        (9, 1, [news("good", 3)]),
        (2, 1, [news("good", 4)]),
    ],
    "a clock that is right again": [
        (0, 0, [news("good", 1), news("speed", 1)]),
        (1, 400, [news("speed", 1)]),
        (2, 2, [news("good", 2)]),
    ],
    "an old value of when the machine was heard": [
        *STEADY_MESSAGES,
        (40, 21, [news("speed", 9)]),
        (41, 41, [news("speed", 9)]),
    ],
}


@pytest.mark.parametrize("is_right", [True, None])
@pytest.mark.parametrize("name", SCRIPTS)
def test_both_ways_tell_the_same_of(name: str, is_right: bool | None) -> None:
    ours = ColumnDecoder(PROFILE, "l", "m", is_clock_right=is_right)
    oracle = Decoder(PROFILE, "l", "m", is_clock_right=is_right)
    for received_s, time_s, values in SCRIPTS[name]:
        received, time = START + timedelta(seconds=received_s), START + timedelta(seconds=time_s)
        readings = readings_of(received, {"t": time}, values)
        assert told(ours.decode_all(readings)) == told(oracle.decode_all(readings))
        assert state_of(ours) == state_of(oracle)


def test_what_is_in_order_goes_the_short_way(monkeypatch: Any) -> None:
    """From the second message on, and never what is no plain number."""
    short: list[bool] = []
    way = PlainReadings.samples

    def seen(self: PlainReadings, readings: Sequence[Reading]) -> Any:
        made = way(self, readings)
        short.append(made is not None)
        return made

    monkeypatch.setattr(PlainReadings, "samples", seen)
    decoder = ColumnDecoder(PROFILE, "l", "m")
    for second in range(3):
        at, values = START + timedelta(seconds=second), [(name, second, "news") for name in PLAIN]
        decoder.decode_all(readings_of(at, {"t": at, "u": at}, values))
    assert short == [False, True, True]
    for values in ([("good", 1, "retained")], [("twice", 1, "news")], [("beat", 1, "news")]):
        decoder.decode_all(readings_of(at, {"t": at, "u": at}, values))
    assert short[3:] == [False] * 3
