"""A data folder belongs to one process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.errors import BusyError, InputError, StorageError
from store.node.data_folder import DataFolder

OWNER = """
import sys
from pathlib import Path
from store.node.data_folder import DataFolder
folder = DataFolder(Path(sys.argv[1]))
print("owned", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def killed_owner(path: Path) -> Iterator[int]:
    """The id of a process that owns the folder until it is killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", OWNER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "owned\n"
            yield process.pid
        finally:
            process.kill()


def test_a_folder_is_made_and_given_back(tmp_path: Path) -> None:
    for _ in range(2):
        with DataFolder(tmp_path / "new" / "data") as folder:
            assert folder.path.is_dir()
    assert not (tmp_path / "new" / "data" / "owner.pid").exists()


def test_a_new_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "a" / "node"):
        assert (tmp_path / "a" / "node").stat().st_mode & 0o777 == 0o700


def test_a_second_owner_is_told_who_the_first_is(tmp_path: Path) -> None:
    with (
        killed_owner(tmp_path) as owner,
        pytest.raises(BusyError, match=rf"in use by process {owner}\. Stop it .*--url"),
    ):
        DataFolder(tmp_path)
    DataFolder(tmp_path).close()  # a crash frees it


def test_a_folder_is_owned_once_within_a_process_too(tmp_path: Path) -> None:
    with (
        DataFolder(tmp_path),
        pytest.raises(BusyError, match=f"in use by process {os.getpid()}"),
    ):
        DataFolder(tmp_path)


def test_a_refused_second_owner_leaves_the_first_ones_mark(tmp_path: Path) -> None:
    with DataFolder(tmp_path):
        for _ in range(2):
            with pytest.raises(BusyError, match=f"in use by process {os.getpid()}"):
                DataFolder(tmp_path)


def test_a_folder_that_has_to_be_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"typo: there is no data folder"):
        DataFolder(tmp_path / "typo", must_exist=True)
    assert not (tmp_path / "typo").exists()


def test_a_folder_of_other_things_is_no_data_folder(tmp_path: Path) -> None:
    """A question must not make a data folder out of whatever folder was named."""
    (tmp_path / "letter.txt").touch()
    with pytest.raises(InputError, match=r"this folder holds no node's data.*lineproof apply"):
        DataFolder(tmp_path, must_exist=True)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="a file, not a data folder"):
        DataFolder(tmp_path / "file")
    with pytest.raises(StorageError, match="Not a directory"):
        DataFolder(tmp_path / "file" / "data")


def test_a_folder_on_a_read_only_disk_is_refused(tmp_path: Path) -> None:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", tmp_path],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a read-only file system can be mounted by root only")
    try:
        with pytest.raises(StorageError, match=r"Read-only file system.*permissions"):
            DataFolder(tmp_path)
    finally:
        subprocess.run(["umount", "--lazy", tmp_path], check=True)
