"""Who asks wide questions, again and again, in a process of its own that loads next to nothing."""

from __future__ import annotations

import contextlib
import http.client
import multiprocessing
import threading
import time
from collections.abc import Iterator, Sequence
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

_CHUNK = 1 << 16
_BUSY_S = 0.5  # who was told to come again waits a little
_BEGIN_S = 120


@contextlib.contextmanager
def asking(port: int, paths: Sequence[str]) -> Iterator[Synchronized[int]]:
    """Ask the wide questions for the length of the block, which begins when all were asked once;
    how many were answered so far. They are left without the answers that they wait for."""
    context = multiprocessing.get_context("spawn")
    ready: Event = context.Event()
    answered: Synchronized[int] = context.Value("q", 0)
    process = context.Process(target=_ask_all, args=(port, list(paths), ready, answered))
    process.start()
    try:
        if not ready.wait(_BEGIN_S):
            raise TimeoutError("the questions were not asked")
        yield answered
    finally:
        process.kill()
        process.join()


def _ask_all(port: int, paths: list[str], ready: Event, answered: Synchronized[int]) -> None:
    asked = threading.Barrier(len(paths), ready.set)

    def ask(path: str) -> None:
        client = _asked(port, path)
        asked.wait()
        with contextlib.suppress(OSError):  # the node stops
            while True:
                answer = client.getresponse()
                while answer.read(_CHUNK):
                    pass
                client.close()
                if answer.status == http.client.SERVICE_UNAVAILABLE:
                    time.sleep(_BUSY_S)
                elif answer.status == http.client.OK:
                    with answered.get_lock():
                        answered.value += 1
                else:
                    raise SystemExit(f"{path}: {answer.status}")
                client = _asked(port, path)

    threads = [threading.Thread(target=ask, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _asked(port: int, path: str) -> http.client.HTTPConnection:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    client.request("GET", path)
    return client
