"""An event loop whose clock goes on by itself: what would wait is due at once, in its order.

Nothing in it waits for the world outside, so the same seed gives the same course of things, and
hours pass in seconds. What waits for nothing at all is an error.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from typing import Any, ParamSpec, TypeVar

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


class _Skipping(selectors.DefaultSelector):
    """Lets time pass instead of waiting."""

    now_s = 0.0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, selectors._EventMask]]:
        assert timeout is not None, "all wait, and nothing will happen"
        self.now_s += max(timeout, 0.0)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` begins at 0."""

    def __init__(self) -> None:
        self._skipping = _Skipping()
        super().__init__(self._skipping)

    def time(self) -> float:
        return self._skipping.now_s


def run_in(loop: VirtualLoop, work: Coroutine[Any, Any, _Result]) -> _Result:
    """To its end; what it left running is ended, too."""
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()


class InLoop(Executor):
    """In the place of a thread: work is done one after the other, each when `delay_s` says."""

    def __init__(
        self,
        loop: VirtualLoop,
        delay_s: Callable[[], float],
        around: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self._loop = loop
        self._delay_s = delay_s
        self._around = around
        self._busy_until = 0.0

    def submit(
        self, fn: Callable[_Given, _Result], /, *args: _Given.args, **kwargs: _Given.kwargs
    ) -> Future[_Result]:
        made: Future[_Result] = Future()

        def work() -> None:
            if not made.set_running_or_notify_cancel():
                return
            try:
                made.set_result(self._around(lambda: fn(*args, **kwargs)))
            except Exception as error:
                made.set_exception(error)

        now = self._loop.time()
        self._busy_until = max(self._busy_until, now) + self._delay_s()
        if self._busy_until > now:
            self._loop.call_at(self._busy_until, work)
        else:
            work()
        return made


class AtOnce:
    """In the place of threads that only make waiting shorter."""

    def map(self, work: Callable[[Any], _Result], items: Iterable[Any]) -> Iterator[_Result]:
        return map(work, items)


@contextlib.contextmanager
def put_in_place(things: Mapping[tuple[object, str], object]) -> Iterator[None]:
    """For the length of the block these names of these modules or classes are something else."""
    before = {(of, name): getattr(of, name) for of, name in things}
    try:
        for (of, name), thing in things.items():
            setattr(of, name, thing)
        yield
    finally:
        for (of, name), thing in before.items():
            setattr(of, name, thing)
