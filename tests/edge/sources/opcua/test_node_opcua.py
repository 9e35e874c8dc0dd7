"""The OPC UA source against node-opcua: a PackML machine whose stack nobody here wrote.

Most tests share one machine and give it a timeline; it takes seconds to start. Those that
look at its sessions, end it or set it up differently have one of their own.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from asyncua import Client
from certificates import make_certificate
from node_machine import NodeMachine, node_machine, packml
from node_source import (
    EXECUTE,
    MODE,
    PRESS,
    REASON,
    SPEED,
    TOTAL,
    counts,
    source_of,
    true_counts,
    watching,
)
from recording_sink import RecordingSink, confirmed, running_source, until, utc_now
from taking_over import take_over
from tcp_proxy import tcp_proxy

from device_profiles.model.addresses import OpcUaAddress, OpcUaFolder
from domain.samples import Quality
from domain.source_faults import Cause, FaultCode
from edge.config import MachineConfig
from edge.liveness import Liveness
from edge.sources.base import SourceStatus
from edge.sources.factory import make_source
from edge.sources.opcua import nodes


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeMachine]:
    with node_machine(tmp_path_factory.mktemp("machine"), start_on_signal=True) as running:
        yield running


async def test_values_and_source_times_arrive_exactly_once(machine: NodeMachine) -> None:
    timeline = [
        {"at_s": 1.0, "state": "Starting"},
        {"at_s": 1.2, "state": "Execute", "speed": 60.5},
        {"at_s": 1.4, "total": 1, "stop_reason": 7},
        {"at_s": 1.45, "total": 2},
        {"at_s": 1.5, "total": 3},
        {"at_s": 2.0, "state": "Aborted"},
    ]
    machine.begin(timeline)
    sink = RecordingSink()
    source = source_of(machine.url, TOTAL, SPEED, EXECUTE, MODE, REASON, PRESS)
    async with watching(machine, source, sink):
        await until(lambda: len(sink.readings(EXECUTE.key)) == 4, "the last state")
    assert counts(sink) == true_counts(machine)
    speeds = [(it.value, it.source_time) for it in sink.readings(SPEED.key)]
    assert speeds == [(it.value, it.time) for it in machine.truth("speed")]
    states = sink.readings(EXECUTE.key)
    assert [it.value for it in states[:3]] == ["Idle", "Starting", "Execute"]
    # OPC 10000-16: outside Execute's own states that machine has no state at all.
    assert states[3].quality is Quality.BAD
    assert [it.source_time for it in states] == [it.time for it in machine.truth("state")]
    # These two structures are told by type dictionaries only, as before OPC UA 1.04.
    assert [it.value["ID"] for it in sink.readings(REASON.key)] == [0, 7]
    tools = [{"Name": "upper", "Strokes": 7}, {"Name": "", "Strokes": 8}]
    assert [it.value for it in sink.readings(PRESS.key)] == [{"Counter": 41, "Tools": tools}]
    assert sink.of("lost") == []
    assert source.status.readings == len(sink.of("reading"))


async def test_a_burst_within_the_queue_arrives_whole(machine: NodeMachine) -> None:
    machine.begin([{"at_s": 0.5, "burst": 1000}])
    sink = RecordingSink()
    async with watching(machine, source_of(machine.url, TOTAL, queue_size=2000), sink):
        await until(lambda: len(sink.readings(TOTAL.key)) >= 1001, "all 1,001 counts")
    assert counts(sink) == true_counts(machine)
    assert sink.of("lost") == []


async def test_an_overflow_is_told_and_counted(machine: NodeMachine) -> None:
    """influxdata/telegraf#802: what was dropped on the way must not go unsaid."""
    machine.begin([{"at_s": 0.5, "burst": 1000}])
    sink = RecordingSink()
    source = source_of(machine.url, TOTAL, queue_size=10)
    async with watching(machine, source, sink):
        await until(lambda: len(true_counts(machine)) == 1001, "the burst")
        await until(lambda: counts(sink)[-1:] == true_counts(machine)[-1:], "the end")
    assert len(sink.readings(TOTAL.key)) < 1001
    assert source.status.overflows >= 1
    assert "queue of 10 overflowed" in sink.of("lost")[0]


