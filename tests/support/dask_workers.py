"""A real Dask scheduler in the test process, and workers that are processes of their own.

All on loopback, on ports that the system gives, without dashboards.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from distributed import LocalCluster
from forked_process import ForkedProcess
from peers import ROOT, wait_until


def work(address: str, folder: str) -> None:
    """Be a worker with one thread until somebody ends it."""
    from distributed import Worker

    async def until_the_end() -> None:
        worker = Worker(
            address,
            nthreads=1,
            host="127.0.0.1",
            dashboard=False,
            dashboard_address="127.0.0.1:0",
            local_directory=folder,
            heartbeat_interval="200ms",
        )
        async with worker:
            await worker.finished()

    asyncio.run(until_the_end())


def die_once(marker: str) -> bytes:
    """A piece of work that kills its process the first time that anybody does it."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return f"done after {marker}".encode()


def fail(what: str) -> bytes:
    raise ArithmeticError(what)


class Cluster:
    """A scheduler; it has the workers that are started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._local = LocalCluster(
            n_workers=0,
            host="127.0.0.1",
            protocol="tcp://",
            dashboard_address="127.0.0.1:0",
            silence_logs=60,  # above what is critical
        )
        self.address: str = self._local.scheduler_address
        self._workers: list[ForkedProcess] = []

    def start(self, count: int = 1) -> list[ForkedProcess]:
        """So many more workers, which the scheduler knows."""
        known = self.known
        started = [self._started() for _ in range(count)]
        wait_until(lambda: self.known == known + count, f"{count} workers (see {self._folder})")
        return started

    @property
    def known(self) -> int:
        """How many workers the scheduler has."""
        return len(self._local.scheduler.workers)

    def stop_workers(self) -> None:
        for it in self._workers:
            it.kill()
            it.wait()
        self._workers.clear()
        wait_until(lambda: self.known == 0, "the scheduler to miss its workers")

    def close(self) -> None:
        self._local.close()
        for it in self._workers:
            it.kill()
            it.wait()

    def _started(self) -> ForkedProcess:
        log = self._folder / f"worker-{len(self._workers)}.log"
        process = ForkedProcess(work, self.address, str(self._folder), output=log)
        self._workers.append(process)
        return process

    @contextlib.contextmanager
    def foreign(self, environment: Mapping[str, str]) -> Iterator[None]:
        """A worker as its user starts it, in that environment, for the length of the block."""
        known = self.known
        words = ("--no-nanny", "--no-dashboard", "--nthreads", "1", "--host", "127.0.0.1")
        with (self._folder / "foreign.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli.dask_worker", self.address, *words],
                env={**os.environ, **environment},
                cwd=self._folder,
                stdout=log,
                stderr=log,
            )
        try:
            wait_until(lambda: self.known == known + 1, f"a worker (see {self._folder})")
            yield
        finally:
            process.kill()
            process.wait()
            wait_until(lambda: self.known == known, "the scheduler to miss the worker")


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """A scheduler without workers, for the length of the block."""
    started = Cluster(folder)
    try:
        yield started
    finally:
        started.close()


def other_program(folder: Path) -> Path:
    """A copy of what computes, with one line more: for PYTHONPATH."""
    for package in ("analytics", "collector", "domain", "store"):
        for path in (ROOT / package).rglob("*.py"):
            copy = folder / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    with (folder / "domain" / "time.py").open("a") as file:
        file.write("# changed\n")
    return folder
