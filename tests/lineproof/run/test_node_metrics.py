"""What a node tells Prometheus of its disk, certificate, backups, ledger and witnesses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from certificates import make_certificate
from import_plant import apply
from prometheus_client import generate_latest

from domain.ledger.signed_notes import COSIGNATURE, VerifierKey
from lineproof.backup.making import make_backup
from lineproof.run.node_metrics import node_registry
from lineproof.tls.certificates import read_certificate
from store.ledger.witness_file import Standing
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import Stores, open_stores

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
KEY = VerifierKey("w.example", COSIGNATURE, bytes(32))
WITNESS = '{witness="witness w"}'


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        apply(opened)
        yield opened


def told(
    stores: Stores, certificate: Path | None = None, *, has_ledger: bool = True
) -> dict[str, float]:
    """Each series without `lineproof_`, and its value."""
    text = generate_latest(node_registry(stores, certificate, has_ledger=has_ledger)).decode()
    rows = [line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#")]
    return {name.removeprefix("lineproof_"): float(value) for name, value in rows}


def test_free_space_and_the_end_of_the_certificate(stores: Stores, tmp_path: Path) -> None:
    made = make_certificate(tmp_path, "served")
    found = told(stores, made.certificate)
    assert 0 < found["data_free_bytes"] < found["data_disk_bytes"]
    ends = read_certificate(made.certificate).not_valid_after_utc
    assert found["certificate_ends_timestamp_seconds"] == ends.timestamp()
    assert "certificate_ends_timestamp_seconds" not in told(stores)


def test_the_last_backup_and_that_there_is_none(stores: Stores, tmp_path: Path) -> None:
    assert told(stores)["backup_last_timestamp_seconds"] == 0
    make_backup(stores.folder.path, tmp_path / "a.backup", NOW)
    assert told(stores)["backup_last_timestamp_seconds"] == NOW.timestamp()


def test_the_ledger_and_what_is_not_in_it(stores: Stores) -> None:
    rows = stores.registry.recorded.count()
    before = told(stores)
    assert (before["ledger_leaves"], before["ledger_rows_waiting"]) == (0, rows)
    assert "ledger_last_leaf_timestamp_seconds" not in before
    LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, lambda: NOW).refresh()
    after = told(stores)
    assert (after["ledger_leaves"], after["ledger_rows_waiting"]) == (rows, 0)
    assert after["ledger_last_leaf_timestamp_seconds"] == NOW.timestamp()
    assert not [it for it in told(stores, has_ledger=False) if it.startswith("ledger")]


def test_how_it_stands_with_each_witness(stores: Stores) -> None:
    stores.folder.witnesses.write_text(f"witness w {KEY} https://w.example\nquorum w\n")
    stores.folder.ledger.mkdir(exist_ok=True)
    assert _witness(told(stores)) == (0, 0, 0)
    hour_ago = NOW - timedelta(hours=1)
    standing = Standing(f"witness w {KEY}", NOW, hour_ago, 7, 3, "it saw more", "Tell.", True)
    stores.ledger.others.keep_standing(standing)
    assert _witness(told(stores)) == (hour_ago.timestamp(), 3, 1)


def test_what_cannot_be_read_has_no_value_and_the_rest_is_told(
    stores: Stores, tmp_path: Path
) -> None:
    (stores.folder.ledger).mkdir(exist_ok=True)
    (stores.folder.ledger / "tree.sqlite").write_bytes(b"no database")
    found = told(stores, tmp_path / "gone.pem")
    assert "data_free_bytes" in found
    assert not [it for it in found if it.startswith(("ledger", "certificate"))]


def _witness(found: dict[str, float]) -> tuple[float, ...]:
    names = ("last_timestamp_seconds", "failures", "contradicts")
    return tuple(found[f"witness_{name}{WITNESS}"] for name in names)
