"""Small files appear whole or not at all, for their owner alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from edge.whole_file import write_whole


def test_it_is_there_whole_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    for data in (b"first", b"second"):
        write_whole(path, data)
        assert path.read_bytes() == data
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_stays_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.key"
    write_whole(path, b"first")

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_whole(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]
