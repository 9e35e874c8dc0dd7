"""The outbox: durable when it says so, sealed when due, and patient when there is no room."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import AGENT, check_chain, contents, numbers_in, rejection, sample, seal_cut, span
from peers import PATIENCE_S
from recording_sink import until

import edge.spool.outbox
from domain.batches import SealedBatch, parse_batch
from domain.columns import SampleColumns
from domain.samples import Span
from domain.time import micros
from edge.spool.outbox import GATHERED_ROWS_MAX, Outbox
from edge.spool.spool import Cut, Spool

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))


class Rig:
    """An outbox over a real spool; `spans` is what machines have confirmed."""

    def __init__(
        self,
        folder: Path,
        *,
        limit_bytes: int,
        max_samples: int,
        max_age_s: float,
        quiet_age_s: float = 0.0,
    ):
        self.folder = folder
        self.spans: list[Span] = []
        self.spool = Spool(folder, AGENT, limit_bytes=limit_bytes)
        self.outbox = Outbox(
            self.spool,
            seal=self._seal,
            take_spans=self._take_spans,
            profiles={"line-1/filler": "p1"},
            max_samples=max_samples,
            max_age_s=max_age_s,
            quiet_age_s=quiet_age_s,
        )

    def _seal(self, cut: Cut) -> SealedBatch:
        return seal_cut(KEY, cut)

    def _take_spans(self) -> list[Span]:
        taken, self.spans = self.spans, []
        return taken

    async def empty(self) -> list[bytes]:
        """Take every sealed batch there is, as a collector would."""
        batches = []
        while self.outbox.depth.sealed_batches:
            batch = await self.outbox.next_batch()
            batches.append(batch.data)
            await self.outbox.acknowledge(batch.number)
        return batches


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    *,
    limit_bytes: int = 64 << 20,
    max_samples: int = 1000,
    max_age_s: float = 60,
    quiet_age_s: float = 0.0,
) -> AsyncIterator[Rig]:
    rig = Rig(
        folder,
        limit_bytes=limit_bytes,
        max_samples=max_samples,
        max_age_s=max_age_s,
        quiet_age_s=quiet_age_s,
    )
    stop = asyncio.Event()
    worker = asyncio.create_task(rig.outbox.run(stop))
    try:
        yield rig
    finally:
        stop.set()
        await worker
        await rig.outbox.close()


async def test_flushed_returns_when_all_before_it_lasts(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        await rig.outbox.flushed()  # nothing to wait for
        for number in range(2500):
            rig.outbox.add(sample(number))
        assert rig.outbox.unsaved == 2500
        await rig.outbox.flushed()
        sealed, pending = contents(tmp_path)
        assert check_chain(sealed, KEY) + pending == list(range(2500))
        assert rig.outbox.unsaved == 0


async def test_samples_in_columns_last_as_others_do(tmp_path: Path) -> None:
    """Two thousand at once, over a batch's limit, between single ones."""
    times = [micros(sample(number).time) for number in range(2000)]
    many = SampleColumns(
        "line-1", "filler", ["total_count"] * 2000, times, 0, [float(it) for it in range(1, 2001)]
    )
    async with running(tmp_path) as rig:
        rig.outbox.add(sample(0))
        rig.outbox.add(many)
        rig.outbox.add(sample(2001))
        assert rig.outbox.unsaved == 2002
        await rig.outbox.flushed()
        sealed, pending = contents(tmp_path)
        assert check_chain(sealed, KEY) + pending == list(range(2002))


