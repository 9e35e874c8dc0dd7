"""The uplink against a real HTTP server that fails as collectors, proxies and networks do."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import AGENT, append, check_chain, contents, sample, seal_cut, seal_next
from peers import PATIENCE_S, free_port
from recording_sink import until
from scripted_collector import HangUp, Say, ScriptedCollector, problem, scripted_collector

import edge.uplink
from domain.batches import parse_batch
from domain.protocol import HEADER, SAID
from edge.agent import clock
from edge.spool.outbox import Outbox
from edge.spool.spool import Spool
from edge.uplink import Trouble, Uplink, backlog_pause_s

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
BATCHES = 3


class Rig:
    """A spool with three sealed batches, and an uplink."""

    def __init__(
        self, folder: Path, url: str, token: str | None = None, keep_bytes: int = 0
    ) -> None:
        self.folder = folder
        spool = Spool(folder, AGENT, limit_bytes=64 << 20, keep_bytes=keep_bytes)
        for number in range(BATCHES):
            append(spool, range(number * 10, number * 10 + 10))
            seal_next(spool, KEY)
        self.outbox = Outbox(
            spool,
            seal=lambda cut: seal_cut(KEY, cut),
            take_spans=list,
            profiles={},
            max_samples=1000,
            max_age_s=60,
        )
        self.uplink = Uplink(
            self.outbox, url=url, agent=AGENT, public_key="KEY=", token=token, now=clock
        )

    @contextlib.asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.uplink.run(stop))
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, PATIENCE_S)
            await self.outbox.close()

    async def until_sent(self) -> None:
        await until(lambda: not self.outbox.depth.sealed_batches, "all batches to be sent")

    async def until_problem(self) -> str:
        await until(lambda: bool(self.uplink.status.problem), "a problem")
        return self.uplink.status.problem


def check_whole(collector: ScriptedCollector) -> None:
    assert check_chain(collector.batches, KEY) == list(range(BATCHES * 10))


async def test_the_version_of_the_protocol_is_agreed_on(tmp_path: Path) -> None:
    """A collector that says none speaks the first one; the next one of its kind may say another."""
    with scripted_collector(Say(503, headers={HEADER: "2"})) as collector:
        rig = Rig(tmp_path, collector.url)
        assert rig.uplink.status.protocol == 0
        async with rig.sending():
            await rig.until_sent()
        assert rig.uplink.status.protocol == 1
        assert {it[HEADER.lower()] for it in collector.requests} == {SAID}


async def test_a_collector_of_another_age_refuses_and_nothing_is_lost(tmp_path: Path) -> None:
    refused = problem(400, "protocol", detail="here are spoken 9, 8")
    with scripted_collector(refused) as collector:
        rig = Rig(tmp_path, collector.url)
        async with rig.sending():
            said = await rig.until_problem()
            assert "here are spoken 9, 8" in said
            assert "Install a newer version of Lineproof at whichever of the two is older" in said
            assert rig.uplink.status.trouble is Trouble.REFUSED
        assert collector.kept == {}
    assert len(contents(tmp_path)[0]) == BATCHES


async def test_batches_arrive_in_order_and_leave_the_spool(tmp_path: Path) -> None:
    with scripted_collector() as collector:
        rig = Rig(tmp_path, collector.url)
        async with rig.sending():
            await rig.until_sent()
            status = rig.uplink.status
        check_whole(collector)
    assert (status.sent, status.last_number, status.problem) == (BATCHES, BATCHES, "")
    assert contents(tmp_path) == ([], [])
    first = collector.requests[0]
    assert (first["method"], first["path"]) == ("POST", "/api/v1/batches")
    assert first["content-type"] == "application/vnd.lineproof.batch"
    assert "authorization" not in first


async def test_the_token_goes_along(tmp_path: Path) -> None:
    with scripted_collector() as collector:
        rig = Rig(tmp_path, collector.url + "/", token="secret-word")
        async with rig.sending():
            await rig.until_sent()
    assert {it["authorization"] for it in collector.requests} == {"Bearer secret-word"}
    assert {it["path"] for it in collector.requests} == {"/api/v1/batches"}


@pytest.mark.parametrize(
    "failures",
    [
        [Say(503), Say(500, "oops"), Say(429)],
        [Say(507, {"status": 507, "detail": "the disk is full"})],
        [HangUp(stored=False), HangUp(stored=False)],
        [HangUp(stored=True)],
        [Say(502, "<html>"), HangUp(stored=True), Say(503)],
    ],
    ids=["busy", "storage", "hang up before", "hang up after storing", "all of it"],
)
async def test_what_passes_is_waited_out(tmp_path: Path, failures: list[Say | HangUp]) -> None:
    with scripted_collector(*failures) as collector:
        rig = Rig(tmp_path, collector.url)
        async with rig.sending():
            assert f"the collector at {collector.url}" in await rig.until_problem()
            await rig.until_sent()
            assert rig.uplink.status.problem == ""
        check_whole(collector)
        stored_twice = sum(isinstance(it, HangUp) and it.stored for it in failures)
        assert collector.duplicates == stored_twice


async def test_a_collector_that_comes_up_later(tmp_path: Path) -> None:
    port = free_port()
    rig = Rig(tmp_path, f"http://127.0.0.1:{port}")
    async with rig.sending():
        assert "cannot be reached" in await rig.until_problem()
        assert rig.outbox.depth.sealed_batches == BATCHES
        with scripted_collector(port=port) as collector:
            await rig.until_sent()
            check_whole(collector)


async def test_retry_after_is_honoured(tmp_path: Path) -> None:
    with scripted_collector(Say(503, "", {"retry-after": "2"})) as collector:
        rig = Rig(tmp_path, collector.url)
        async with rig.sending():
            await rig.until_sent()
        first, second, *_ = collector.came
        assert second - first >= 2


REFUSALS = [
    (problem(403, "unknown_agent"), r"Enrol its public key KEY= at the collector\."),
    (problem(403, "bad_signature"), r"another key under this name: enrol KEY="),
    (problem(409, "gap", expected=7), r"expects number 7\)\. Batches .* are missing there"),
    (problem(409, "broken_chain", expected=1), r"Another agent may use this name"),
    (problem(409, "conflict", expected=9), r"Another agent may use this name"),
    (problem(422, "bad_payload"), r"check proxies"),
    (problem(400, "malformed"), r"check proxies"),
    (Say(401, ""), r"\(401 Unauthorized\)\. Check the agent's token"),
    (Say(404, "<html>"), r"\(404 Not Found\)\. Check the collector's address"),
    (Say(413, ""), r"Lower batch\.max_samples"),
    (Say(302, "", {"location": "/login"}), r"refused a batch .*302 Found"),
    (Say(200, "<html>Welcome to the proxy</html>"), r"is no receipt for batch 1"),
    (Say(200, ["accepted"]), r"is no receipt for batch 1"),  # type: ignore[arg-type]  # JSON, but wrong
    (
        Say(200, {"status": "accepted", "agent": AGENT, "number": 1, "digest": "of another"}),
        r"is no receipt for batch 1",
    ),
    (
        Say(200, {"status": "duplicate", "agent": AGENT, "number": 2, "digest": ""}),
        r"is no receipt for batch 1",
    ),
]


@pytest.mark.parametrize(("refusal", "sentence"), REFUSALS)
async def test_a_refusal_drops_nothing_says_what_to_do_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refusal: Say, sentence: str
) -> None:
    monkeypatch.setattr(edge.uplink, "REFUSED_S", 0.3)
    with scripted_collector(refusal) as collector:
        rig = Rig(tmp_path, collector.url)
        async with rig.sending():
            message = await rig.until_problem()
            assert rig.outbox.depth.sealed_batches == BATCHES
            await rig.until_sent()
        check_whole(collector)
    assert re.search(sentence, message), message
    assert "\n" not in message


async def test_a_collector_that_was_put_back_from_a_backup_gets_all_again(tmp_path: Path) -> None:
    with scripted_collector() as collector:
        rig = Rig(tmp_path, collector.url, keep_bytes=1 << 20)
        async with rig.sending():
            await rig.until_sent()
            whole = collector.batches
            assert len(whole) == BATCHES
            del collector.kept[2], collector.kept[3]
            await add_batch(rig)
            await until(lambda: len(collector.kept) == BATCHES + 1, "all batches to be there again")
            await rig.until_sent()
        assert collector.batches[:BATCHES] == whole
    status = rig.uplink.status
    assert status.problem == ""
    assert status.last_problem == (
        f"the collector at {collector.url} lacks batches 2 to 3, as after a restore: they are sent "
        "again"
    )


async def test_what_is_not_kept_any_more_is_a_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge.uplink, "REFUSED_S", 3600)
    with scripted_collector() as collector:
        rig = Rig(tmp_path, collector.url)
        async with rig.sending():
            await rig.until_sent()
            del collector.kept[2], collector.kept[3]
            await add_batch(rig)
            told = await rig.until_problem()
            assert len(collector.requests) == BATCHES + 1
    assert re.search(r"expects number 2\)\. Batches .* and it does not keep them any more", told)


async def test_a_collector_that_asks_for_the_same_again_and_again_is_not_flooded(
    tmp_path: Path,
) -> None:
    with scripted_collector() as collector:
        rig = Rig(tmp_path, collector.url, keep_bytes=1 << 20)
        async with rig.sending():
            await rig.until_sent()
            before = len(collector.requests)
            for _ in range(50):  # what it has taken is another's word
                collector.script += [
                    problem(409, "gap", expected=1),
                    *[_taken(data) for data in collector.batches],
                ]
            await add_batch(rig)
            await asyncio.sleep(3)
            assert len(collector.requests) - before < 30
            collector.script.clear()
            await rig.until_sent()


def _taken(data: bytes) -> Say:
    header = parse_batch(data).header
    named = {"agent": header.agent, "number": header.number, "digest": header.digest}
    return Say(200, {"status": "duplicate", **named})


async def add_batch(rig: Rig) -> None:
    """One more, as the outbox makes it."""
    rig.outbox.add(sample(100))
    await rig.outbox.finish()


async def test_a_refusal_is_tried_again_slowly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop does not wait for the next attempt: `sending` would fail."""
    assert edge.uplink.REFUSED_S >= 10
    monkeypatch.setattr(edge.uplink, "REFUSED_S", 3600)
    with scripted_collector(*[problem(403, "unknown_agent")] * 9) as collector:
        rig = Rig(tmp_path, collector.url)
        async with rig.sending():
            await rig.until_problem()
            await asyncio.sleep(2)
            assert len(collector.requests) == 1
    assert len(contents(tmp_path)[0]) == BATCHES


