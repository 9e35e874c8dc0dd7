"""A foreign client takes our subscription over, and the server does not say so: it is noticed,
told, and the subscription is made anew. (test_node_opcua has a server that says so.)"""

from __future__ import annotations

from pathlib import Path

from asyncua import Client
from opcua_server import counter, opcua_server
from recording_sink import RecordingSink, running_source, until, utc_now
from taking_over import link_of, take_over

from edge.sources.opcua.client import KnownAs
from edge.sources.opcua.settings import opcua_settings
from edge.sources.opcua.source import OpcUaLink
from edge.sources.reporter import Reporter
from edge.sources.runner import LinkSource


def source_of(url: str) -> LinkSource:
    """One that gives up a silent server within a second."""
    given = {"url": url, "security": "none", "publishing_interval_ms": "20"}
    reporter = Reporter("l", "m", utc_now)
    known_as = KnownAs("tester", "tester", Path("unused"))
    settings, address = opcua_settings(given, "test"), counter("Good")
    return LinkSource(
        OpcUaLink(settings, [address], reporter, known_as, keep_alive_s=0.02), reporter
    )


async def test_a_server_that_answers_the_other_client_alone() -> None:
    """asyncua: our session is silent, though it can be taken up again."""
    async with opcua_server() as server:
        await server.add("Good", 1)
        source, sink = source_of(server.url), RecordingSink()
        async with running_source(source, sink), Client(server.url) as thief:
            await until(lambda: len(sink.of("heard")) >= 2, "the first values")
            await take_over(thief, source)
            await until(lambda: len(sink.of("anew")) == 1, "a subscription made anew")
            time = await server.write("Good", 2)
            await until(lambda: len(sink.readings()) == 2, "what changed since")
    assert (sink.readings()[1].value, sink.readings()[1].source_time) == (2, time)
    assert "has not answered" in sink.of("lost")[0]
    assert sink.of("bridged") == []


async def test_a_server_that_tells_only_of_other_subscriptions() -> None:
    """What it tells is not ours, so it does not confirm our machine."""
    async with opcua_server() as server:
        await server.add("Good", 1)
        source, sink = source_of(server.url), RecordingSink()
        async with running_source(source, sink):
            await until(lambda: len(sink.of("heard")) >= 2, "the first values")
            link_of(source)._subscribed.subscription += 1000
            await until(lambda: len(sink.of("anew")) == 1, "a subscription made anew")
            heard = len(sink.of("heard"))
            await until(lambda: len(sink.of("heard")) > heard + 1, "it is heard again")
    assert "only of others" in sink.of("lost")[0]
    assert sink.of("bridged") == []
