"""Opening all stores of a node, and the settings that choose the telemetry store."""

from __future__ import annotations

from pathlib import Path

import pytest
from archived import incoming
from influx import InfluxServer
from telemetry import at, batch, samples

from domain.errors import BusyError, InputError, StorageError
from store.node.opening import StoreSettings, open_stores, read_store_settings
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.influxdb.store import InfluxStore

BATCH = batch(1, samples({"time": at(1), "value": 1.0}))


def test_without_settings_it_is_a_duckdb_file(tmp_path: Path) -> None:
    with open_stores(tmp_path) as stores:
        assert isinstance(stores.telemetry, DuckDBStore)
        stores.telemetry.append([BATCH])
        stores.archive.put_all([incoming(b"sealed", digest="0" * 64)])
        assert stores.registry.plants.all() == []
        with pytest.raises(BusyError, match="in use by process"):
            open_stores(tmp_path)
    with open_stores(tmp_path, must_exist=True) as stores:
        assert stores.telemetry.last_batch("agent-1") == BATCH[0]
        assert stores.archive.get("0" * 64) == b"sealed"


def test_influxdb_takes_a_few_lines_of_settings(tmp_path: Path, influx: InfluxServer) -> None:
    (tmp_path / "store.yaml").write_text(
        f"kind: influxdb\nurl: {influx.url}\norg: {influx.org}\n"
        f"bucket: {influx.new_bucket()}\ntoken: {influx.token}\n"
    )
    with open_stores(tmp_path) as stores:
        assert isinstance(stores.telemetry, InfluxStore)
        stores.telemetry.append([BATCH])
    with open_stores(tmp_path) as stores:
        assert stores.telemetry.last_batch("agent-1") == BATCH[0]
    assert not (tmp_path / "telemetry.duckdb").exists()


def test_a_registry_on_a_server_is_not_taken_beside_one_in_the_folder(tmp_path: Path) -> None:
    open_stores(tmp_path).close()
    (tmp_path / "store.yaml").write_text("registry: postgresql://lineproof:s3cret@127.0.0.1:1/r\n")
    with pytest.raises(
        InputError, match=r"registry\.sqlite: this node has a registry in its"
    ) as no:
        open_stores(tmp_path)
    assert "s3cret" not in str(no.value)
    (tmp_path / "registry.sqlite").unlink()
    with pytest.raises(StorageError, match="could not be opened") as raised:
        open_stores(tmp_path)
    assert "s3cret" not in str(raised.value)


def test_the_environment_wins_and_keeps_the_token_out_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store.yaml").write_text("kind: influxdb\nurl: http://a\nbucket: b\ntoken: file\n")
    monkeypatch.setenv("LINEPROOF_STORE__TOKEN", "secret-1")
    monkeypatch.setenv("LINEPROOF_STORE__URL", "http://c")
    settings = read_store_settings(tmp_path / "store.yaml")
    assert (settings.url, settings.bucket) == ("http://c", "b")
    assert settings.token.get_secret_value() == "secret-1"
    assert "secret-1" not in repr(settings)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("kind: influx", r"store\.yaml: field 'kind': .*'influxdb' or 'postgresql'"),
        ("kind: influxdb\nbuckets: x", r"'buckets': unknown key.* a later version .*Known are"),
        ("kind: influxdb", r"without url and bucket\. Add url: and bucket:.*_STORE__URL"),
        ("influxdb", r"store\.yaml, line 1: must be keys with values"),
        ("kind: [", r"store\.yaml, line 1: not valid YAML"),
    ],
)
def test_settings_that_cannot_be_used_are_said(tmp_path: Path, written: str, sentence: str) -> None:
    (tmp_path / "store.yaml").write_text(written)
    with pytest.raises(InputError, match=sentence):
        open_stores(tmp_path)
    (tmp_path / "store.yaml").unlink()
    open_stores(tmp_path).close()  # the folder was given back


def test_a_server_that_is_gone_gives_the_folder_back(tmp_path: Path) -> None:
    settings = StoreSettings(kind="influxdb", url="http://127.0.0.1:1", bucket="b")
    with pytest.raises(StorageError, match="does not answer"):
        open_stores(tmp_path, settings)
    open_stores(tmp_path).close()
