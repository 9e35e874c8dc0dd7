"""The OPC UA source against an asyncua server: what needs a server under the test's hands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from asyncua import ua
from opcua_server import VENDOR, counter, opcua_server
from opcua_source import source_of
from recording_sink import RecordingSink, running_source, until, utc_now
from tcp_proxy import tcp_proxy

from device_profiles.model.addresses import OpcUaAddress, OpcUaStart
from device_profiles.model.node_text import parse_node
from domain.samples import Quality
from domain.source_faults import Cause
from edge.sources.opcua.items import Items

GOOD, LATER = counter("Good"), counter("Later")


async def test_a_node_that_appears_later_is_found() -> None:
    async with opcua_server() as server:
        await server.add("Good", 1)
        sink = RecordingSink()
        source = source_of(server.url, GOOD, LATER)
        async with running_source(source, sink):
            await until(lambda: bool(sink.readings(GOOD.key)), "the good one")
            assert [key for key, _ in source.status.failed_addresses] == [LATER.key]
            await server.add("Later", 7)
            await until(lambda: bool(sink.readings(LATER.key)), "the later one")
        assert source.status.failed_addresses == ()
        assert sink.of("lost") == []


async def test_a_node_is_found_by_its_id() -> None:
    here, nowhere = (parse_node(f"nsu={VENDOR};s={name}") for name in ("Good", "Nope"))
    async with opcua_server() as server:
        await server.add("Good", 1)
        sink = RecordingSink()
        source = source_of(server.url, here, nowhere, parse_node("nsu=urn:nobody;i=5"))
        async with running_source(source, sink):
            await until(lambda: bool(sink.readings()), "the good one")
    assert [it.address for it in sink.readings()] == [f"nsu={VENDOR};s=Good"]
    assert sorted(status for _, status in source.status.failed_as) == [
        "BadNodeIdUnknown",
        Cause.NO_NAMESPACE,
    ]


async def test_an_optional_node_that_is_absent_is_no_fault() -> None:
    optional = OpcUaAddress(LATER.start, LATER.path, optional=True)
    async with opcua_server() as server:
        await server.add("Good", 1)
        sink = RecordingSink()
        source = source_of(server.url, optional, GOOD)
        async with running_source(source, sink):
            await until(lambda: bool(sink.readings(GOOD.key)), "the good one")
        assert source.status.failed_addresses == ()


async def test_a_quiet_machine_is_heard_by_keep_alives() -> None:
    async with opcua_server() as server:
        await server.add("Good", 1)
        sink = RecordingSink()
        async with running_source(source_of(server.url, GOOD), sink):
            await until(lambda: len(sink.of("heard")) >= 4, "keep-alives")
        assert len(sink.readings()) == 1
        kinds = [kind for kind, _ in sink.events]
        assert kinds[0] == "reading"  # never heard before the values are known


async def test_a_change_of_status_alone_is_told() -> None:
    """Telegraf's listener filters on status only; both must come."""
    async with opcua_server() as server:
        await server.add("Good", 1)
        sink = RecordingSink()
        async with running_source(source_of(server.url, GOOD), sink):
            await until(lambda: len(sink.readings()) == 1, "the first")
            await server.write("Good", 1, status=ua.StatusCodes.UncertainSensorNotAccurate)
            await until(lambda: len(sink.readings()) == 2, "the same value, uncertain")
            time = await server.write("Good", 2)
            await until(lambda: len(sink.readings()) == 3, "the next")
        assert [it.quality for it in sink.readings()] == [
            Quality.GOOD,
            Quality.UNCERTAIN,
            Quality.GOOD,
        ]
        assert sink.readings()[2].source_time == time


async def test_a_server_that_restarts_doubles_nothing_that_it_kept() -> None:
    """The value that a new subscription begins with was handed over before."""
    sink = RecordingSink()
    async with opcua_server() as server:
        await server.add("Good", 1)
        time = await server.write("Good", 5)
        source = source_of(server.url, GOOD)
        async with running_source(source, sink):
            await until(lambda: len(sink.readings()) == 1, "the first")
            await server.server.stop()
            await until(lambda: bool(sink.of("lost")), "the loss")
            kept = {"Good": (5, time)}
            async with opcua_server(port=server.port, variables=kept) as again:
                await until(lambda: source.status.connects == 2, "the connection")
                await until(lambda: source.status.repeats == 1, "the same value")
                later = await again.write("Good", 6)
                await until(lambda: len(sink.readings()) == 2, "the next")
        await server.server.start()  # the outer block stops it once more
    assert [(it.value, it.source_time) for it in sink.readings()] == [(5, time), (6, later)]


