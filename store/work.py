"""Long work that somebody waits for, and that ends when nobody does any more.

Whoever lets something be computed for a client does so within `working(work)`. When the client has
left, or the process stops, `end` is called from any thread: the database query that runs is
interrupted, and the next read of a store raises NoLongerWantedError. So work ends between two
pieces, however deep in it the thread is, and nothing in between has to know. Writes never ask.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar

_AGAIN_S = 0.2


class NoLongerWantedError(Exception):
    """Nobody waits for the answer any more. Not for people: whoever ended the work knows why."""


class Work:
    """What is done for one question. `pieces`: how many reads of a store it took until now."""

    def __init__(self) -> None:
        self.pieces = 0
        self._lock = threading.Lock()
        self._is_ended = False
        self._interrupts: list[Callable[[], None]] = []

    @property
    def is_ended(self) -> bool:
        return self._is_ended

    def end(self) -> None:
        """Nobody waits for it any more. Thread-safe; more than once does no harm."""
        with self._lock:
            self._is_ended = True
            for interrupt in self._interrupts:
                interrupt()
            again = bool(self._interrupts)
        if again:  # between two queries of one read an interruption is lost
            timer = threading.Timer(_AGAIN_S, self.end)
            timer.daemon = True
            timer.start()

    @contextlib.contextmanager
    def piece(self, interrupt: Callable[[], None] | None = None) -> Iterator[None]:
        """One read, which `interrupt` ends early. Raises NoLongerWantedError before it, and in
        place of the error that the interrupted read raises."""
        with self._lock:
            if self._is_ended:
                raise NoLongerWantedError
            self.pieces += 1
            if interrupt is not None:
                self._interrupts.append(interrupt)
        try:
            yield
        except Exception as error:
            if self._is_ended:
                raise NoLongerWantedError from error
            raise
        finally:
            if interrupt is not None:
                with self._lock:
                    self._interrupts.remove(interrupt)


_current: ContextVar[Work | None] = ContextVar("work", default=None)


@contextlib.contextmanager
def working(work: Work) -> Iterator[None]:
    """Within the block this thread reads for that work."""
    token = _current.set(work)
    try:
        yield
    finally:
        _current.reset(token)


@contextlib.contextmanager
def piece(interrupt: Callable[[], None] | None = None) -> Iterator[None]:
    """One read of a store for whatever work this thread does, if any (`Work.piece`)."""
    work = _current.get()
    if work is None:
        yield
        return
    with work.piece(interrupt):
        yield
