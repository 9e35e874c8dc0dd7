"""Where a node's sealed batches lie, as its settings say it: in its data folder, or at a place of
an object store. The folder remembers the place, so that a node does not begin another archive
beside the one that it has because a line of its settings was changed or lost.
"""

from __future__ import annotations

import re
from pathlib import Path

from domain.errors import InputError
from store.archive.blobs import storage_errors
from store.archive.protocol import BatchArchive
from store.archive.sealed_batches import Archive

_URL = re.compile(
    r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[A-Za-z0-9_][A-Za-z0-9._=-]*)*)/?\Z"
)
_ENDPOINT = re.compile(r"https?://[^\s/@?#]+/?\Z")
_REMEMBERED = "object-store"


def check_place(url: str, endpoint: str) -> None:
    """Raises ValueError with what is wrong; none at all is right."""
    if url and not _URL.match(url):
        raise ValueError(f"'{url}' is no place of an archive as in s3://bucket/prefix")
    if endpoint and not _ENDPOINT.match(endpoint):
        raise ValueError("the archive's endpoint must be as in https://s3.factory:9000")


def archive_at(
    folder: Path, url: str, endpoint: str, region: str, key_id: str, secret: str
) -> BatchArchive:
    """The archive at that place; without `url` the one in the data folder's `archive`, which is
    `folder`. Raises InputError where the node's batches lie elsewhere, StorageError."""
    _check_remembered(folder, url)
    if not url:
        return Archive(folder)
    if not (key_id and secret):
        raise InputError(
            "the archive on an object store needs a key id and a secret",
            where=_plain(url),
            todo="Add key_id and secret to the archive in the settings, or set "
            "LINEPROOF_STORE__ARCHIVE_KEY_ID and …ARCHIVE_SECRET.",
        )
    try:
        from store.archive.object_batches import ObjectArchive
        from store.archive.object_client import ObjectPlace
    except ModuleNotFoundError:
        raise InputError(
            "an archive on an object store needs the package obstore, which is not installed",
            todo="Install it: pip install 'lineproof[s3]'.",
        ) from None
    parts = _URL.match(url)
    assert parts is not None, "the settings were checked"
    region = region or "us-east-1"
    place = ObjectPlace(
        bucket=parts[1],
        prefix=parts[2].strip("/"),
        endpoint=endpoint.rstrip("/") or f"https://s3.{region}.amazonaws.com",
        region=region,
        key_id=key_id,
        secret=secret,
    )
    archive = ObjectArchive(place, folder)
    try:
        with storage_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _REMEMBERED).write_text(f"{_plain(url)}\n", encoding="utf-8")
    except BaseException:
        archive.close()
        raise
    return archive


def is_on_object_store(folder: Path) -> bool:
    """Whether the batches of the node with this archive folder lie on an object store."""
    return (folder / _REMEMBERED).exists()


def _check_remembered(folder: Path, url: str) -> None:
    with storage_errors(folder):
        there = folder / _REMEMBERED
        known = there.read_text(encoding="utf-8").strip() if there.exists() else ""
        holds = any(folder.glob("segments/*/*.segment")) or any(folder.glob("batches/*"))
    if url and holds:
        raise InputError(
            "this node has batches in its folder, and its settings name an object store for them",
            where=str(folder),
            todo="Take the archive out of the settings, or begin with a new data folder: what is "
            "in the one does not come into the other.",
        )
    if known and known != _plain(url):
        said = f"name {_plain(url)}" if url else "name no object store"
        raise InputError(
            f"the batches of this node lie at {known}, and its settings {said}",
            where=str(there),
            todo="Put the place back into the settings; where the objects were moved, write their "
            "new place into this file.",
        )


def _plain(url: str) -> str:
    return url.rstrip("/")
