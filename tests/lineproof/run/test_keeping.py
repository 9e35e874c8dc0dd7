"""What is kept up to date goes on through faults of a store, and stops within a moment."""

from __future__ import annotations

import io
import threading

import polars as pl
from bad_batches import panicking_stream
from recording_sink import until

from domain.errors import StorageError
from lineproof.run.keeping import Keeping
from store.work import piece


async def test_it_is_refreshed_again_and_again_whatever_a_store_says() -> None:
    times = 0

    def refresh() -> None:
        nonlocal times
        times += 1
        raise StorageError("the disk is gone")

    keeping = Keeping("facts", refresh, 0.01)
    await until(lambda: times > 2, "it to be tried again")
    assert not keeping.task.done()
    await keeping.stop()
    before = times
    await keeping.catch_up()
    assert times == before + 1, "once more, for what came in last"


async def test_it_is_refreshed_again_after_a_library_gave_up() -> None:
    times = 0

    def refresh() -> None:
        nonlocal times
        times += 1
        pl.read_ipc_stream(io.BytesIO(panicking_stream()))

    keeping = Keeping("facts", refresh, 0.01)
    await until(lambda: times > 2, "it to be tried again")
    assert not keeping.task.done()
    await keeping.stop()


async def test_a_long_refresh_is_ended() -> None:
    begun, over = threading.Event(), threading.Event()

    def refresh() -> None:
        begun.set()
        try:
            while True:
                with piece():
                    over.wait(0.001)
        finally:
            over.set()

    keeping = Keeping("facts", refresh, 0.01)
    await until(begun.is_set, "the refresh to begin")
    await keeping.stop()
    assert over.is_set()
    over.clear()
    await keeping.catch_up()
    assert over.is_set()


async def test_a_fault_of_ours_ends_the_task() -> None:
    def refresh() -> None:
        raise ValueError("never seen before")

    keeping = Keeping("facts", refresh, 0.01)
    await until(keeping.task.done, "the task to end")
    assert isinstance(keeping.task.exception(), ValueError)
    await keeping.stop()
