"""Agents that seal what made-up lines do and POST it every second, in a process of their own.

Rules: as edge agents do: a batch follows the one before by number and digest, is signed with
the agent's key, and confirms its machines up to the moment at which it was sealed. An answer
that is no receipt ends the process with what the node said.
"""

from __future__ import annotations

import http.client
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event

import polars as pl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from live_lines import MACHINE, LiveLines, Story

from domain.batch_header import GENESIS
from domain.frames import REJECTIONS
from domain.samples import Span
from domain.time import instant
from edge.spool.sealing import seal

BATCH_ROWS = 50_000  # the most that a batch may have
_PERIOD_S = 1.0
_PATH = "/api/v1/batches"


@dataclass
class LiveAgent:
    """One agent with its lines. `told_us`: up to when it has said what they did."""

    name: str
    story: Story
    told_us: int
    number: int = 1
    previous: str = GENESIS
    _lines: LiveLines | None = field(default=None, repr=False)

    @property
    def key(self) -> Ed25519PrivateKey:
        """The same for the same name, in every process."""
        return Ed25519PrivateKey.from_private_bytes(self.name.encode().ljust(32, b".")[:32])

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def batches(self, until_us: int) -> Iterator[bytes]:
        """Sealed batches with all that is not told yet up to then; the last one confirms it."""
        if self._lines is None:
            self._lines = LiveLines(self.story)
        samples = self._lines.samples(self.told_us, until_us)
        spans = [
            Span(line, MACHINE, instant(self.told_us), instant(until_us))
            for line in self.story.lines
        ]
        parts = list(samples.iter_slices(BATCH_ROWS)) or [samples]
        for part in parts:
            yield self._sealed(part, spans if part is parts[-1] else [], until_us)
        self.told_us = until_us

    def _sealed(self, samples: pl.DataFrame, spans: Sequence[Span], at_us: int) -> bytes:
        batch = seal(
            self.key,
            agent=self.name,
            number=self.number,
            previous=self.previous,
            sealed_at=instant(at_us),
            samples=samples,
            rejections=REJECTIONS.to_frame(),
            spans=spans,
            profiles={},
        )
        self.number += 1
        self.previous = batch.header.digest
        return batch.to_bytes()

    def without_lines(self) -> LiveAgent:
        """To be handed to another process, which makes the lines up for itself."""
        return LiveAgent(self.name, self.story, self.told_us, self.number, self.previous)


def now_us() -> int:
    """The clock of the made-up machines: the wall clock."""
    return time.time_ns() // 1000


@contextmanager
def feeding(agents: Sequence[LiveAgent], port: int) -> Iterator[Callable[[], None]]:
    """Feed the node for the length of the block; the function raises SystemExit when the
    feeder has ended by itself."""
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    packed = [agent.without_lines() for agent in agents]
    feeder = context.Process(target=_feed, args=(packed, port, stop), daemon=True)
    feeder.start()

    def check() -> None:
        if not feeder.is_alive():
            raise SystemExit("the live feeder ended: see above what the node said to it")

    try:
        yield check
    finally:
        stop.set()
        feeder.join(30)


def _feed(agents: list[LiveAgent], port: int, stop: Event) -> None:
    """Each agent once a period, one after the other at even distances."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    due = time.monotonic()
    while True:
        for agent in agents:
            for data in agent.batches(now_us()):
                connection.request("POST", _PATH, data)
                answer = connection.getresponse()
                said = answer.read()
                if answer.status != http.client.OK:
                    raise SystemExit(f"batch of {agent.name}: {answer.status} {said.decode()}")
            due = max(due + _PERIOD_S / len(agents), time.monotonic() - _PERIOD_S)
            if stop.wait(max(0.0, due - time.monotonic())):
                return
