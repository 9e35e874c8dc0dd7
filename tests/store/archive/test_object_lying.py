"""Batches on an object store, read by processes that have a key of their own, or none."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from archived import CAME, flip, incoming
from object_stores import KEY_ID, SECRET, object_server

from domain.errors import StorageError
from store.archive.object_batches import ObjectArchive
from store.archive.object_lying import obstacle

BATCH = incoming(b"sealed" * 9, latest=CAME)


def test_what_keeps_a_process_from_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with object_server("rclone", tmp_path / "objects") as server:
        place = server.place()
        with closing(ObjectArchive(place, tmp_path)) as archive:
            archive.put_all([BATCH])
            lying = archive.lies_at(BATCH.digest)
        assert lying is not None
        assert SECRET not in repr(lying.place)
        assert lying.place.secret == lying.place.key_id == ""
        assert "no key to the object store" in obstacle(lying.place)
        with pytest.raises(StorageError, match="Set LINEPROOF_STORE__ARCHIVE_KEY_ID"):
            lying.read(BATCH.digest)
        monkeypatch.setenv("LINEPROOF_STORE__ARCHIVE_KEY_ID", KEY_ID)
        monkeypatch.setenv("LINEPROOF_STORE__ARCHIVE_SECRET", "another")
        assert "refuses what its key asks for" in obstacle(lying.place)
        monkeypatch.setenv("LINEPROOF_STORE__ARCHIVE_SECRET", SECRET)
        assert obstacle(lying.place) == ""
        assert lying.read(BATCH.digest) == BATCH.data
        flip(server.folder / place.prefix / lying.name.path, 3)
        assert lying.read(BATCH.digest) is None
