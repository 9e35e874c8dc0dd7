"""Bytes under their digest: whole, or not there."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from domain.errors import NotFoundError
from store.archive.blobs import Blobs, is_intact


def test_what_a_crash_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, "")
    (tmp_path / ".abandoned.tmp").write_bytes(b"half")
    assert list(blobs.digests()) == []
    Blobs(tmp_path, "")
    assert not list(tmp_path.glob(".*.tmp"))


def test_what_comes_piece_by_piece_is_whole_or_not_there(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, "")
    digest = hashlib.sha256(b"two pieces").hexdigest()
    with blobs.arriving() as blob:
        blob.write(b"two ")
    assert list(tmp_path.rglob("*")) == [], "it was not kept"
    for _ in range(2):
        with blobs.arriving() as blob:
            blob.write(b"two ")
            blob.write(b"pieces")
            assert (blob.size, blob.sha256) == (10, digest)
            blobs.keep(blob)
    assert list(blobs.digests()) == [digest]
    assert blobs.get(digest) == b"two pieces"
    assert not list(tmp_path.glob(".*"))
    with blobs.opened(digest) as file:
        blobs.remove(digest)
        assert file.read() == b"two pieces", "who has it open reads it to its end"
    blobs.remove(digest)
    for ask in (blobs.opened, blobs.get):
        with pytest.raises(NotFoundError, match="nothing with the digest"):
            ask(digest)


def test_what_was_changed_is_seen(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, "")
    digest = hashlib.sha256(b"bytes").hexdigest()
    (path,) = blobs.put_all([(digest, b"bytes")])
    with blobs.opened(digest) as file:
        assert is_intact(file, digest)
        assert file.read() == b"bytes"
    path.write_bytes(b"other")
    with blobs.opened(digest) as file:
        assert not is_intact(file, digest)
