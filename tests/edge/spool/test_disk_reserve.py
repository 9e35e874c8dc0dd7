"""Disk space that is held back, given up and taken again."""

from __future__ import annotations

from pathlib import Path

from edge.spool.disk_reserve import Reserve

SIZE = 64 << 10


def test_the_space_is_really_taken(tmp_path: Path) -> None:
    path = tmp_path / "reserve"
    assert Reserve(path, SIZE).held
    assert path.stat().st_size == SIZE
    assert path.stat().st_blocks * 512 >= SIZE, "a file of holes would hold nothing back"


def test_it_is_given_up_once_and_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "reserve"
    reserve = Reserve(path, SIZE)
    assert reserve.release()
    assert not path.exists()
    assert not reserve.release()
    reserve.take()
    assert reserve.held
    assert path.stat().st_size == SIZE


def test_a_reserve_of_another_size_is_taken_anew(tmp_path: Path) -> None:
    path = tmp_path / "reserve"
    path.write_bytes(b"half")
    assert Reserve(path, SIZE).held
    assert path.stat().st_size == SIZE


def test_where_there_is_no_room_the_disk_is_left_as_it_was(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path / "reserve", 1 << 60)
    assert not reserve.held
    assert list(tmp_path.iterdir()) == []
