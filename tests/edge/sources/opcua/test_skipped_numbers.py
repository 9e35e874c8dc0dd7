"""A real server that loses a notification on its way: it is asked for it, and if it has it no more,
that is counted and the time is unknown. (test_notifications has all cases, driven by hand.)"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asyncua import ua
from opcua_server import OpcUaServer, counter, opcua_server
from opcua_source import source_of
from recording_sink import RecordingSink, confirmed, running_source, until

pytestmark = pytest.mark.asyncio(loop_scope="module")  # one server for all


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[OpcUaServer]:
    async with opcua_server() as running:
        await running.add("Total", 0)
        yield running


def lose_next(server: OpcUaServer, *, keeps: bool) -> None:
    """The next notification of the only subscription uses a number up and is never told; what is
    told in its place is that nothing changed, or what changed since."""
    (subscription,) = server.server.iserver.subscription_service.subscriptions.values()
    made = subscription._pop_publish_result

    def lose() -> ua.PublishResult:
        result = made()
        if not result.NotificationMessage.NotificationData:
            return result
        del subscription._pop_publish_result
        if not keeps:
            subscription.publish([result.NotificationMessage.SequenceNumber])
        return made()

    subscription._pop_publish_result = lose


@pytest.mark.parametrize("keeps", [True, False])
async def test_a_notification_that_the_server_never_told(server: OpcUaServer, keeps: bool) -> None:
    await server.write("Total", 0)
    source, sink = (
        source_of(server.url, counter("Total"), publishing_interval_ms="20"),
        RecordingSink(),
    )
    async with running_source(source, sink):
        await until(lambda: len(sink.of("heard")) > 1, "the first value, and that it holds")
        lose_next(server, keeps=keeps)
        await server.write("Total", 1)
        if not keeps:
            await until(lambda: source.status.overflows > 0, "the loss to be told")
        await server.write("Total", 2)
        await until(lambda: sink.readings()[-1].value == 2, "what comes next")
        heard = len(sink.of("heard"))
        await until(lambda: len(sink.of("heard")) > heard, "it is heard again")
    assert source.status.losses == 0, "the connection stood all the time"
    values = [it.value for it in sink.readings()]
    if keeps:
        assert values == [0, 1, 2]
        assert (source.status.overflows, sink.of("lost")) == (0, [])
        assert len(confirmed(sink)) == 1
    else:
        assert values == [0, 2]
        assert source.status.overflows == 1
        assert "a notification was lost" in sink.of("lost")[0]
        assert len(confirmed(sink)) == 2, "what changed between the two is not known"
