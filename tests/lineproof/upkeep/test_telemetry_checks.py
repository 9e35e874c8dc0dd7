"""Whatever other hands do to a table of the DuckDB file, the doctor names it and says `rebuild`,
which mends it. The cells come from the file's own tables."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from archived import rewrite
from whole_folder import EXAMPLES, another, make, telemetry_by_hand

from collector.facts.keeper import FactsKeeper
from lineproof.clock import utc_now
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from lineproof.upkeep.findings import Finding
from lineproof.upkeep.folder import examine_folder
from lineproof.upkeep.rebuild import rebuild_folder
from lineproof.upkeep.telemetry_checks import recomputed_facts
from store.node.opening import open_stores

TABLES = ("batches", "cleared", "derivations", "facts", "kinds", "marks", "readings", "rejections",
          "series", "spans", "version")  # fmt: skip
# The newest version counts, and without one the tables are made, which are there.
_HARMLESS = {("version", "gone"), ("version", "twice")}
_HANDS = {
    "gone": "DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})",
    "twice": "INSERT INTO {table} SELECT * FROM {table} LIMIT 1",
}
# One column of each, by which figures go wrong: every column would take minutes.
_CHANGED = {
    "batches": "received", "cleared": "mark", "derivations": "line", "facts": "producing_us",
    "kinds": "plan", "marks": "end", "readings": "value", "rejections": "reason",
    "series": "signal", "spans": "end", "version": "number",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("telemetry") / "node")


@pytest.fixture
def node(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "node")


def _wrong(node: Path) -> list[Finding]:
    """But for the rejection that the folder is made with."""
    found = examine_folder(node, utc_now())
    return [it for it in found if it.status != "ok" and it.subject != "rejections"]


def test_every_table_of_the_file_has_its_cells(made: Path) -> None:
    with telemetry_by_hand(made) as db:
        names = db.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert sorted(name for (name,) in names) == sorted(TABLES)
    assert _wrong(made) == []


@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_was_changed(node: Path, table: str) -> None:
    column = _CHANGED[table]
    with telemetry_by_hand(node) as db:
        row = db.execute(
            f'SELECT rowid, "{column}" FROM {table} WHERE "{column}" IS NOT NULL LIMIT 1'
        ).fetchone()
        assert row is not None, "the folder has no row of it"
        values = [another(row[1]), row[0]]
        db.execute(f'UPDATE {table} SET "{column}" = ? WHERE rowid = ?', values)
    found = _wrong(node)
    assert found
    assert any("lineproof rebuild" in it.todo or "running node" in it.todo for it in found), found


@pytest.mark.parametrize("hand", list(_HANDS))
@pytest.mark.parametrize("table", TABLES)
def test_a_row_that_is_gone_or_there_twice(node: Path, table: str, hand: str) -> None:
    try:
        with telemetry_by_hand(node) as db:
            db.execute(_HANDS[hand].format(table=table))
    except duckdb.ConstraintException:
        return  # the file takes no second one
    assert bool(_wrong(node)) == ((table, hand) not in _HARMLESS)


def test_what_the_doctor_says_mends_it(node: Path) -> None:
    with telemetry_by_hand(node) as db:
        db.execute("UPDATE readings SET value = value + 1 WHERE value IS NOT NULL")
        db.execute("DELETE FROM marks")
    assert {it.subject for it in _wrong(node)} >= {"telemetry samples", "telemetry tables"}
    rebuild_folder(node, utc_now())
    assert _wrong(node) == []


@pytest.mark.parametrize("how", ["gone", "empty", "cut", "noise", "folder"])
def test_a_file_that_is_gone_or_damaged_says_rebuild_which_mends_it(node: Path, how: str) -> None:
    file = node / "telemetry.duckdb"
    data = file.read_bytes()
    file.unlink()
    if how == "folder":
        file.mkdir()
    elif how != "gone":
        file.write_bytes({"empty": b"", "cut": data[: len(data) // 2], "noise": b"x" * 9999}[how])
    found = _wrong(node)
    assert any("lineproof rebuild" in it.todo for it in found), found
    rebuild_folder(node, utc_now())
    assert _wrong(node) == []


@pytest.mark.parametrize(
    "name", ["registry.sqlite", "store.yaml", "archive", "documents", "archive/segments"]
)
@pytest.mark.parametrize("how", ["gone", "folder", "noise", "loop"])
def test_odd_things_in_the_folder_are_findings_and_no_fault_of_the_program(
    node: Path, name: str, how: str
) -> None:
    path = node / name
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if how == "folder":
        (path / "odd").mkdir(parents=True)
    elif how == "noise":
        path.write_bytes(bytes(range(256)) * 9)
    elif how == "loop":
        path.symlink_to(path.name)
    is_nothing = name == "store.yaml" and how in ("gone", "loop")
    assert bool(_wrong(node)) != is_nothing


def test_a_batch_that_the_registry_has_no_key_of(node: Path) -> None:
    """Signatures are checked by the registry's keys, not only by what the ledger says."""
    with open_stores(node) as stores:
        digest = next(it.digest for it in stores.telemetry.batches() if it.agent == "agent-1")
        lines = stores.archive.get(digest).split(b"\n", 3)
    lines[2] = lines[2][::-1]
    rewrite(node / "archive", {digest: b"\n".join(lines)})
    assert "chain agent-1" in {it.subject for it in _wrong(node)}


def test_a_slice_that_a_node_waits_with_is_none_that_it_lacks(tmp_path: Path) -> None:
    """The node stopped a minute after it closed, and would have stored it some minutes later."""
    history, stopped = tmp_path / "history.csv", datetime(2026, 3, 2, 2, 1, tzinfo=UTC)
    rows = [f"2026-03-02T0{hour}:01:00Z,press,total_count,{hour}" for hour in range(3)]
    history.write_text("\n".join(["time,machine,signal,value", *rows]))
    with open_stores(tmp_path / "node") as stores:
        apply_files(stores.registry, [EXAMPLES / "plant.yaml"], stopped)
        import_files(stores, None, "press-1", [history], now=stopped)
        assert list(recomputed_facts(stores, stopped + timedelta(minutes=30))) == []
        (found,) = recomputed_facts(stores, stopped + timedelta(hours=2))
        assert (found.subject, found.status) == ("facts press-1", "warning")
        FactsKeeper(stores.telemetry, stores.registry.facts_basis, utc_now).refresh()
        assert list(recomputed_facts(stores, stopped + timedelta(hours=2))) == []
