"""Archived batches looked at by workers: verified and decoded, piece by piece.

A piece is a run of batches of one agent, so far as their bytes go. What a batch tells by itself
(signature, payload, rows) needs nothing else than its bytes, its agent's keys and when it arrived,
so pieces do not depend on each other; where it belongs in its agent's chain, and that it is stored
in order, is for the one process that owns the store:

    agent-1   | 1 … 64 | 65 … 128 | 129 …        each piece to whatever worker is free
              `---------`----------`---------->  in order: place in the chain, then the store

Workers read the archive on their own: its segments in a folder that they see, or its objects with a
key of their own. What one cannot read, the owner reads.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import polars as pl

from collector.intake.decisions import Outcome
from collector.intake.payload import PayloadError
from collector.intake.signatures import AgentKeys
from collector.replay.replay import (
    Arrived,
    Examinations,
    Examined,
    examine_bytes,
    examine_here,
)
from collector.workers.cluster import Piece, Workers
from collector.workers.packing import packed, unpacked
from domain.errors import StorageError
from domain.frames import REJECTIONS, SAMPLES, SPANS
from domain.time import instant, micros
from store.archive.lying import Lying
from store.archive.protocol import BatchArchive
from store.registry.agents import Agent, AgentKey
from store.telemetry.protocol import BatchContent

PIECE_BATCHES = 64
PIECE_BYTES = 4 << 20  # sealed
_BAD_PAYLOAD = "bad payload"  # of a batch that can be believed else
_SCHEMAS = (SAMPLES, SPANS, REJECTIONS)


class Known(AgentKeys, Protocol):
    """What is asked of the registry."""

    def all(self) -> list[Agent]: ...


@dataclass(frozen=True, slots=True)
class BatchLook:
    """A batch to look at; `latest`: see store.archive.arrivals."""

    digest: str
    at: Lying | None
    latest: datetime


@dataclass(frozen=True, slots=True)
class BatchPiece:
    """Batches of one agent, and its keys."""

    keys: tuple[AgentKey, ...]
    looks: tuple[BatchLook, ...]

    def identity(self, program: str) -> str:
        """Of what comes out: all that it depends on."""
        keys = [(it.public_key.hex(), it.until and micros(it.until)) for it in self.keys]
        looks = [(it.digest, micros(it.latest)) for it in self.looks]
        return hashlib.sha256(json.dumps(["batches", program, keys, looks]).encode()).hexdigest()


def examined_by(
    workers: Workers, archive: BatchArchive, agents: Known, arrived: Iterator[Arrived]
) -> Examinations:
    """What each of the batches tells, in their order, looked at by the workers. Raises
    StorageError where these are gone."""
    keys = {it.name: it.keys for it in agents.all()}
    pieces = _pieces(archive, keys, workers.program, arrived)
    for of, data in workers.results(pieces):
        for it, found in zip(of, _examinations(data), strict=True):
            yield it, examine_here(archive, agents, it) if found is None else found


def _pieces(
    archive: BatchArchive,
    keys: Mapping[str, Sequence[AgentKey]],
    program: str,
    arrived: Iterable[Arrived],
) -> Iterator[tuple[list[Arrived], Piece]]:
    run: list[Arrived] = []
    looks: list[BatchLook] = []
    size = 0
    for it in arrived:
        meant = it.place.meant
        if run and (
            run[-1].place.meant.agent != meant.agent
            or len(run) == PIECE_BATCHES
            or size >= PIECE_BYTES
        ):
            yield run, _piece(keys, program, run, looks)
            run, looks, size = [], [], 0
        at = archive.lies_at(meant.digest)
        run.append(it)
        looks.append(BatchLook(meant.digest, at, it.latest))
        size += 0 if at is None else at.length
    if run:
        yield run, _piece(keys, program, run, looks)


def _piece(
    keys: Mapping[str, Sequence[AgentKey]],
    program: str,
    run: Sequence[Arrived],
    looks: Sequence[BatchLook],
) -> Piece:
    piece = BatchPiece(tuple(keys.get(run[0].place.meant.agent, ())), tuple(looks))
    return Piece(piece.identity(program), batches_looked_at, piece)


def batches_looked_at(piece: BatchPiece) -> bytes:
    """What a worker does: what each batch tells, packed. Of a batch: None where it could not be
    read; else its outcome and how many samples, spans and rejections are its own in the frames."""
    told: list[Any] = []
    contents: list[BatchContent] = []
    for look in piece.looks:
        data = _read(look)
        if data is None:
            told.append(None)
            continue
        found = examine_bytes(data, look.latest, partial(_keys_at, piece.keys))
        if found.outcome is not Outcome.ACCEPTED:
            told.append([found.outcome.value, 0, 0, 0])
            continue
        try:
            content = found.content()
        except PayloadError:
            told.append([_BAD_PAYLOAD, 0, 0, 0])
            continue
        contents.append(content)
        told.append([found.outcome.value, *(it.height for it in _frames(content))])
    parts = zip(*map(_frames, contents), strict=True) if contents else ([], [], [])
    frames = [
        pl.concat([schema.to_frame(), *part]) for schema, part in zip(_SCHEMAS, parts, strict=True)
    ]
    return packed({"batches": told}, frames)


def _frames(content: BatchContent) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    return content.samples, content.spans, content.rejections


def _read(look: BatchLook) -> bytes | None:
    try:
        return None if look.at is None else look.at.read(look.digest)
    except (OSError, StorageError):
        return None


def _keys_at(keys: Sequence[AgentKey], sealed_us: int) -> list[bytes]:
    sealed = instant(sealed_us)
    return [it.public_key for it in keys if it.seals_at(sealed)]


def _examinations(data: bytes) -> Iterator[Examined | None]:
    """What a worker found of each batch of a piece."""
    told, frames = unpacked(data)
    starts = [0] * len(frames)
    for found in told["batches"]:
        if found is None:
            yield None
            continue
        name, *heights = found
        if name == _BAD_PAYLOAD:
            yield Examined(Outcome.ACCEPTED, _refused)
            continue
        parts = [
            frame.slice(start, height)
            for frame, start, height in zip(frames, starts, heights, strict=True)
        ]
        starts = [start + height for start, height in zip(starts, heights, strict=True)]
        samples, spans, rejections = parts
        yield Examined(Outcome(name), partial(BatchContent, samples, spans, rejections))


def _refused() -> BatchContent:
    raise PayloadError("a worker could not read its frames")
