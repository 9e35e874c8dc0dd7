"""A data folder that a later version went on with: this one says so, and leaves it as it is.

Of files that are not in the folder the same is tested where they are read: an agent's spool, a
backup, a dossier, a sealed batch, a node's settings.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from command_line import run
from old_folders import contents, unpacked
from peers import free_port

from store.archive.segment_format import LINE_BYTES, SEGMENT_MAGIC

PLANT = Path(__file__).with_name("plant.yaml")
LATER = "was written by a later version of Lineproof"
DUCKDB_HEAD = 4096  # bytes
DUCKDB_VERSION = slice(12, 20)  # of a file's head: by which version of DuckDB's files it is written


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As this version leaves it."""
    data = unpacked("segmented", tmp_path_factory.mktemp("node")) / "data"
    assert run("rebuild", "--data", data).status == 0
    return data


def registry(data: Path) -> None:
    with contextlib.closing(sqlite3.connect(data / "registry.sqlite")) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")


def telemetry(data: Path) -> None:
    with duckdb.connect(str(data / "telemetry.duckdb")) as file:
        file.execute("UPDATE version SET number = 9999")


def telemetry_of_a_later_duckdb(data: Path) -> None:
    file = data / "telemetry.duckdb"
    written = bytearray(file.read_bytes())
    written[DUCKDB_VERSION] = (9999).to_bytes(8, "little")
    written[:8] = _duckdb_checksum(bytes(written[8:DUCKDB_HEAD])).to_bytes(8, "little")
    file.write_bytes(written)


def _duckdb_checksum(block: bytes) -> int:
    """As DuckDB computes it for each block of its files."""
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", block):
        checksum ^= word * 0xBF58476D1CE4E5B9 % (1 << 64)
    return checksum


def archive(data: Path) -> None:
    """A new day's segment, in another form, as of then each version writes its first line."""
    said = SEGMENT_MAGIC.replace(b"/1", b"/9999") + b'{"packed":"zstd"}'
    line = said + b" " + hashlib.sha256(said).hexdigest().encode()
    segment = data / "archive" / "segments" / "import" / "2099-01-01.segment"
    segment.write_bytes(line.ljust(LINE_BYTES - 1) + b"\n" + b"something else" * 1000)


def ledger(data: Path) -> None:
    with contextlib.closing(sqlite3.connect(data / "ledger" / "tree.sqlite")) as file:
        file.execute("PRAGMA user_version = 9999")


def witnesses(data: Path) -> None:
    with contextlib.closing(sqlite3.connect(data / "ledger" / "witnesses.sqlite")) as file:
        file.execute("PRAGMA user_version = 9999")


@pytest.mark.parametrize(
    "change", [registry, telemetry, telemetry_of_a_later_duckdb, archive, ledger, witnesses]
)
def test_it_is_said_of_each_format_and_nothing_is_changed(
    change: Callable[[Path], None], node: Path, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(node, data)
    change(data)
    before = contents(data)
    for command in (
        ("kpi", "--line", "press", "--start", "2026-03-02", "--end", "2026-03-03"),
        ("up", "--plant", PLANT, "--port", str(free_port())),
    ):
        refused = run(*command, "--data", data)
        assert refused.status == 2
        (said,) = [it for it in refused.errors.splitlines() if it.startswith("lineproof: ")]
        assert f"{LATER} (format 9999" in said
        assert "Nothing was changed: use the later version again, or restore the backup" in said
    found = run("doctor", "--data", data, "--json").json["findings"]
    (problem,) = [it for it in found if it["status"] == "problem"]
    assert LATER in problem["detail"]
    assert "Nothing was changed" in problem["todo"]
    assert contents(data) == before


def test_settings_of_a_later_version_are_said_to_be_so(node: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(node, data)
    (data / "store.yaml").write_text("kind: duckdb\ncompression: zstd\n")
    before = contents(data)
    refused = run("up", "--data", data, "--plant", PLANT, "--port", str(free_port()))
    assert refused.status == 2
    assert "store.yaml: field 'compression': unknown key" in refused.errors
    assert "or a later version of Lineproof knows it" in refused.errors
    assert contents(data) == before


def test_a_ledger_without_a_number_is_the_first_format(tmp_path: Path) -> None:
    data = unpacked("ledgered", tmp_path) / "data"
    with contextlib.closing(sqlite3.connect(data / "ledger" / "tree.sqlite")) as file:
        assert file.execute("PRAGMA user_version").fetchone() == (0,)
    assert run("ledger", "show", "--data", data).status == 0
