"""Up to when a message shows that nothing is missing: when it was said, by the agent's clock.

How long each of them took is told to `Transit`, or made by an agent's clock that is set forward:
then all that comes has been on its way for so long. Sparkplug's is in its test_source."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mqtt_machine import PROFILE, mqtt_machine
from opcua_server import counter, opcua_server
from opcua_source import source_of
from recording_sink import RecordingSink, running_source, until, utc_now

from edge.sources.transit import AHEAD_MAX, AT_ONCE, CLOCK_AFTER, Transit

START = datetime(2026, 3, 2, 10, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


@pytest.mark.parametrize("behind_s", [0.0, 7.0, -3600.0])
def test_what_was_held_up_shows_no_more_than_when_it_was_said(behind_s: float) -> None:
    """Whatever the node's clock says."""
    transit = Transit()

    def shows(said_s: float, came_s: float) -> datetime:
        return transit.shows_until(at(said_s - behind_s), at(came_s))

    assert shows(0, 0.1) == at(0.1)
    assert shows(1, 1.5) == at(1.1)  # also a little
    assert shows(2, 5.1) == at(2.1)
    assert shows(5, 5.1) == at(5.1)


def test_a_backlog_stays_one_until_it_is_through() -> None:
    """A minute that was held up comes within a few seconds, and no moment of it is believed."""
    transit = Transit()
    assert transit.shows_until(at(0), at(0)) == at(0)
    for second in range(1, 59):
        assert transit.shows_until(at(second), at(60 + second / 10)) == at(second)
    assert transit.shows_until(at(66), at(66)) == at(66)


def test_what_is_later_than_it_can_be_shows_a_clock_that_was_set_back() -> None:
    """It was said after the one before it, which came at once."""
    transit = Transit()
    for second in range(3):
        transit.shows_until(at(second), at(second))
    set_back_s = 300
    for second in range(3, 1000):
        assert transit.shows_until(at(second - set_back_s), at(second)) == at(second)
    assert transit.shows_until(at(1000 - set_back_s), at(1005)) == at(1000)  # held up again


def test_a_clock_that_was_set_back_in_a_silence_is_one_once_it_stays_late() -> None:
    """By no more than the silence was long: until then it may have been held up."""
    transit = Transit()
    transit.shows_until(at(0), at(0))
    after_s = round(CLOCK_AFTER.total_seconds())
    seconds = range(3600, 3600 + 2 * after_s, 10)
    shown = [transit.shows_until(at(it - 600), at(it)) == at(it) for it in seconds]
    assert shown == [second > 3600 + after_s for second in seconds]


def test_a_topic_that_always_tells_of_before_costs_and_hides_nothing() -> None:
    """Energy of the last quarter of an hour, beside counts of now, which are held up in the end."""
    transit = Transit()
    for second in range(0, 60, 10):
        assert transit.shows_until(at(second), at(second)) == at(second)
        assert transit.shows_until(at(second - 900), at(second + 1)) == at(second + 1)
    assert transit.shows_until(at(60), at(90)) == at(60)
    assert transit.shows_until(at(60 - 900), at(91)) == at(61)
    assert transit.shows_until(at(70), at(91)) == at(70)


def test_a_clock_that_was_set_forward_is_believed_at_once() -> None:
    transit = Transit()
    transit.shows_until(at(0), at(0))
    assert transit.shows_until(at(3601), at(1)) == at(1)
    assert transit.shows_until(at(3602), at(5)) == at(5) - timedelta(seconds=3)


def test_a_backlog_that_is_emptied_slowly_is_no_clock() -> None:
    """A fifth faster than the machine speaks, which takes it five times as long."""
    transit = Transit()
    transit.shows_until(at(0), at(0))
    for second in range(1, 240):
        assert transit.shows_until(at(second), at(60 + second * 0.8)) <= at(second)


def test_what_does_not_say_when_is_as_late_as_the_one_before_it() -> None:
    transit = Transit()
    assert transit.shows_until(None, at(0)) == at(0)
    assert transit.shows_until(at(1), at(1)) == at(1)
    assert transit.shows_until(at(2), at(12)) == at(2)
    assert transit.shows_until(None, at(12)) == at(2)
    assert transit.shows_until(at(12.5), at(12.5)) == at(12.5)
    assert transit.shows_until(None, at(13)) == at(13)


@pytest.mark.parametrize(
    "said", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC), at(2) + AHEAD_MAX]
)
def test_rubbish_says_nothing_and_costs_nothing_later(said: datetime) -> None:
    transit = Transit()
    assert transit.shows_until(said, at(0)) == at(0)
    assert transit.shows_until(said, at(0) + AT_ONCE / 2) == at(0) + AT_ONCE / 2
    assert transit.shows_until(at(1), at(1)) == at(1)


HELD_UP = timedelta(seconds=30)
TIMED = f"""{PROFILE}
inputs:
  total: {{sources: [{{topic: main, field: /n, time: /ms, time_unit: ms}}]}}
signals:
  total_count: {{input: total}}
"""


async def test_a_message_of_mqtt_by_the_time_of_its_values(tmp_path: Path) -> None:
    held_up = timedelta()
    async with mqtt_machine(tmp_path, TIMED, now=lambda: utc_now() + held_up) as device:

        async def say(number: int) -> datetime:
            now = utc_now()
            told = {"n": number, "ms": now.timestamp() * 1000}
            await device.publish("main", json.dumps(told))
            await device.has("total_count", number)
            return now

        await say(1)
        second = await say(2)
        await until(lambda: device.spans != [], "a known time")
        held_up = HELD_UP
        third = await say(3)
    assert second <= device.spans[-1].end < third + HELD_UP / 2


async def test_what_a_broker_kept_of_qos_0_may_not_be_all(tmp_path: Path) -> None:
    """mosquitto 2.0.11 keeps one that comes while it finds out that we are gone, and drops those
    after it. Here it keeps all, and nothing says so."""
    options = {"queue_qos0_messages": "true"}
    async with mqtt_machine(tmp_path, TIMED, is_proxied=True, options=options) as device:

        async def say(number: int) -> datetime:
            now = utc_now()
            told = json.dumps({"n": number, "ms": round(now.timestamp() * 1000)})
            await asyncio.to_thread(device.broker.publish, "main", told, qos=0)
            return now

        await say(1)
        await say(2)
        await until(lambda: device.spans != [], "a known time")
        gone = "Client agent-1-line-1-device closed its connection"
        device.proxy.accepting = False
        device.proxy.cut()
        await until(lambda: gone in device.broker.log.read_text(), "the break")
        await say(3)
        await asyncio.sleep(1)  # longer than the way of any
        meanwhile = await say(4)
        device.proxy.accepting = True
        await device.has("total_count", 4)
        await say(5)
        last = await say(6)
        await until(lambda: device.spans[-1].end >= last, "a known time again")
    assert not any(it.start <= meanwhile < it.end for it in device.spans)
    assert [it[1] for it in device.samples("total_count")] == [*range(1, 7)]


async def test_a_response_of_opcua_by_its_publish_time() -> None:
    held_up, good = timedelta(), counter("Good")
    async with opcua_server() as server:
        await server.add("Good", 1)
        sink = RecordingSink()
        source = source_of(server.url, good, now=lambda: utc_now() + held_up)
        async with running_source(source, sink):
            await until(lambda: len(sink.of("heard")) > 2, "keep-alives")
            before, held_up = len(sink.of("heard")), HELD_UP  # what is asked for is on its way
            await until(lambda: len(sink.of("heard")) > before, "what was held up")
    assert sink.of("heard")[before] < utc_now() + HELD_UP / 2