async def test_a_machine_that_dies_and_comes_back(tmp_path: Path) -> None:
    """influxdata/telegraf#18454: subscribed again after a restart; nothing doubled, and the
    seconds without the machine are in no span."""
    sink, liveness = RecordingSink(), Liveness("filler-1", "filler", 60)
    initial = {"state": "Execute", "total": 40}
    with node_machine(
        tmp_path, [{"at_s": 1, "total": 41}], initial=initial, start_on_signal=True
    ) as machine:
        port = machine.port
        source = source_of(machine.url, TOTAL, EXECUTE)
        async with watching(machine, source, sink):
            await until(lambda: len(sink.readings(TOTAL.key)) == 2, "the first count")
            machine.process.kill()
            await until(lambda: bool(sink.of("lost")), "the loss to be told")
            told = utc_now()
            assert not source.status.connected
            await asyncio.sleep(2)
            back = utc_now()
            with node_machine(
                tmp_path,
                [{"at_s": 0.5, "total": 43}],
                port=port,
                initial={"total": 42},
                start_on_signal=True,
            ) as again:
                await until(lambda: len(sink.readings(TOTAL.key)) == 3, "the count it begins with")
                again.process.send_signal(signal.SIGUSR2)
                await until(lambda: len(sink.readings(TOTAL.key)) == 4, "the counts after it")
                assert source.status.connected
                assert counts(sink) == [*true_counts(machine), *true_counts(again)]
                await until(lambda: again.server_side == (1, 1), "one session, one subscription")
    for kind, content in sink.events:
        if kind == "heard":
            liveness.heard(content)
        elif kind == "lost":
            liveness.lost(utc_now())
    spans = liveness.take()
    gaps = [(a.end, b.start) for a, b in itertools.pairwise(spans)]
    assert any(end <= told and start >= back for end, start in gaps)


async def test_a_cut_connection_is_taken_up_again_without_loss(tmp_path: Path) -> None:
    """A TCP connection that breaks while the server lives: the library alone would lose what
    was queued (TransferSubscriptions answers BadNothingToDo). Here nothing is lost or doubled,
    and no session is left over (eclipse-milo/milo#743)."""
    timeline = [{"at_s": 0.5 + 0.1 * i, "total": i} for i in range(1, 80)]
    with node_machine(tmp_path, timeline, start_on_signal=True) as machine:
        sink = RecordingSink()
        async with tcp_proxy(machine.port) as proxy:
            source = source_of(f"opc.tcp://127.0.0.1:{proxy.port}", TOTAL)
            async with watching(machine, source, sink):
                await until(lambda: len(sink.readings(TOTAL.key)) >= 5, "the first counts")
                for _ in range(3):
                    proxy.accepting = False
                    proxy.cut()
                    await asyncio.sleep(1)
                    proxy.accepting = True
                    connects = source.status.connects
                    await until(lambda n=connects: source.status.connects > n, "the connection")
                    await asyncio.sleep(0.5)
                await until(lambda: counts(sink)[-1][0] == 79, "the last count")
                assert counts(sink) == true_counts(machine)
                assert source.status.overflows == 0
                assert len(sink.of("lost")) >= 3
                assert source.status.bridged == len(sink.of("bridged")) == 3
                (known,) = confirmed(sink)
                assert known.start == sink.of("heard")[0]
                assert known.end == max(sink.of("heard")[-1], sink.of("bridged")[-1])
                await until(lambda: machine.server_side == (1, 1), "no session left over")
            await until(lambda: machine.server_side == (0, 0), "nothing left on the server")


async def test_an_outage_that_the_queue_did_not_bridge_is_unknown(tmp_path: Path) -> None:
    timeline = [{"at_s": 0.5 + 0.05 * i, "total": i} for i in range(1, 100)]
    with node_machine(tmp_path, timeline, start_on_signal=True) as machine:
        sink = RecordingSink()
        async with tcp_proxy(machine.port) as proxy:
            url = f"opc.tcp://127.0.0.1:{proxy.port}"
            source = source_of(url, TOTAL, queue_size=5)
            async with watching(machine, source, sink):
                await until(lambda: len(sink.readings(TOTAL.key)) >= 5, "the first counts")
                proxy.accepting = False
                proxy.cut()
                await asyncio.sleep(2)
                proxy.accepting = True
                await until(lambda: counts(sink)[-1][0] == 99, "the last count")
    assert source.status.overflows >= 1
    assert sink.of("bridged") == []
    assert len(confirmed(sink)) >= 2