async def test_what_a_server_no_longer_has_is_known_no_longer() -> None:
    """The other values go on, and must not vouch for what this one said last."""
    sink = RecordingSink()
    async with opcua_server() as server:
        for name in ("Good", "Later"):
            await server.add(name, 1)
        source = source_of(server.url, GOOD, LATER)
        async with running_source(source, sink):
            await until(lambda: len(sink.readings()) == 2, "the first")
            await server.server.stop()
            await until(lambda: bool(sink.of("lost")), "the loss")
            less = {"Later": (2, utc_now())}
            async with opcua_server(port=server.port, variables=less):
                await until(lambda: len(sink.readings()) == 4, "what is left")
        await server.server.start()  # the outer block stops it once more
    (gone,) = sink.readings(GOOD.key)[1:]
    assert (gone.value, gone.source_time, gone.quality) == (None, None, Quality.BAD)
    assert [it.value for it in sink.readings(LATER.key)] == [1, 2]


async def test_a_value_says_up_to_when_all_before_it_had_come() -> None:
    async with opcua_server() as server:
        await server.add("Good", 1)
        sink = RecordingSink()
        async with running_source(source_of(server.url, GOOD), sink):
            await until(lambda: len(sink.of("heard")) >= 10, "keep-alives")
            heard = sink.of("heard")[0]
            await server.write("Good", 2, heard - timedelta(hours=1))
            await until(lambda: len(sink.readings()) == 2, "the value with an old stamp")
    first, second = sink.readings()
    assert first.not_before is None
    assert second.not_before is not None
    assert heard < second.not_before < second.received


async def test_no_subscription_is_left_behind() -> None:
    """thingsboard-gateway#720: leaked subscriptions (sessions: see test_opcua_node)."""
    async with opcua_server() as server:
        await server.add("Good", 1)
        for _ in range(3):
            sink = RecordingSink()
            async with running_source(source_of(server.url, GOOD), sink):
                await until(lambda s=sink: bool(s.readings()), "a value")
                assert server.subscriptions == 1
            await until(lambda: server.subscriptions == 0, "nothing left on the server")


async def test_the_one_instance_of_a_type_is_found_or_refused() -> None:
    kind = ("urn:vendor:machine", "MachineType")
    async with opcua_server() as server:
        index = await server.server.get_namespace_index(kind[0])
        machine_type = await server.server.nodes.base_object_type.add_object_type(index, kind[1])
        await (await machine_type.add_variable(index, "Count", 3)).set_modelling_rule(True)
        special = await machine_type.add_object_type(index, "SpecialType")
        folder = await server.server.nodes.objects.add_folder(index, "Hall")
        first = await folder.add_object(index, "First", objecttype=special.nodeid)
        count = (("urn:vendor:machine", "Count"),)
        only = OpcUaAddress(OpcUaStart(kind), count)
        sink = RecordingSink()
        source = source_of(server.url, only)
        async with running_source(source, sink):
            await until(lambda: bool(sink.readings()), "the value of a subtype's instance")
        assert sink.readings()[0].value == 3
        assert first is not None
        await folder.add_object(index, "Second", objecttype=machine_type.nodeid)
        named = OpcUaAddress(OpcUaStart(kind, "Second"), count)
        wrong = OpcUaAddress(OpcUaStart(kind, "Third"), count)
        sink = RecordingSink()
        source = source_of(server.url, only, named, wrong)
        async with running_source(source, sink):
            await until(lambda: bool(sink.readings()), "the named one")
        failed = dict(source.status.failed_addresses)
        assert failed[only.key].endswith(
            "several objects of type MachineType: First, Second; name one"
        )
        assert failed[wrong.key].endswith("is named 'Third', only First, Second")
        statuses = {only.key: Cause.SEVERAL_OBJECTS, wrong.key: Cause.NO_SUCH_OBJECT}
        assert dict(source.status.failed_as) == statuses
        assert [it.address for it in sink.readings()] == [named.key]


async def test_a_subscription_that_broke_while_it_was_made_is_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was not watched yet would never be told; and none of the halves stays at the server."""
    real, breaks = Items._create, [False]
    async with opcua_server() as server, tcp_proxy(server.port) as proxy:
        for name in ("Good", "Later"):
            await server.add(name, 1)

        async def breaking(self: Items, *arguments: Any) -> None:
            if breaks and breaks.pop():
                proxy.cut()
            await real(self, *arguments)

        sink = RecordingSink()
        source = source_of(f"opc.tcp://127.0.0.1:{proxy.port}", GOOD, LATER)
        async with running_source(source, sink):
            await until(lambda: len(sink.readings()) == 2, "the first values")
            await until(lambda: len(sink.of("heard")) > 2, "another hearing")
            sessions = server.server.iserver._external_sessions
            proxy.accepting = False
            proxy.cut()
            for session in list(sessions.values()):  # which has timed out
                await session.close_session(True)
            breaks[:] = [False, True]
            monkeypatch.setattr(Items, "_create", breaking)
            proxy.accepting = True
            await until(lambda: not breaks, "both attempts to watch")
            for name in ("Good", "Later"):
                await server.write(name, 2)
            await until(lambda: len(sink.readings()) >= 4, "what changed since")
            await until(lambda: (len(sessions), server.subscriptions) == (1, 1), "nothing beside")
