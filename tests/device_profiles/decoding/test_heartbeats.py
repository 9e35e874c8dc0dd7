"""What a heartbeat says: by its arrival, by its value, or by moving."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from device_profiles.decoding.heartbeats import Beat, Heartbeats
from device_profiles.model.addresses import MqttAddress, OpcUaAddress, OpcUaStart
from device_profiles.model.profile import Heartbeat
from domain.samples import Quality, Reading

AT = datetime(2026, 3, 2, tzinfo=UTC)
NODE = OpcUaAddress(OpcUaStart(), (("urn:v", "Alive"),))
MOVING = Heartbeat(NODE, part=("Count",), moves=True)
ONLINE = Heartbeat(MqttAddress("online", ""), ("true",))


def reading(value: Any, second: int = 0, quality: Quality = Quality.GOOD) -> Reading:
    at = AT + timedelta(seconds=second)
    return Reading("m", NODE.key, value, at, at, quality)


def test_what_must_move_is_alive_by_its_changes_alone() -> None:
    beats = Heartbeats(MOVING)
    said = [beats.read(reading({"Count": it}, it)) for it in (7, 7, 8, 8, 9)]
    assert said == [Beat.NOTHING, Beat.NOTHING, Beat.ALIVE, Beat.NOTHING, Beat.ALIVE]
    assert beats.last_alive == AT + timedelta(seconds=9)


def test_since_when_it_stands_still() -> None:
    beats = Heartbeats(MOVING)
    assert beats.still_since is None
    stood = []
    for second, value in enumerate((7, 7, 8, 8)):
        beats.read(reading({"Count": value}, second))
        stood.append(beats.still_since)
    assert stood == [(NODE.key, AT + timedelta(seconds=it)) for it in (0, 0, 2, 2)]
    by_its_value = Heartbeats(replace(MOVING, moves=False))
    by_its_value.read(reading({"Count": 7}))
    assert by_its_value.still_since is None


def test_each_move_confirms_once() -> None:
    beats = Heartbeats(MOVING)
    confirmed = []
    for value in (0, 1, None, 0, None, None):
        if value is not None:
            beats.read(reading({"Count": value}, len(confirmed)))
        confirmed.append(beats.confirm_anew())
    assert confirmed == [False, True, False, True, False, False]


def test_without_one_that_moves_every_answer_confirms() -> None:
    assert Heartbeats(None).confirm_anew()
    assert Heartbeats(ONLINE).confirm_anew()


@pytest.mark.parametrize(
    ("heartbeat", "given", "beat"),
    [
        (MOVING, reading({"Count": 1}, quality=Quality.BAD), Beat.STRANGE),
        (MOVING, reading({"Other": 1}), Beat.STRANGE),
        (MOVING, reading(None), Beat.STRANGE),
        (None, reading(1), Beat.NONE),
        (ONLINE, reading("true"), Beat.NONE),
        (Heartbeat(NODE, ("true",)), reading(True), Beat.ALIVE),
        (Heartbeat(NODE, ("true",)), reading("offline"), Beat.GONE),
        (Heartbeat(NODE, ("true",)), reading(""), Beat.STRANGE),
        (Heartbeat(NODE), reading(0), Beat.ALIVE),
    ],
)
def test_a_reading_says_what_the_profile_makes_of_it(
    heartbeat: Heartbeat | None, given: Reading, beat: Beat
) -> None:
    assert Heartbeats(heartbeat).read(given) is beat


@pytest.mark.parametrize(
    ("value", "beat"), [("true", Beat.NOTHING), ("false", Beat.GONE), ("", Beat.STRANGE)]
)
def test_what_a_broker_kept_says_that_it_is_gone_and_never_that_it_is_alive(
    value: str, beat: Beat
) -> None:
    beats = Heartbeats(ONLINE)
    kept = replace(reading(value), address=ONLINE.address.key, is_news=False)
    assert beats.read(kept) is beat
    assert beats.last_alive is None
