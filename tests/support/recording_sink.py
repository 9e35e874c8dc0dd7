"""A sink that keeps in memory what a source hands over, and can be full or slow to flush."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from peers import PATIENCE_S

from domain.columns import ReadingColumns
from domain.samples import Reading, Rejection, Span
from edge.liveness import Liveness
from edge.sources.base import Source
from edge.sources.history import HistoryPart


def utc_now() -> datetime:
    return datetime.now(UTC)


class RecordingSink:
    """`events` has everything in order: ("reading"|"unchanged"|"rejection"|
    "heard"|"bridged"|"anew"|"history"|"came"|"unreadable"|"lost", content); `connects`: when the
    source was connected; `messages`: what was taken whole; `shown`: up to when those that
    came confirm the machine; `believes`: the machine's history."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Any]] = []
        self.connects: list[datetime] = []
        self.messages: list[str] = []
        self.shown: list[datetime] = []
        self.believes = True
        self.room = asyncio.Event()
        self.room.set()
        self.durable = asyncio.Event()
        self.durable.set()

    def reading(self, reading: Reading) -> None:
        self.events.append(("unchanged" if reading.unchanged else "reading", reading))

    def columns(self, columns: ReadingColumns) -> None:
        for reading in columns.readings():
            self.reading(reading)

    def rejection(self, rejection: Rejection) -> None:
        self.events.append(("rejection", rejection))

    def heard(self, machine: str, at: datetime) -> None:
        self.events.append(("heard", at))

    def bridged(self, machine: str, at: datetime) -> None:
        self.events.append(("bridged", at))

    def anew(self, machine: str) -> None:
        self.events.append(("anew", machine))

    def history(self, machine: str, part: HistoryPart) -> bool:
        self.events.append(("history", part))
        return self.believes

    def came(self, machine: str, at: datetime, until: datetime) -> bool:
        self.events.append(("came", at))
        self.shown.append(until)
        return True

    def taken(self, machine: str, message: str) -> None:
        self.messages.append(message)

    def unreadable(self, machine: str, address: str, at: datetime) -> None:
        self.events.append(("unreadable", address))

    def connected(self, machine: str, at: datetime) -> None:
        self.connects.append(at)

    def lost(self, machine: str, at: datetime, why: str) -> None:
        self.events.append(("lost", why))

    async def ready(self) -> None:
        await self.room.wait()

    async def flushed(self) -> None:
        await self.durable.wait()

    def of(self, kind: str) -> list[Any]:
        return [content for name, content in self.events if name == kind]

    def readings(self, address: str = "") -> list[Reading]:
        return [it for it in self.of("reading") if address in ("", it.address)]


def confirmed(sink: RecordingSink) -> list[Span]:
    """The machine's known time, as an agent makes it of what the source told; joined."""
    liveness = Liveness("l", "m", 60.0)
    last = None
    for kind, content in sink.events:
        if kind in ("heard", "bridged"):
            last = content
            getattr(liveness, kind)(content)
        elif kind == "lost" and last is not None:
            liveness.lost(last)
    joined: list[Span] = []
    for span in liveness.take():
        if joined and joined[-1].end == span.start:
            span = replace(joined.pop(), end=span.end)
        joined.append(span)
    return joined


@contextlib.asynccontextmanager
async def running_source(source: Source, sink: RecordingSink) -> AsyncIterator[None]:
    """The source runs for the block; what it raises by itself fails the test."""
    task = asyncio.create_task(source.run(sink))
    try:
        yield
    finally:
        if task.done():
            task.result()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def until(
    condition: Callable[[], bool],
    what: str,
    *,
    timeout_s: float = PATIENCE_S,
    every_s: float = 0.02,
) -> None:
    """Wait for a condition without blocking the event loop."""
    try:
        async with asyncio.timeout(timeout_s):
            while not condition():
                await asyncio.sleep(every_s)
    except TimeoutError:
        pytest.fail(f"waited {timeout_s:g} s in vain: {what}")
