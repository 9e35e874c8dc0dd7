"""A profile on a real machine: what came, what was made of it, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
from longer import longer
from mqtt_broker import mqtt_broker
from opcua_server import VENDOR, OpcUaServer, opcua_server
from recording_sink import utc_now

from domain.errors import InputError
from edge.browsing.trial import SignalMade, TrialReport, tried

GENERIC = "generic/opcua-counters"
PARAMETERS = {
    "state": f"{VENDOR}:Counters/State",
    "state_codes": "1=producing, 2=stopped",
    "total_count": f"{VENDOR}:Counters/Total",
}


async def on(server: OpcUaServer, seconds: float, **more: str) -> TrialReport:
    connection = {"url": server.url, "security": "none", "publishing_interval_ms": "50"}
    given = PARAMETERS | more
    return await tried(GENERIC, given, connection, seconds, utc_now, Path("unused"))


def signals(report: TrialReport) -> Mapping[str, tuple[str, str]]:
    return {it.signal: (it.value, it.quality) for it in report.signals}


async def test_raw_and_decoded_values_stand_side_by_side() -> None:
    async with opcua_server() as server:
        await server.add("State", 1)
        await server.add("Total", 7)
        report = await longer(partial(on, server), lambda it: not it.wrong)
    assert report.wrong == ()
    assert [(it.input, it.value, it.quality) for it in report.inputs] == [
        ("state", "1", "good"),
        ("total_count", "7", "good"),
    ]
    assert all(it.time is not None for it in report.inputs)
    assert signals(report) == {"state": ("producing", "good"), "total_count": ("7", "good")}


async def test_each_thing_that_is_wrong_is_a_sentence() -> None:
    async with opcua_server() as server:
        await server.add("State", 9)
        await server.add("Total", "many")
        report = await longer(
            partial(on, server, good_count=f"{VENDOR}:Counters/God"), lambda it: len(it.wrong) >= 5
        )
    said = "\n".join(report.wrong)
    assert "Counters/{urn:vendor:machine}God: the server has no such node (BadNoMatch)" in said
    assert "signal 'good_count' was not told" in said
    assert "signal 'total_count' cannot be used: its quality is bad" in said
    assert re.search(r"Counters/\S*State: .*code.*\(1×\)", said), said
    assert re.search(r"Counters/\S*Total: not a number", said), said
    unread = next(it for it in report.inputs if it.input == "good_count")
    assert (unread.value, unread.time, unread.quality) == ("", None, "")


async def test_a_machine_that_is_away_is_told() -> None:
    connection = {"url": "opc.tcp://127.0.0.1:9", "security": "none"}
    report = await tried(GENERIC, PARAMETERS, connection, 1.0, utc_now, Path("unused"))
    assert "cannot connect to opc.tcp://127.0.0.1:9" in report.wrong[0]
    assert report.signals == (SignalMade("state", "", ""), SignalMade("total_count", "", ""))
    with pytest.raises(InputError, match="unknown security"):
        await tried(GENERIC, PARAMETERS, {**connection, "security": "x"}, 1.0, utc_now, Path("x"))


async def test_a_broker_keeps_nothing_of_it(tmp_path: Path) -> None:
    with mqtt_broker(tmp_path) as broker:
        connection = {"url": broker.url, "topic": "shelly/a"}
        nothing = "nothing came from the machine that the profile reads"

        async def listen(seconds: float) -> TrialReport:
            profile = "shelly/pro3em-mqtt"
            return await tried(profile, {}, connection, seconds, utc_now, Path("unused"))

        report = await longer(listen, lambda it: it.wrong == (nothing,))
        assert report.wrong == (nothing,)
        log = broker.log.read_text()
    assert re.search(r"as lineproof-try\S* \(p5, c1,", log), "a session that the broker keeps"
