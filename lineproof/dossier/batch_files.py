"""Sealed batches in files of a dossier: one after the other, each with when it arrived.

    8 bytes   how long the batch is
    8 bytes   when it was received, in microseconds since 1970 (UTC)
    8 bytes   up to which time its samples were taken, likewise: later ones were refused
    …         the batch, as its agent sealed it

Numbers are unsigned, the highest byte first. A file has the batches of one agent by their numbers,
BATCHES_MAX at most.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from domain.errors import InputError
from domain.time import instant, micros

BATCHES_MAX = 10_000
BATCH_MAX_BYTES = 1 << 30
_HEAD = struct.Struct(">QQQ")


@dataclass(frozen=True, slots=True)
class ArrivedBatch:
    """`received` and `latest`: as store.archive.arrivals has them."""

    data: bytes
    received: datetime
    latest: datetime


def written(batches: Iterable[ArrivedBatch]) -> Iterator[bytes]:
    for batch in batches:
        yield _HEAD.pack(len(batch.data), micros(batch.received), micros(batch.latest))
        yield batch.data


def in_files(batches: Iterator[tuple[int, ArrivedBatch]]) -> Iterator[tuple[int, Iterator[bytes]]]:
    """An agent's batches with their numbers, cut into files: the first number of each, and its
    content, which is to be taken before the next file is asked for."""
    for number, first in batches:
        rest = (batch for _, batch in islice(batches, BATCHES_MAX - 1))
        yield number, written(_joined(first, rest))


def read_batches(file: BinaryIO, where: str) -> Iterator[ArrivedBatch]:
    """One after the other. Raises InputError where the file is none of batches."""
    while head := file.read(_HEAD.size):
        try:
            length, received, latest = _HEAD.unpack(head)
            times = instant(received), instant(latest)
        except (struct.error, OverflowError, ValueError):
            raise _cut_off(where) from None
        data = file.read(length) if length <= BATCH_MAX_BYTES else b""
        if len(data) != length:
            raise _cut_off(where)
        yield ArrivedBatch(data, *times)


def _joined(first: ArrivedBatch, rest: Iterable[ArrivedBatch]) -> Iterator[ArrivedBatch]:
    yield first
    yield from rest


def _cut_off(where: str) -> InputError:
    return InputError("this is no file of sealed batches, or it was cut off", where=where)
