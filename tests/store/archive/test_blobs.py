"""Bytes under their digest: whole, or not there."""

from __future__ import annotations

from pathlib import Path

from store.archive.blobs import Blobs


def test_what_a_crash_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path, "")
    (tmp_path / ".abandoned.tmp").write_bytes(b"half")
    assert list(blobs.digests()) == []
    Blobs(tmp_path, "")
    assert not list(tmp_path.glob(".*.tmp"))
