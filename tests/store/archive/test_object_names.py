"""The names of an archive's objects: written and read back, and what is no such name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from store.archive.object_names import ArrivalName, ContentName, batch_folder, read_name

DIGEST, SHA256 = "ab" + "0" * 62, "c" * 64
FOLDER = f"batches/ab/{DIGEST}"
EARLY = datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)
CAME = datetime(2026, 3, 2, 8, 0, 0, 7, UTC)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (ContentName(DIGEST, SHA256, 0), f"{SHA256}-0.batch"),
        (ContentName(DIGEST, SHA256, 1234), f"{SHA256}-1234.batch"),
        (ArrivalName(DIGEST, 1, CAME, None), "0000000001-1772438400000007-none.arrival"),
        (ArrivalName(DIGEST, 12, EARLY, CAME), "0000000012--1-1772438400000007.arrival"),
    ],
)
def test_a_name_is_read_as_it_was_written(name: ContentName | ArrivalName, path: str) -> None:
    assert name.path == f"{FOLDER}/{path}"
    assert read_name(name.path) == name


@pytest.mark.parametrize(
    "path",
    [
        "",
        f"{FOLDER}/{SHA256}.batch",
        f"{FOLDER}/{SHA256}-01.batch",
        f"{FOLDER}/{SHA256}-1.batch\n",
        f"{FOLDER}/deeper/{SHA256}-1.batch",
        f"batches/ac/{DIGEST}/{SHA256}-1.batch",
        f"other/ab/{DIGEST}/{SHA256}-1.batch",
        f"batches/ab/{DIGEST.upper()}/{SHA256}-1.batch",
        f"{FOLDER}/1-1-1.arrival",
        f"{FOLDER}/0000000001-01-1.arrival",
        f"{FOLDER}/0000000001-1-.arrival",
        f"{FOLDER}/0000000001-999999999999999999-1.arrival",
    ],
)
def test_anything_else_is_no_name(path: str) -> None:
    assert read_name(path) is None


def test_only_a_digest_has_a_folder() -> None:
    assert batch_folder(DIGEST) == FOLDER
    with pytest.raises(ValueError, match="no SHA-256 digest"):
        batch_folder("../etc")