async def test_many_rows_share_one_commit(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        waiting = []
        for number in range(200):
            rig.outbox.add(sample(number))
            waiting.append(asyncio.create_task(rig.outbox.flushed()))
        await asyncio.gather(*waiting)
        assert rig.outbox.depth.pending_chunks <= 2


async def test_sealed_by_size_at_once_and_the_rest_by_age(tmp_path: Path) -> None:
    async with running(tmp_path, max_samples=100, max_age_s=0.6) as rig:
        for number in range(250):
            rig.outbox.add(sample(number))
        await rig.outbox.flushed()
        await until(lambda: rig.outbox.depth.sealed_batches == 2, "two batches")
        assert rig.outbox.depth.pending_rows == 50
        await until(lambda: rig.outbox.depth.pending_rows == 0, "the rest")
        batches = await rig.empty()
    assert [len(numbers_in(parse_batch(it))) for it in batches] == [100, 100, 50]
    assert check_chain(batches, KEY) == list(range(250))


async def test_that_a_machine_goes_on_being_heard_waits_for_a_row(tmp_path: Path) -> None:
    """On disk it is all the same; that it is heard again, or another one is, does not wait."""
    async with running(tmp_path, max_age_s=0.1, quiet_age_s=600) as rig:
        rig.spans.append(span(0, 5))
        await until(lambda: rig.outbox.depth.sealed_batches == 1, "the beginning")
        for second in range(5, 20, 5):
            rig.spans.append(span(second, second + 5))
            await until(lambda: not rig.spans, "the span to be taken")
        await until(lambda: rig.outbox.depth.pending_chunks == 3, "all of them on disk")
        await asyncio.sleep(0.5)
        assert (rig.outbox.depth.sealed_batches, rig.outbox.depth.pending_rows) == (1, 0)
        rig.outbox.add(sample(1))
        await until(lambda: rig.outbox.depth.sealed_batches == 2, "the row")
        rig.spans.append(span(40, 45))
        await until(lambda: rig.outbox.depth.sealed_batches == 3, "it is heard again")
        batches = await rig.empty()
    told = [parse_batch(it).header.spans for it in batches]
    assert [(it[0][2], it[0][3]) for it in told] == [
        (micros(it.start), micros(it.end)) for it in (span(0, 5), span(5, 20), span(40, 45))
    ]


async def test_spans_that_go_on_are_sealed_after_their_own_time(tmp_path: Path) -> None:
    async with running(tmp_path, max_age_s=0.01, quiet_age_s=1.0) as rig:
        rig.spans.append(span(0, 5))
        await until(lambda: rig.outbox.depth.sealed_batches == 1, "the beginning")
        rig.spans.append(span(5, 10))
        await until(lambda: rig.outbox.depth.pending_chunks == 1, "the span on disk")
        begun = time.monotonic()
        await until(lambda: rig.outbox.depth.sealed_batches == 2, "the span sealed")
        assert time.monotonic() - begun > 0.5


async def test_while_the_collector_is_away_batches_grow(tmp_path: Path) -> None:
    async with running(tmp_path, max_age_s=0.01) as rig:
        for number in range(14):
            rig.outbox.add(sample(number))
            await rig.outbox.flushed()
        assert rig.outbox.depth.sealed_batches <= edge.spool.outbox.BACKLOG_BATCHES + 1
        assert rig.outbox.depth.pending_rows > 0


async def test_a_full_spool_lets_sources_wait_and_loses_nothing(tmp_path: Path) -> None:
    """influxdata/telegraf#802, #4960: a full buffer dropped the oldest without a word."""
    async with running(tmp_path, limit_bytes=800_000, max_samples=2000, max_age_s=0.1) as rig:
        handed_over = 0

        async def source() -> None:
            nonlocal handed_over
            while True:
                await rig.outbox.ready()
                rig.outbox.add(sample(handed_over, raw=f"{handed_over * 7919:032x}"))
                handed_over += 1
                if handed_over % 2000 == 0:
                    await rig.outbox.flushed()

        running_source = asyncio.create_task(source())
        await until(lambda: bool(rig.outbox.problem), "the spool to be full")
        assert "has reached its limit of 800,000 bytes" in rig.outbox.problem
        await until(lambda: rig.outbox.waits > 0, "the source to wait")
        stood_at = handed_over
        await asyncio.sleep(0.6)
        assert handed_over == stood_at, "the source went on although there was no room"
        first = await rig.empty()
        await until(lambda: handed_over > stood_at, "it to go on by itself")
        running_source.cancel()
        await until(
            lambda: not rig.outbox.unsaved and not rig.outbox.depth.pending_chunks,
            "all to be sealed",
        )
        second = await rig.empty()
        assert check_chain([*first, *second], KEY) == list(range(handed_over))


async def test_memory_is_bounded_when_the_disk_cannot_keep_up(tmp_path: Path) -> None:
    """thingsboard-gateway#1445: memory grew from 1 to 6 GB."""
    rig = Rig(tmp_path, limit_bytes=64 << 20, max_samples=1000, max_age_s=60)
    for number in range(GATHERED_ROWS_MAX):  # nobody flushes
        await asyncio.wait_for(rig.outbox.ready(), PATIENCE_S)
        rig.outbox.add(sample(number))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(rig.outbox.ready(), 0.2)
    await rig.outbox.finish()
    await asyncio.wait_for(rig.outbox.ready(), PATIENCE_S)
    assert check_chain(await rig.empty(), KEY) == list(range(GATHERED_ROWS_MAX))
    await rig.outbox.close()


async def test_finish_seals_all_with_rejections_and_spans(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        rig.outbox.add(sample(1))
        rig.outbox.add(rejection(2))
        rig.spans = [span(0, 9)]
        await rig.outbox.finish()
        (data,) = await rig.empty()
    header = parse_batch(data).header
    assert (header.samples, header.rejections, len(header.spans)) == (1, 1, 1)


async def test_a_quiet_machine_is_still_confirmed(tmp_path: Path) -> None:
    async with running(tmp_path, max_age_s=0.3) as rig:
        rig.spans = [span(0, 9)]
        await until(lambda: rig.outbox.depth.sealed_batches == 1, "a batch")
        (data,) = await rig.empty()
    header = parse_batch(data).header
    assert (header.samples, len(header.spans)) == (0, 1)


async def test_a_span_never_lasts_before_the_samples_that_it_covers(tmp_path: Path) -> None:
    """A crash between the two would vouch for time whose samples are gone."""
    rig = Rig(tmp_path, limit_bytes=64 << 20, max_samples=100, max_age_s=60)
    for number in range(250):
        rig.outbox.add(sample(number))
    rig.spans = [span(0, 250)]
    await rig.outbox.finish()
    batches = [parse_batch(it).header for it in await rig.empty()]
    assert [(it.samples, len(it.spans)) for it in batches] == [(100, 0), (100, 0), (50, 1)]
    await rig.outbox.close()


async def test_a_cancelled_flush_doubles_nothing(tmp_path: Path) -> None:
    rig = Rig(tmp_path, limit_bytes=64 << 20, max_samples=1000, max_age_s=60)
    for number in range(3000):
        rig.outbox.add(sample(number))
    worker = asyncio.create_task(rig.outbox.run(asyncio.Event()))
    await until(lambda: rig.outbox.unsaved < 3000, "some rows to be saved")
    worker.cancel()
    await rig.outbox.finish()
    assert check_chain(await rig.empty(), KEY) == list(range(3000))
    await rig.outbox.close()


async def test_what_was_pending_before_a_restart_is_sealed_after_it(tmp_path: Path) -> None:
    async with running(tmp_path) as rig:
        rig.outbox.add(sample(1))
        await rig.outbox.flushed()
        assert rig.outbox.depth.sealed_batches == 0
    async with running(tmp_path, max_age_s=0.2) as rig:
        await until(lambda: rig.outbox.depth.sealed_batches == 1, "a batch")
        assert check_chain(await rig.empty(), KEY) == [1]