async def test_a_notification_lost_on_the_way_is_fetched_again(machine: NodeMachine) -> None:
    """What the server had sent when the connection broke comes by Republish, in its place."""
    timeline = [{"at_s": 0.5 + 0.1 * i, "total": i} for i in range(1, 50)]
    machine.begin(timeline)
    sink = RecordingSink()
    async with tcp_proxy(machine.port) as proxy:
        source = source_of(f"opc.tcp://127.0.0.1:{proxy.port}", TOTAL)
        async with watching(machine, source, sink):
            await until(lambda: len(sink.readings(TOTAL.key)) >= 5, "the first counts")
            proxy.flowing.clear()  # from here on answers stay on the way ...
            await asyncio.sleep(1)
            proxy.cut()  # ... and are lost there
            proxy.flowing.set()
            await until(lambda: counts(sink)[-1][0] == 49, "the last count")
    assert source.status.losses == 1
    assert source.status.overflows == 0
    assert counts(sink) == true_counts(machine)


async def test_a_silent_connection_is_given_up(machine: NodeMachine) -> None:
    """A peer that is gone without closing: no answer for a few keep-alives is a loss."""
    machine.begin()
    sink = RecordingSink()
    async with tcp_proxy(machine.port) as proxy:
        connection = {"url": f"opc.tcp://127.0.0.1:{proxy.port}", "security": "none"}
        config = MachineConfig(
            line="l", machine="m", profile="p", connection=connection, stale_after_s=4
        )
        source = make_source(config, [TOTAL], utc_now, agent="tester", folder=Path("unused"))
        async with running_source(source, sink):
            await until(lambda: bool(sink.of("heard")), "the first value")
            proxy.flowing.clear()
            await until(lambda: bool(sink.of("lost")), "the silence to be told")
            assert "has not answered" in sink.of("lost")[0]
            proxy.flowing.set()
            await until(lambda: source.status.connects >= 2, "the connection")
            heard = len(sink.of("heard"))
            await until(lambda: len(sink.of("heard")) > heard, "it is heard again")
    assert sink.of("bridged") == [], "a server that does not answer may stand still itself"


async def test_one_bad_node_does_not_stop_the_others(machine: NodeMachine) -> None:
    """influxdata/telegraf#19186: one bad node id ended all subscriptions."""
    bad = packml("Admin", "NoSuchCount")
    foreign = OpcUaAddress(TOTAL.start, (("urn:nobody:knows", "Count"),))
    machine.begin([{"at_s": 0.5, "total": 1}])
    sink = RecordingSink()
    source = source_of(machine.url, bad, TOTAL, foreign)
    async with watching(machine, source, sink):
        await until(lambda: len(sink.readings(TOTAL.key)) == 2, "the good counts")
    failed = dict(source.status.failed_addresses)
    assert set(failed) == {bad.key, foreign.key}
    assert "no such node" in failed[bad.key]
    assert "urn:nobody:knows" in failed[foreign.key]
    named = {bad.key: "BadNoMatch", foreign.key: Cause.NO_NAMESPACE}
    assert dict(source.status.failed_as) == named
    assert sink.of("lost") == []


async def test_bad_quality_is_told(machine: NodeMachine) -> None:
    machine.begin([{"at_s": 0.5, "bad": "speed"}])
    sink = RecordingSink()
    async with watching(machine, source_of(machine.url, SPEED), sink):
        await until(lambda: len(sink.readings()) == 2, "the bad value")
    assert [it.quality for it in sink.readings()] == [Quality.GOOD, Quality.BAD]


