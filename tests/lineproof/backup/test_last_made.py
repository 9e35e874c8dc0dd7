"""When the last backup was made: kept by the backup, and not taken along by the next one."""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from import_plant import apply

from domain.errors import StorageError
from lineproof.backup.last_made import LAST_MADE, keep_last_made, last_made
from lineproof.backup.making import make_backup
from store.node.opening import open_stores

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


def test_a_backup_is_remembered_and_does_not_hold_when_the_one_before_was_made(
    tmp_path: Path,
) -> None:
    node = tmp_path / "node"
    with open_stores(node) as stores:
        apply(stores)
    assert last_made(node) is None
    for hour in (2, 3):
        at = NOW.replace(hour=hour)
        made = make_backup(node, tmp_path / f"{hour}.backup", at)
        assert last_made(node) == at
    with tarfile.open(made.path) as tar:
        assert LAST_MADE not in tar.getnames()


@pytest.mark.parametrize("text", ["", "yesterday", "2026-12-01T02:00:00", "\xff"])
def test_what_is_no_instant_is_no_backup(tmp_path: Path, text: str) -> None:
    (tmp_path / LAST_MADE).write_bytes(text.encode("latin-1"))
    assert last_made(tmp_path) is None


def test_where_it_cannot_be_kept_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / LAST_MADE).mkdir()
    with pytest.raises(StorageError):
        keep_last_made(tmp_path, NOW)
    assert [it.name for it in tmp_path.iterdir()] == [LAST_MADE]
