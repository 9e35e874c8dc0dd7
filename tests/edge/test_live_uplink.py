"""Live frames from the outbox to a real collector, to one that does not know them, and to none."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import AGENT, append, contents, sample, seal_cut, seal_next
from peers import PATIENCE_S, free_port
from recording_sink import until
from scripted_collector import scripted_collector
from serving_collector import serving

from collector.intake.collector import Collector
from collector.intake.receipts import Receipt
from domain.live_frames import LiveFrame
from edge.agent import clock
from edge.live_uplink import LiveUplink
from edge.spool.outbox import Outbox
from edge.spool.sealing import live_frame, samples_frame
from edge.spool.spool import Spool
from edge.spool.unsealed import Untold
from edge.uplink import Uplink
from store.node.opening import Stores, open_stores
from store.telemetry.unsealed import Unsealed

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


class Rig:
    """An agent's outbox with both its uplinks."""

    def __init__(
        self, folder: Path, url: str, max_age_s: float = 30, waiting: Sequence[int] = ()
    ) -> None:
        """`waiting`: samples of as many batches that wait already."""
        self.folder = folder
        spool = Spool(folder, AGENT, limit_bytes=64 << 20)
        for number in waiting:
            append(spool, [number])
            seal_next(spool, KEY)
        self.outbox = Outbox(
            spool,
            seal=lambda cut: seal_cut(KEY, cut),
            take_spans=list,
            profiles={"line-1/filler": "p1"},
            max_samples=1000,
            max_age_s=max_age_s,
            max_age_live_s=600,
            tell=self._tell,
        )
        uplink = Uplink(self.outbox, url=url, agent=AGENT, public_key="", token=None, now=clock)
        self.parts = (self.outbox, uplink, LiveUplink(self.outbox, url, uplink.client))

    def _tell(self, untold: Untold, previous: str) -> LiveFrame:
        return live_frame(
            KEY,
            agent=AGENT,
            number=untold.number,
            previous=previous,
            sequence=untold.sequence,
            told_at=clock(),
            samples=samples_frame(untold.samples),
            spans=untold.spans,
        )


@contextlib.asynccontextmanager
async def running(rig: Rig) -> AsyncIterator[Rig]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(it.run(stop)) for it in rig.parts]
    try:
        yield rig
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        await rig.outbox.close()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.live_uplink.PAUSE_S", 0.05)
    monkeypatch.setattr("edge.live_uplink.AGAIN_S", 0.1)
    monkeypatch.setattr("edge.spool.outbox.START_SHARE", 1e6)  # it has run for long


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        opened.registry.agents.enrol(AGENT, KEY.public_key().public_bytes_raw(), clock())
        yield opened


def stored(stores: Stores) -> list[float]:
    found = stores.telemetry.history("line-1", sample(0).time, sample(9).time)
    return found.samples["value"].to_list()


def held(unsealed: Unsealed) -> list[float]:
    found = unsealed.of_line("line-1")
    return [] if found is None else found.samples["value"].to_list()


async def test_what_is_new_is_shown_and_nothing_is_sealed_for_it(
    tmp_path: Path, stores: Stores
) -> None:
    port, unsealed = free_port(), Unsealed()
    rig = Rig(tmp_path / "agent", f"http://127.0.0.1:{port}")
    with serving(stores, port, unsealed=unsealed):
        async with running(rig):
            rig.outbox.add(sample(1))
            await until(lambda: 1.0 in held(unsealed) and rig.outbox.is_shown, "it to be shown")
            for number in range(2, 5):
                rig.outbox.add(sample(number))
                await until(lambda last=number: held(unsealed)[-1:] == [last], "the next one")
            shown_anew = Unsealed()
            assert rig.outbox.depth.sealed_batches == 0
    assert contents(tmp_path / "agent")[1] == [1, 2, 3, 4], "all is on disk, whoever is killed"
    # Another agent process and another collector: what was left is sealed, the rest told.
    rig = Rig(tmp_path / "agent", f"http://127.0.0.1:{port}")
    with serving(stores, port, unsealed=shown_anew):
        async with running(rig):
            await until(lambda: stored(stores) == [1, 2, 3, 4], "what was left to be sealed")
            rig.outbox.add(sample(5))
            await until(lambda: held(shown_anew) == [5.0], "only what is not sealed to be told")
    assert stored(stores) == [1, 2, 3, 4]


async def test_what_is_new_is_shown_before_what_waited(
    tmp_path: Path, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what waited the collector takes nothing before what is new is shown."""
    shown, receive = threading.Event(), Collector.receive

    def after_it(collector: Collector, data: bytes) -> Receipt:
        assert shown.wait(PATIENCE_S)
        return receive(collector, data)

    monkeypatch.setattr(Collector, "receive", after_it)
    port, unsealed = free_port(), Unsealed()
    rig = Rig(tmp_path / "agent", f"http://127.0.0.1:{port}", waiting=range(6))
    with serving(stores, port, unsealed=unsealed):
        async with running(rig):
            rig.outbox.add(sample(6))
            await until(lambda: held(unsealed) == [6.0] and rig.outbox.is_shown, "what is new")
            assert rig.outbox.depth.sealed_batches == 6
            shown.set()
            await until(lambda: stored(stores) == [0, 1, 2, 3, 4, 5], "what waited")


async def test_a_collector_that_lost_its_memory_is_told_all_again(
    tmp_path: Path, stores: Stores
) -> None:
    port = free_port()
    rig = Rig(tmp_path / "agent", f"http://127.0.0.1:{port}")
    async with running(rig), contextlib.AsyncExitStack() as ending:
        first, second = Unsealed(), Unsealed()
        collector = serving(stores, port, unsealed=first)
        collector.__enter__()
        rig.outbox.add(sample(1))
        await until(lambda: held(first) == [1.0] and rig.outbox.is_shown, "the first")
        await asyncio.to_thread(collector.__exit__, None, None, None)
        collector = serving(stores, port, unsealed=second)
        collector.__enter__()
        ending.push_async_callback(asyncio.to_thread, collector.__exit__, None, None, None)
        rig.outbox.add(sample(2))
        await until(lambda: held(second) == [1.0, 2.0], "both")


async def test_a_collector_that_knows_no_frames_gets_batches_as_soon_as_before(
    tmp_path: Path,
) -> None:
    with scripted_collector() as collector:
        rig = Rig(tmp_path, collector.url, max_age_s=0.1)
        async with running(rig):
            for number in range(3):
                rig.outbox.add(sample(number, value=float(number)))
                await until(lambda count=number: len(collector.batches) > count, "its batch")
            assert not rig.outbox.is_shown