async def test_loopback_is_reached_past_the_proxy_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{free_port()}")
    with scripted_collector() as collector:
        rig = Rig(tmp_path, collector.url)
        async with rig.sending():
            await rig.until_sent()
        check_whole(collector)


async def test_elsewhere_goes_through_the_proxy_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with scripted_collector() as proxy:  # a plain HTTP proxy gets the whole request
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        rig = Rig(tmp_path, "http://collector.invalid")
        async with rig.sending():
            await rig.until_sent()
        assert {it["host"] for it in proxy.requests} == {"collector.invalid"}


async def test_drain_ends_when_there_is_nothing_more_or_nobody_answers(tmp_path: Path) -> None:
    with scripted_collector() as collector:
        rig = Rig(tmp_path, collector.url)
        await rig.uplink.drain(PATIENCE_S)
        check_whole(collector)
        assert rig.outbox.depth.sealed_batches == 0
        await rig.outbox.close()
    other = Rig(tmp_path / "other", f"http://127.0.0.1:{free_port()}")
    await asyncio.wait_for(other.uplink.drain(3600), PATIENCE_S)
    assert other.outbox.depth.sealed_batches == BATCHES
    await other.outbox.close()


@pytest.mark.parametrize("ahead_s", [240.0, -240.0, 0.0])
async def test_a_receipt_shows_by_how_much_our_clock_is_off(tmp_path: Path, ahead_s: float) -> None:
    with scripted_collector(problem(503, "busy")) as collector:
        collector.now = lambda: clock() - timedelta(seconds=ahead_s)
        rig = Rig(tmp_path, collector.url)
        async with rig.sending():
            assert rig.uplink.status.clock_ahead_s == 0.0, "nothing is known"
            await rig.until_sent()
            await until(lambda: rig.uplink.status.sent == BATCHES, "the receipts")
            if ahead_s:
                assert abs(rig.uplink.status.clock_ahead_s - ahead_s) < 60
                assert rig.uplink.status.clock_right_at is None
            else:
                assert rig.uplink.status.clock_ahead_s == 0.0
                assert rig.uplink.status.clock_right_at is not None


@pytest.mark.parametrize(
    ("took_s", "waiting", "pause_s"),
    [(0.2, 0, 0.0), (0.2, 1, 0.2), (0.2, 20_000, 0.2), (1000.0, 5, 30.0)],
)
def test_what_waited_leaves_half_of_the_way_to_what_is_new(
    took_s: float, waiting: int, pause_s: float
) -> None:
    assert backlog_pause_s(took_s, waiting) == pause_s
