"""A full disk: one sentence, everything kept, and it goes on when there is room again."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from edge_samples import AGENT, append, check_chain, contents, seal_next
from peers import ROOT
from small_disk import SmallDisk, small_disk

from domain.errors import StorageError
from edge.spool.errors import SpoolFullError
from edge.spool.spool import Spool

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
WRITER = ROOT / "tests" / "support" / "spool_writer.py"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path, size_mib=48) as made:
        yield made


def fill(spool: Spool, first: int = 0) -> list[int]:
    """Append until the disk refuses; what was taken."""
    taken: list[int] = []

    def go_on() -> None:
        for start in count(first, 100):
            append(spool, range(start, start + 100), padding_bytes=2000)
            taken.extend(range(start, start + 100))
            seal_next(spool, KEY)

    with pytest.raises(StorageError, match=r"the disk does not take any more .* is kept") as full:
        go_on()
    assert not isinstance(full.value, SpoolFullError)
    assert "\n" not in str(full.value)
    return taken


def test_a_full_disk_keeps_all_and_can_be_emptied_without_help(disk: SmallDisk) -> None:
    """SQLite must write to delete: without the reserve a full disk would stay full."""
    spool = Spool(disk.path, AGENT, limit_bytes=1 << 30)
    taken = fill(spool)
    disk.fill(leave_bytes=0)  # not a byte left
    handed_over = []
    while seal_next(spool, KEY):
        pass
    while (batch := spool.oldest()) is not None:
        handed_over.append(batch.data)
        spool.acknowledge(batch.number)
    assert check_chain(handed_over, KEY) == taken
    # The room that this made is the disk's again: it takes more.
    append(spool, range(len(taken), len(taken) + 10))
    assert contents(disk.path)[1] == list(range(len(taken), len(taken) + 10))
    spool.close()


def test_what_is_kept_for_the_collector_makes_room_on_a_full_disk(disk: SmallDisk) -> None:
    spool = Spool(disk.path, AGENT, limit_bytes=1 << 30, keep_bytes=1 << 30)
    for start in range(0, 8000, 100):
        append(spool, range(start, start + 100), padding_bytes=2000)
        number = seal_next(spool, KEY)
        assert number is not None
        spool.acknowledge(number)
    assert spool.go_back(1)
    spool.acknowledge(number)
    disk.fill(leave_bytes=0)
    taken = fill(spool, 8000)
    assert len(taken) > 6000  # in the place of those
    assert not spool.go_back(1)
    spool.close()


def test_a_crash_on_a_full_disk_leaves_all(disk: SmallDisk) -> None:
    spool = Spool(disk.path, AGENT, limit_bytes=1 << 30)
    taken = fill(spool)
    sealed, pending = contents(disk.path)
    assert check_chain(sealed, KEY) + pending == taken
    spool.close()


def test_on_a_disk_that_is_nearly_full_it_takes_nothing_until_there_is_room(
    disk: SmallDisk,
) -> None:
    disk.fill(leave_bytes=8 << 20)
    spool = Spool(disk.path, AGENT, limit_bytes=1 << 30)
    with pytest.raises(StorageError, match=r"less than [0-9,]+ bytes are free.*Make room"):
        append(spool, [1])
    disk.make_room()
    append(spool, [1])
    assert contents(disk.path) == ([], [1])
    spool.close()


def limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 << 20, 16 << 20))


def test_a_file_that_may_not_grow_ends_in_one_sentence(tmp_path: Path) -> None:
    """Without root: the system refuses with EFBIG, which SQLite calls a disk I/O error."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests' / 'support'}"}
    done = subprocess.run(
        [sys.executable, WRITER, tmp_path, "0", "4000"],
        capture_output=True,
        text=True,
        env=environment,
        preexec_fn=limit_files,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("\n") == 1
    assert "spool.sqlite: the disk does not take any more" in done.stderr
    taken = int(done.stdout.split()[-1]) + 1
    sealed, pending = contents(tmp_path)
    handed_over = [file.read_bytes() for file in sorted((tmp_path / "collector").glob("0*"))]
    assert check_chain([*handed_over, *sealed], KEY) + pending == list(range(taken))
