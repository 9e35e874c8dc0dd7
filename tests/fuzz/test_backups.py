"""A backup that was changed on its way is whole, or refused; nothing is written elsewhere."""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path

from fuzzing import changed, inputs
from hypothesis import given

from domain.errors import InputError, StorageError
from lineproof.backup.container import BackupWriter, unpack

FILES = {"registry.sqlite": b"rows" * 40, "documents/ab/cd": b"a document", "ledger/key": b"key"}
WORDS = [
    b"../",
    b"/",
    b"\0" * 100,
    b"backup.json",
    b"null",
    b"[]",
    b"9" * 11,
    b"7777777",
    b"2",
    b"5",
]


def _backup() -> bytes:
    into = BytesIO()
    writer = BackupWriter(into)
    for name, content in FILES.items():
        writer.add(name, BytesIO(content), len(content))
    writer.finish({"made_at": "2026-12-01T00:00:00+00:00", "spools": ["a"]})
    return into.getvalue()


WHOLE = _backup()


@inputs(60)
@given(changed([WHOLE], WORDS))
def test_a_changed_backup(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder, "node")
        into.mkdir()
        try:
            unpack(BytesIO(data), into, "x.backup")
        except (InputError, StorageError):
            pass
        else:
            there = {
                it.relative_to(into).as_posix(): it.read_bytes()
                for it in into.rglob("*")
                if it.is_file()
            }
            assert there == FILES
        assert [it.name for it in Path(folder).iterdir()] == ["node"]
