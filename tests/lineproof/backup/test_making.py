"""Making a backup: a file that is whole, or none; and the older ones that go for it."""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from import_plant import apply
from small_disk import small_disk

from domain.errors import BusyError, InputError, StorageError
from lineproof.backup.making import make_backup
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import open_stores

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def node(tmp_path: Path) -> Path:
    with open_stores(tmp_path / "node") as stores:
        apply(stores)
    return tmp_path / "node"


def test_the_last_ones_of_a_folder_stay(node: Path, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for night in range(4):
        made = make_backup(node, folder, NOW + timedelta(days=night), keep=3)
    assert [it.name for it in made.removed] == ["lineproof-new-2026-12-01T020000Z.backup"]
    assert sorted(it.name for it in folder.iterdir()) == [
        f"lineproof-new-2026-12-0{day}T020000Z.backup" for day in (2, 3, 4)
    ]
    with tarfile.open(made.path) as tar:
        assert tar.getnames()[0] == "registry.sqlite"
        assert tar.getnames()[-1] == "backup.json"
    assert not (node / "backup").exists()


def test_other_nodes_backups_in_the_folder_stay_and_what_a_crash_left_goes(
    node: Path, tmp_path: Path
) -> None:
    with open_stores(node) as stores:
        LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, lambda: NOW).refresh()
        name = stores.ledger.verifier_key().name.split("/")
    folder = tmp_path / "backups"
    folder.mkdir()
    own = f"lineproof-{name[1]}-{name[2]}-2026-0{{}}-01T000000Z.backup"
    others = [f"lineproof-other-0a1b2c3d-2026-0{it}-01T000000Z.backup" for it in (1, 2, 3)]
    for it in (own.format(1), f"{own.format(2)}.age", f"{own.format(3)}.partial", *others):
        (folder / it).touch()
    made = make_backup(node, folder, NOW, keep=2)
    assert sorted(it.name for it in made.removed) == [own.format(1), f"{own.format(3)}.partial"]
    left = sorted(it.name for it in folder.iterdir())
    assert left == sorted([made.path.name, f"{own.format(2)}.age", *others])


def test_a_file_that_is_there_is_left_alone(node: Path, tmp_path: Path) -> None:
    (tmp_path / "a.backup").write_bytes(b"another")
    with pytest.raises(InputError, match="is there already"):
        make_backup(node, tmp_path / "a.backup", NOW)
    assert (tmp_path / "a.backup").read_bytes() == b"another"


def test_two_at_a_time_are_refused_and_what_a_crash_left_is_cleared(
    node: Path, tmp_path: Path
) -> None:
    (node / "backup").mkdir()
    (node / "backup" / "0.sqlite").write_bytes(b"half")
    with (
        FileLock(node / "backup.lock"),
        pytest.raises(BusyError, match="another backup of this folder is being made"),
    ):
        make_backup(node, tmp_path / "a.backup", NOW)
    assert make_backup(node, tmp_path / "a.backup", NOW).files
    assert not (node / "backup").exists()


def test_a_registry_on_a_server_is_not_left_out_in_silence(node: Path, tmp_path: Path) -> None:
    (node / "store.yaml").write_text("registry: postgresql://lineproof@db.factory/lineproof\n")
    with pytest.raises(InputError, match="is on PostgreSQL, and a backup of files would lack it"):
        make_backup(node, tmp_path / "a.backup", NOW)


def test_a_full_disk_leaves_no_file(node: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path, size_mib=16) as disk:
        disk.fill(leave_bytes=100_000)
        with pytest.raises(StorageError, match="No space left on device"):
            make_backup(node, disk.path / "a.backup", NOW)
        assert not list(disk.path.glob("a.backup*"))
