"""A piece is there whole or not at all."""

from __future__ import annotations

from pathlib import Path

from collector.workers.piece_files import PieceFiles


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    PieceFiles(tmp_path / "pieces").put("ab", b"bytes")
    again = PieceFiles(tmp_path / "pieces")
    assert again.get("ab") == b"bytes"
    assert again.get("cd") is None
    again.clear_away()
    assert not (tmp_path / "pieces").exists()


def test_a_spoilt_piece_is_none(tmp_path: Path) -> None:
    files = PieceFiles(tmp_path)
    files.put("ab", b"bytes")
    (file,) = tmp_path.glob("*.piece")
    written = file.read_bytes()
    for spoilt in (written[:-1], written[:10], b"", written[:-1] + b"x"):
        file.write_bytes(spoilt)
        assert files.get("ab") is None


def test_each_opening_has_its_own_token(tmp_path: Path) -> None:
    """A folder of the same name on another machine has another one."""
    first = PieceFiles(tmp_path)
    second = PieceFiles(tmp_path)
    assert second.token_file.read_text() == second.token != first.token
