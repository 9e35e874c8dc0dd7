"""Which archive a node has: settings that are wrong, and a folder that remembers another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from archived import CAME, incoming
from object_stores import KEY_ID, SECRET, ObjectServer, object_server

from domain.errors import InputError, StorageError
from store.archive.object_batches import ObjectArchive
from store.archive.sealed_batches import Archive
from store.node.archive_place import archive_at, check_place, is_on_object_store
from store.node.opening import StoreSettings, open_stores, read_store_settings

IN_THE_FOLDER = ("", "", "", "", "")
BATCH = incoming(b"batch", latest=CAME)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    with object_server("rclone", tmp_path_factory.mktemp("rclone") / "objects") as running:
        yield running


@pytest.mark.parametrize(
    "url", ["", "s3://bucket", "s3://bucket/", "s3://evidence.tko/plants/tko_1", "s3://abc/a=1/b"]
)
def test_places_that_are_right(url: str) -> None:
    for endpoint in ("", "https://s3.factory:9000", "http://127.0.0.1:9000/"):
        check_place(url, endpoint)


@pytest.mark.parametrize(
    "url",
    [
        "bucket",
        "http://bucket/a",
        "s3://B/a",
        "s3://bucket//a",
        "s3://bucket/../a",
        "s3://bucket/é",
    ],
)
def test_places_that_are_none(url: str) -> None:
    with pytest.raises(ValueError, match="no place of an archive as in s3://bucket/prefix"):
        check_place(url, "")


@pytest.mark.parametrize("endpoint", ["s3.factory", "ftp://a", "https://key:secret@s3.factory"])
def test_endpoints_that_are_none(endpoint: str) -> None:
    with pytest.raises(ValueError, match="endpoint must be as in https") as raised:
        check_place("s3://bucket", endpoint)
    assert "secret" not in str(raised.value)


def test_a_key_is_needed_and_comes_from_nowhere_else(tmp_path: Path) -> None:
    for key in (("", ""), ("id", ""), ("", "secret")):
        with pytest.raises(InputError, match=r"needs a key id and a secret.*ARCHIVE_KEY_ID"):
            archive_at(tmp_path, "s3://bucket/a", "", "", *key)
    assert not is_on_object_store(tmp_path)


def test_the_folder_remembers_and_refuses_another_place(
    server: ObjectServer, tmp_path: Path
) -> None:
    place, other = server.place(), server.place()
    key = (server.endpoint, "", KEY_ID, SECRET)
    for url in (place.url, f"{place.url}/"):
        archive = archive_at(tmp_path, url, *key)
        assert isinstance(archive, ObjectArchive)
        archive.close()
    assert is_on_object_store(tmp_path)
    with pytest.raises(InputError, match=f"lie at {place.url}, and its settings name {other.url}"):
        archive_at(tmp_path, other.url, *key)
    with pytest.raises(InputError, match="its settings name no object store"):
        archive_at(tmp_path, *IN_THE_FOLDER)


def test_a_folder_with_batches_takes_no_object_store(server: ObjectServer, tmp_path: Path) -> None:
    archive = archive_at(tmp_path, *IN_THE_FOLDER)
    assert isinstance(archive, Archive)
    archive.put_all([BATCH])
    archive.close()
    with pytest.raises(InputError, match="this node has batches in its folder"):
        archive_at(tmp_path, server.place().url, server.endpoint, "", KEY_ID, SECRET)
    assert not is_on_object_store(tmp_path)


def test_stores_open_with_it_and_the_environment_keeps_the_secret_out_of_files(
    server: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = server.place()
    (tmp_path / "store.yaml").write_text(
        f"archive_url: {place.url}\narchive_endpoint: {place.endpoint}\n"
    )
    monkeypatch.setenv("LINEPROOF_STORE__ARCHIVE_KEY_ID", KEY_ID)
    monkeypatch.setenv("LINEPROOF_STORE__ARCHIVE_SECRET", "another secret")
    with pytest.raises(StorageError, match="refuses what its key asks for") as raised:
        open_stores(tmp_path)
    assert "another secret" not in str(raised.value)
    monkeypatch.setenv("LINEPROOF_STORE__ARCHIVE_SECRET", SECRET)
    with open_stores(tmp_path) as stores:
        stores.archive.put_all([BATCH])
    with open_stores(tmp_path) as stores:
        assert list(stores.archive.batches()) == [BATCH.data]
    assert SECRET not in repr(read_store_settings(tmp_path / "store.yaml"))
    assert not list(tmp_path.rglob("*.segment"))


def test_a_wrong_place_in_the_settings_is_told_without_the_secret(tmp_path: Path) -> None:
    path = tmp_path / "store.yaml"
    path.write_text("archive_url: bucket/prefix\narchive_secret: s3cret\n")
    with pytest.raises(InputError, match="'bucket/prefix' is no place") as raised:
        read_store_settings(path)
    assert "s3cret" not in str(raised.value)
    assert StoreSettings().archive_place == IN_THE_FOLDER
