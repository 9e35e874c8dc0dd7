"""Settings files: what is wrong is named; the store that is chosen is remembered."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from domain.errors import InputError
from lineproof.run.settings import (
    NodeSettings,
    load_api_settings,
    load_collector_settings,
    load_node_settings,
    remember_store,
)
from store.node.opening import StoreSettings, read_store_settings

INFLUX = """\
store: influxdb
influxdb: {url: "http://127.0.0.1:8086", organisation: tko, bucket: lineproof, token: secret}
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "node.yaml"
    path.write_text(text)
    return path


def test_store_influxdb_is_all_that_changes(tmp_path: Path) -> None:
    chosen = load_node_settings(_file(tmp_path, INFLUX)).store_settings
    assert chosen is not None
    assert (chosen.kind, chosen.url) == ("influxdb", "http://127.0.0.1:8086")
    assert (chosen.org, chosen.bucket) == ("tko", "lineproof")
    assert chosen.token.get_secret_value() == "secret"


def test_without_a_file_the_data_folder_says(tmp_path: Path) -> None:
    assert load_node_settings(None) == NodeSettings()
    assert load_node_settings(None).store_settings is None


@pytest.mark.parametrize(
    "text", ["store: influxdb\n", 'influxdb: {url: "http://x", bucket: b}\n'], ids=["bare", "kind"]
)
def test_half_a_choice_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="belong together"):
        load_node_settings(_file(tmp_path, text))


def test_a_misspelt_key_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"node\.yaml, line 2.*Did you mean 'hosts'"):
        load_node_settings(_file(tmp_path, "store: duckdb\nhost: [a]\n"))


def test_a_key_that_is_not_known_may_be_of_a_later_version(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"line 2: field 'quorum': .* or a later version of"):
        load_node_settings(_file(tmp_path, "store: duckdb\nquorum: 3\n"))


def test_the_choice_is_remembered_for_commands_that_name_the_folder_alone(tmp_path: Path) -> None:
    chosen = load_node_settings(_file(tmp_path, INFLUX)).store_settings
    kept = tmp_path / "store.yaml"
    remember_store(kept, chosen)
    assert kept.stat().st_mode & 0o077 == 0
    assert read_store_settings(kept) == chosen
    remember_store(kept, StoreSettings(kind="duckdb"))
    assert read_store_settings(kept).kind == "duckdb"


def test_data_is_relative_to_the_file(tmp_path: Path) -> None:
    key = base64.b64encode(b"k" * 32).decode()
    text = f'data: here\nport: 9000\nagents: {{a: "{key}"}}\n'
    settings = load_collector_settings(_file(tmp_path, text))
    assert settings.data == tmp_path / "here"
    assert settings.keys == {"a": b"k" * 32}
    assert load_api_settings(_file(tmp_path, "data: there\n")).data == tmp_path / "there"


@pytest.mark.parametrize("key", ["not base64!", base64.b64encode(b"short").decode()])
def test_a_key_that_is_none_is_named(tmp_path: Path, key: str) -> None:
    with pytest.raises(InputError, match="agent 'a' is no Ed25519 public key"):
        load_collector_settings(_file(tmp_path, f'data: x\nagents: {{a: "{key}"}}\n'))
