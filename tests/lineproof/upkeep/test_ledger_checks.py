"""Whatever other hands do to the ledger, or behind its back, the doctor says it and what to do."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

import orjson
import pytest
from whole_folder import ledger_by_hand, make, registry_by_hand, telemetry_by_hand

from lineproof.clock import utc_now
from lineproof.upkeep.findings import Finding
from lineproof.upkeep.folder import examine_folder
from lineproof.upkeep.rebuild import rebuild_folder
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import open_stores


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make(tmp_path_factory.mktemp("made") / "node")
    keep(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "node")
    return tmp_path / "node"


def keep(folder: Path) -> None:
    with open_stores(folder) as stores:
        LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, utc_now).refresh()


def found(folder: Path) -> list[Finding]:
    return [it for it in examine_folder(folder, utc_now()) if it.subject.startswith("ledger")]


def only(folder: Path) -> Finding:
    (finding,) = found(folder)
    return finding


def test_one_that_nobody_touched_is_well(folder: Path) -> None:
    finding = only(folder)
    assert finding.status == "ok"
    assert "leaves of lineproof/" in finding.detail


def test_one_that_was_not_begun_is_well(tmp_path: Path) -> None:
    finding = only(make(tmp_path / "node"))
    assert (finding.status, finding.detail[:13]) == ("ok", "not begun yet")


def test_rows_that_wait_for_a_node_are_told(folder: Path) -> None:
    with open_stores(folder) as stores:
        stores.registry.agents.enrol("hall-9", b"k" * 32, utc_now())
    finding = only(folder)
    assert finding.status == "warning"
    assert "1 rows of the record are not in it" in finding.detail
    keep(folder)
    assert only(folder).status == "ok"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaves SET leaf = replace(leaf, 'T', 't') WHERE number = 4",
        "DELETE FROM leaves WHERE number = 4",
        "INSERT INTO leaves SELECT max(number) + 1, '{}' FROM leaves",
        "UPDATE hashes SET hash = zeroblob(32) WHERE level = 1 AND number = 1",
        "DELETE FROM checkpoints",
        "DROP TABLE hashes",
    ],
)
def test_a_changed_file_is_told(folder: Path, statement: str) -> None:
    with ledger_by_hand(folder) as db:
        db.execute(statement)
    (finding,) = found(folder)
    assert finding.status == "problem"
    assert "backup" in finding.todo


def test_a_ledger_that_is_gone_is_told(folder: Path) -> None:
    shutil.rmtree(folder / "ledger")
    assert "the ledger is gone" in only(folder).detail


@pytest.mark.parametrize(
    ("what", "says"),
    [("ledger", "the ledger is older"), ("registry.sqlite", "the registry is older")],
)
def test_one_that_was_put_back_from_an_older_copy_is_told(
    folder: Path, made: Path, what: str, says: str
) -> None:
    with open_stores(folder) as stores:
        stores.registry.agents.enrol("hall-9", b"k" * 32, utc_now())
    keep(folder)
    for it in folder.glob(f"{what}*"):
        shutil.rmtree(it) if it.is_dir() else it.unlink()
    copy = shutil.copytree if (made / what).is_dir() else shutil.copy
    copy(made / what, folder / what)
    finding = only(folder)
    assert finding.status == "problem"
    assert says in finding.detail


def test_a_key_that_is_gone_is_told_before_the_node_needs_it(folder: Path) -> None:
    (folder / "ledger" / "key.pem").unlink()
    finding = only(folder)
    assert finding.status == "problem"
    assert "nothing can be added to it" in finding.detail


def _record_anew(db: sqlite3.Connection) -> None:
    """The forger makes each row's digest fit again, up to the end of the record."""
    previous = "0" * 64
    db.row_factory = sqlite3.Row
    for row in db.execute("SELECT * FROM record ORDER BY number").fetchall():
        values = {it: row[it] for it in ("number", "of", "key", "content")}
        values["previous"] = previous
        written = orjson.dumps(values, option=orjson.OPT_SORT_KEYS)
        digest = hashlib.sha256(written).hexdigest()
        change = "UPDATE record SET previous = ?, digest = ? WHERE number = ?"
        db.execute(change, (previous, digest, row["number"]))
        previous = digest
    db.execute("UPDATE record_end SET digest = ?", (previous,))


def test_a_record_that_was_forged_throughout_is_told_by_the_ledger_alone(folder: Path) -> None:
    """Whoever changes a row and all digests behind it leaves a record without a fault."""
    with registry_by_hand(folder) as db:
        db.execute("UPDATE record SET key = 'other' WHERE number = 2")
        _record_anew(db)
    record = next(it for it in examine_folder(folder, utc_now()) if it.subject == "record")
    assert "record was changed" not in record.detail
    said = [it for it in found(folder) if it.status == "problem"]
    assert said
    assert all("record" in it.detail for it in said)


def test_a_record_whose_middle_was_forged_is_told_with_its_leaf(folder: Path) -> None:
    with registry_by_hand(folder) as db:
        db.execute("UPDATE record SET content = ? WHERE number = 2", ("0" * 64,))
    (finding,) = (it for it in found(folder) if it.status == "problem")
    assert "row 2 of the record is not what leaf" in finding.detail


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("DELETE FROM batches WHERE agent = 'agent-1'", "missing in the batch ledger"),
        ("UPDATE batches SET digest = repeat('0', 64) WHERE agent = 'agent-1'", "another one"),
    ],
)
def test_a_batch_that_a_leaf_tells_and_the_batch_ledger_does_not(
    folder: Path, statement: str, says: str
) -> None:
    with telemetry_by_hand(folder) as db:
        db.execute(statement)
    (finding,) = (it for it in found(folder) if it.subject == "ledger and batches")
    assert (
        f"batch 1 of agent-1, which leaf 1 tells, is {says}" in finding.detail
        or says in finding.detail
    )
    assert "lineproof rebuild" in finding.todo


def test_a_rebuild_leaves_the_ledger_as_it_is(folder: Path) -> None:
    with open_stores(folder) as stores:
        before = stores.ledger.checkpoint_note()
    (folder / "telemetry.duckdb").unlink()
    rebuild_folder(folder, utc_now())
    with open_stores(folder) as stores:
        assert stores.ledger.checkpoint_note() == before
    assert only(folder).status == "ok"
    keep(folder)
    with open_stores(folder) as stores:
        assert stores.ledger.checkpoint_note() == before
