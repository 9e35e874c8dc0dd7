"""The end of a process that was told to stop: within STOP_S, whatever it does at that moment.

SIGINT and SIGTERM begin an orderly end. A thread of its own sees them even while every other one
is deep in a library that cannot be interrupted, and after STOP_S it ends the process as a loss of
power would. That is safe at any instant: what was acknowledged is on disk, and what is not on disk
was not acknowledged. What may be lost can be computed again. So no part of the program has to be
quick for the process to be, and none can keep it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:  # both late: a command that only prints its help does without them
    import asyncio

STOP_S = 3.0
_ENDING = (signal.SIGINT, signal.SIGTERM)
_LAST_WORDS_S = 0.5  # at most: who reads the log may be gone, and a disk may be slow


@dataclass(slots=True)
class _Process:
    """What is known of this process. `told_to_leave`: the status with which it leaves, once told.
    `begin`: begins its orderly end, where it serves."""

    is_watched: bool = False
    told_to_leave: int | None = None
    begin: Callable[[], object] | None = None
    temporary: set[Path] = field(default_factory=set)


_process = _Process()


def watch_signals(stop_s: float = STOP_S) -> None:
    """From now on SIGINT and SIGTERM end this process within that time: with 128 + the signal's
    number, or with 0 where it serves. For the main thread; more than once does no harm."""
    if _process.is_watched:
        return
    _process.is_watched = True
    read, written = os.pipe()
    os.set_blocking(written, False)
    signal.set_wakeup_fd(written, warn_on_full_buffer=False)
    os.register_at_fork(after_in_child=_forget)
    threading.Thread(target=_watch, args=(read, stop_s), name="signals", daemon=True).start()


def leave_on_signals() -> None:
    """This process is a command: SIGINT and SIGTERM raise SystemExit in its main thread, so that it
    leaves as after an error, with its folders closed and temporary ones removed."""
    watch_signals()
    for number in _ENDING:
        signal.signal(number, _leave)


def told_to_leave() -> int | None:
    """The status with which a command leaves, once a signal has told it to. A library may raise an
    error of its own instead of what the signal raises (DuckDB: RuntimeError, "Query interrupted").
    """
    return _process.told_to_leave


def stop_on_signals(stop: asyncio.Event) -> None:
    """This process serves from now on: SIGINT and SIGTERM set the event; a second one ends the
    program at once."""
    import asyncio

    watch_signals()
    loop = asyncio.get_running_loop()
    _process.begin = lambda: loop.call_soon_threadsafe(stop.set)
    for number in _ENDING:
        signal.signal(number, _second_ends_at_once)


@contextlib.contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """A folder for the length of the block, that also goes when the time to stop is over."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _process.temporary.add(folder)
        try:
            yield folder
        finally:
            _process.temporary.discard(folder)


def _leave(number: int, _frame: FrameType | None) -> None:
    _process.told_to_leave = 128 + number
    sys.exit(_process.told_to_leave)


def _second_ends_at_once(_number: int, _frame: FrameType | None) -> None:
    """What the first one asks for, `_watch` does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _watch(read: int, stop_s: float) -> None:
    """In a thread of its own: wait for a signal that ends the process, and see that it does."""
    number = 0
    while number not in _ENDING:
        number = os.read(read, 1)[0]
    begin = _process.begin
    if begin is not None:
        with contextlib.suppress(RuntimeError):  # it has ended its loop already
            begin()
    time.sleep(stop_s)
    _end(0 if begin is not None else 128 + number)


def _end(status: int) -> NoReturn:
    last = [threading.Thread(target=it, daemon=True) for it in (_remove_folders, _last_words)]
    for it in last:
        it.start()
    for it in last:
        it.join(_LAST_WORDS_S)
    os._exit(status)


def _last_words() -> None:
    import structlog

    structlog.get_logger(__name__).warning(
        "stopped in the midst of work: the next start goes on with it"
    )
    sys.stdout.flush()


def _remove_folders() -> None:
    for folder in tuple(_process.temporary):
        shutil.rmtree(folder, ignore_errors=True)


def _forget() -> None:
    """A fork has its own signals, and not the thread that watches."""
    signal.set_wakeup_fd(-1)
    _process.is_watched = False
    _process.begin = None
