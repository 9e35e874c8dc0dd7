"""A backup's file: of what is none, or not whole, nothing counts, and no name leads elsewhere."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InputError, StorageError
from lineproof.backup.container import BACKUP_FORMAT, BackupWriter, unpack

FILES = {"registry.sqlite": b"rows", "documents/ab/cd": bytes(5000), "agents/線/agent.key": b"key"}
ABOUT = {"made_at": "2026-12-01T00:00:00+00:00", "spools": ["線"]}


def backup(files: dict[str, bytes] = FILES) -> bytes:
    into = io.BytesIO()
    writer = BackupWriter(into)
    for name, data in files.items():
        writer.add(name, io.BytesIO(data), len(data))
    writer.finish(ABOUT)
    return into.getvalue()


WHOLE = backup()


def forged(*members: tuple[tarfile.TarInfo, bytes], **about: Any) -> bytes:
    """A tar of these members whose list is right."""
    into = io.BytesIO()
    files = [
        {"name": it.name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for it, data in members
    ]
    listed = json.dumps({"format": BACKUP_FORMAT, **ABOUT, "files": files, **about}).encode()
    with tarfile.open(fileobj=into, mode="w") as tar:
        for it, data in (*members, (tarfile.TarInfo("backup.json"), listed)):
            it.size = len(data)
            tar.addfile(it, io.BytesIO(data))
    return into.getvalue()


def link(name: str, target: str) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    return member


def test_what_was_put_in_comes_out(tmp_path: Path) -> None:
    about = unpack(io.BytesIO(WHOLE), tmp_path, "x.backup")
    assert (about["made_at"], about["spools"]) == (ABOUT["made_at"], ["線"])
    there = {it.relative_to(tmp_path).as_posix(): it for it in tmp_path.rglob("*") if it.is_file()}
    assert {name: it.read_bytes() for name, it in there.items()} == FILES
    assert {it.stat().st_mode & 0o777 for it in there.values()} == {0o600}


@pytest.mark.parametrize(
    "name",
    ["../out", "/tmp/lineproof-out", "a/../../out", "a//b", "./a", "a/./b", "", "backup.json"],
)
def test_names_lead_nowhere_else(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    with pytest.raises(InputError, match="this backup cannot be used"):
        unpack(io.BytesIO(forged((tarfile.TarInfo(name), b"x"))), inside, "x.backup")
    assert [it for it in tmp_path.rglob("*") if it != inside] == []
    assert not Path("/tmp/lineproof-out").exists()


def test_links_and_doubles_and_what_follows_the_list_are_refused(tmp_path: Path) -> None:
    first = tarfile.TarInfo("a"), b"x"
    for members in (
        [(link("a", "/etc"), b""), (tarfile.TarInfo("a/b"), b"x")],
        [first, (tarfile.TarInfo("a"), b"y")],
    ):
        with pytest.raises(InputError, match="this backup cannot be used: '"):
            unpack(io.BytesIO(forged(*members)), tmp_path, "x.backup")
    behind = io.BytesIO(forged(first))
    with tarfile.open(fileobj=behind, mode="a") as tar:
        tar.addfile(tarfile.TarInfo("b"), io.BytesIO())
    behind.seek(0)
    with pytest.raises(InputError, match="'b' does not belong in it"):
        unpack(behind, tmp_path, "x.backup")


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"format": "lineproof-backup-9"}, "later version .*lineproof-backup-9.*knows lineproof"),
        ({"files": [{"name": "a", "size": 1, "sha256": "0" * 64}]}, "'a' is not as it was taken"),
        ({"files": []}, "'a' is not as it was taken"),
        ({"files": 7}, "its list cannot be read"),
        ({"spools": ["../x"]}, "its list cannot be read"),
        ({"spools": None}, "its list cannot be read"),
    ],
)
def test_the_list_says_what_is_in_it(about: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=sentence):
        unpack(io.BytesIO(forged((tarfile.TarInfo("a"), b"x"), **about)), tmp_path, "x.backup")


@given(st.integers(0, len(WHOLE) - 1))
def test_one_that_is_cut_off_is_refused(length: int) -> None:
    ends = len(WHOLE.rstrip(b"\0"))
    if length < ends:
        with pytest.raises(InputError, match=r"x\.backup: this backup cannot be used"):
            unpack(io.BytesIO(WHOLE[:length]), None, "x.backup")


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_byte_changes_no_file(place: int, by: int) -> None:
    changed = bytearray(WHOLE)
    changed[place] ^= by
    try:
        about = unpack(io.BytesIO(bytes(changed)), None, "x.backup")
    except InputError:
        return
    # A byte that says nothing, as of padding, or of when it was made.
    assert [it["sha256"] for it in about["files"]] == [
        hashlib.sha256(data).hexdigest() for data in FILES.values()
    ]


def test_a_file_that_became_shorter_is_no_backup_of_it() -> None:
    writer = BackupWriter(io.BytesIO())
    with pytest.raises(StorageError, match="'a' could not be taken into the backup"):
        writer.add("a", io.BytesIO(b"12"), 3)
