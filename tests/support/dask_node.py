"""A node's folder whose archive has all kinds of batches, and what a rebuild of it gives."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from exact import stored_facts
from made_up import START, end_of, line_name
from rebuild_workers import NOW, made
from sender import Sender, counts

from domain.batches import SealedBatch
from lineproof.upkeep.rebuild import rebuild_folder
from store.archive.segment_appending import IncomingBatch
from store.node.opening import open_stores

LINES, DAYS = 2, 40  # of more than one month
SOON = timedelta(days=1)


def odd_node(data: Path) -> Sender:
    """Whole days of two lines; and of the agent that is given one batch with rows of the future,
    one that nobody noted the arrival of, one whose signature is none, one behind a gap. One of an
    agent that nobody knows."""
    made(data, LINES, DAYS)
    sender, nobody = Sender("agent-1"), Sender("nobody")
    ahead = counts(1).with_columns(pl.col("time") + pl.duration(days=3000))
    first, odd, third = sender.seal(counts(0)), sender.seal(ahead), sender.seal(counts(2))
    forged = replace(sender.seal(counts(3)), signature=bytes(64))
    sender.seal(counts(4))  # is lost
    with open_stores(data, must_exist=True) as stores:
        stores.registry.agents.enrol(sender.name, sender.public_key, START)
    put(data, [first, odd, forged, sender.seal(counts(5)), nobody.seal(counts(6))])
    put(data, [third], is_noted=False)
    return sender


def put(data: Path, batches: Sequence[SealedBatch], *, is_noted: bool = True) -> None:
    """Into the archive of the folder, as arrived after all of its samples but those ahead."""
    at = end_of(500)
    incoming = [
        IncomingBatch(
            it.header.agent, it.header.digest, it.to_bytes(), at, at + SOON if is_noted else None
        )
        for it in batches
    ]
    with open_stores(data, must_exist=True) as stores:
        stores.archive.put_all(incoming)


def all_of(data: Path) -> list[Any]:
    """What is in force: facts, ledger, samples, spans, rejections; floats with every bit."""
    start, end = START - timedelta(days=500), end_of(9000)
    lines = [line_name(it) for it in range(LINES)]
    found: list[Any] = [stored_facts(data, line, start, end) for line in lines]
    assert all(found)
    with open_stores(data, must_exist=True) as stores:
        telemetry = stores.telemetry
        assert telemetry.dirty(*lines) == []
        found.append(telemetry.batches(limit=1000))
        found.append(repr(telemetry.rejections(limit=1000).rows()))
        for line in (*lines, "filler-1"):
            history = telemetry.history(line, start, end)
            found += [history.samples.hash_rows().to_list(), history.spans.rows()]
    return found


def rebuild_until_facts(data: str, scheduler: str) -> None:
    """A rebuild that is killed when the first facts are stored."""

    def told(what: str, _done: int, _total: int | None) -> None:
        if what == "computing facts":
            os.kill(os.getpid(), signal.SIGKILL)

    rebuild_folder(Path(data), NOW, told, scheduler=scheduler)
