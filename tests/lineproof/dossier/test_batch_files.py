"""Batches in files: they come back as they went in, and a damaged file says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from domain.errors import InputError
from lineproof.dossier import batch_files
from lineproof.dossier.batch_files import ArrivedBatch, in_files, read_batches, written

AT = datetime(2026, 3, 2, 1, 2, 3, 4, tzinfo=UTC)
BATCHES = [ArrivedBatch(b"x" * n, AT, AT + timedelta(days=n)) for n in range(5)]


def test_they_come_back() -> None:
    assert list(read_batches(BytesIO(b"".join(written(BATCHES))), "x")) == BATCHES


def test_a_file_has_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_files, "BATCHES_MAX", 2)
    files = [(first, b"".join(chunks)) for first, chunks in in_files(enumerate(BATCHES, start=1))]
    assert [first for first, _ in files] == [1, 3, 5]
    read = [it for _, data in files for it in read_batches(BytesIO(data), "x")]
    assert read == BATCHES


@pytest.mark.parametrize("length", [1, 23, 24 + 24, -1])
def test_one_that_was_cut_off_says_so(length: int) -> None:
    data = b"".join(written(BATCHES[1:]))[:length]
    with pytest.raises(InputError, match=r"batches/a/1\.batches: .*cut off"):
        list(read_batches(BytesIO(data), "batches/a/1.batches"))


@pytest.mark.parametrize("place", [0, 8, 16])
def test_a_number_that_is_none_takes_no_memory(place: int) -> None:
    data = bytearray(b"".join(written(BATCHES)))
    data[place : place + 8] = b"\xff" * 8
    with pytest.raises(InputError):
        list(read_batches(BytesIO(bytes(data)), "x"))