async def test_two_servers_with_other_namespace_indices_do_not_mix(
    tmp_path: Path, machine: NodeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Structure types are known per connection: the same index means another type elsewhere. The
    other one takes a single node in a request, and has a single continuation point."""
    monkeypatch.setattr(nodes, "REFERENCES_MAX", 2)
    machine.begin(initial={"total": 11, "stop_reason": 3})
    least = ("Browse", "TranslateBrowsePathsToNodeIds", "Read")
    status = OpcUaFolder(packml("Status"))
    limits = {f"maxNodesPer{name}": 1 for name in least} | {"maxMonitoredItemsPerCall": 1}
    initial = {"total": 22, "stop_reason": 4}
    options = {"operation_limits": limits, "continuation_points": 1}
    with node_machine(tmp_path, initial=initial, models=[], **options) as other:
        sinks = RecordingSink(), RecordingSink()
        async with (
            running_source(source_of(machine.url, TOTAL, REASON), sinks[0]),
            running_source(source_of(other.url, TOTAL, REASON, status), sinks[1]),
        ):
            for sink, count in zip(sinks, (2, 4), strict=True):
                await until(lambda s=sink, n=count: len(s.readings()) == n, "all values")
    totals = [sink.readings(TOTAL.key)[0].value[0]["AccCount"] for sink in sinks]
    reasons = [sink.readings(REASON.key)[0].value["Value"] for sink in sinks]
    assert (totals, reasons) == ([11, 22], [3, 4])


async def test_a_full_sink_lets_the_server_queue(machine: NodeMachine) -> None:
    """influxdata/telegraf#4960: what does not fit yet waits at its source, in order."""
    timeline = [{"at_s": 0.5 + 0.05 * i, "total": i} for i in range(1, 40)]
    machine.begin(timeline)
    sink = RecordingSink()
    async with watching(machine, source_of(machine.url, TOTAL), sink):
        await until(lambda: len(sink.readings()) >= 3, "the first counts")
        sink.room.clear()
        before = len(sink.readings())
        await asyncio.sleep(2)
        assert len(sink.readings()) == before
        sink.room.set()
        await until(lambda: counts(sink)[-1][0] == 39, "the last count")
    assert counts(sink) == true_counts(machine)


async def test_user_and_password(machine: NodeMachine, tmp_path: Path) -> None:
    machine.begin()

    async def tried(password: str) -> tuple[RecordingSink, SourceStatus]:
        sink, given = RecordingSink(), {"user": "line", "password": password}
        source = source_of(machine.url, TOTAL, folder=tmp_path, **given)
        async with running_source(source, sink):
            await until(lambda: bool(sink.events), "an answer")
        return sink, source.status

    sink, _ = await tried("proof")
    assert len(sink.readings()) == 1
    sink, status = await tried("x")
    assert "refused user" in sink.of("lost")[0]
    assert status.fault is FaultCode.SIGN_IN_REFUSED
    assert status.error_status in ("BadIdentityTokenRejected", "BadUserAccessDenied")
    # Without security anybody may sit at that address and ask for the password: he is met first.
    (kept,) = (tmp_path / "opcua" / "servers").iterdir()
    other = make_certificate(tmp_path, "other", uri="urn:other")
    kept.write_bytes(other.certificate.read_bytes())
    sink, status = await tried("proof")
    assert "shows another certificate" in sink.of("lost")[0]
    assert status.fault is FaultCode.SECURITY_REFUSED


async def test_a_foreign_client_that_takes_our_subscription_over(machine: NodeMachine) -> None:
    """open62541#5687: after a restart of the server the numbers of subscriptions begin at one
    again. node-opcua says GoodSubscriptionTransferred to the session that had it."""
    machine.begin()
    user = {"user": "line", "password": "proof"}  # who may take over what is theirs
    source, sink = source_of(machine.url, TOTAL, stale_after_s=2, **user), RecordingSink()
    thief = Client(machine.url)
    thief.set_user(user["user"])
    thief.set_password(user["password"])
    async with running_source(source, sink), thief:
        await until(lambda: len(sink.of("heard")) > 1, "the first values, and that they hold")
        await take_over(thief, source)
        await until(lambda: source.status.connects == 2, "a subscription of our own again")
        heard = len(sink.of("heard"))
        await until(lambda: len(sink.of("heard")) > heard + 1, "it is heard again")
    assert "another client has taken our subscription over" in sink.of("lost")[0]
    assert sink.of("bridged") == []
    assert len(confirmed(sink)) == 2, "the time between is not known"
