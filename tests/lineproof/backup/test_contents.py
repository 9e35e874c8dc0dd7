"""What a backup takes while the node writes: ledger and registry always fit each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from import_plant import apply

from domain.errors import StorageError
from lineproof.backup.contents import taken_of
from store.archive.segment_appending import IncomingBatch
from store.node.ledger_keeper import LedgerKeeper, misfits
from store.node.opening import Stores, open_stores

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def copied(data: Path, into: Path) -> dict[str, bytes]:
    scratch = into / "scratch"
    scratch.mkdir(parents=True)
    return {it.name: it.file.read(it.size) for it in taken_of(data, scratch)}


def opened_copy(files: dict[str, bytes], into: Path) -> Stores:
    for name, data in files.items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_bytes(data)
    return open_stores(into)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        apply(opened)
        yield opened


def test_ledger_and_registry_fit_whatever_is_written_meanwhile(
    stores: Stores, tmp_path: Path
) -> None:
    keeper = LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, lambda: NOW)
    keeper.refresh()
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            stores.registry.agents.enrol(f"agent-{number}", number.to_bytes(32, "big"), NOW)
            keeper.refresh()

    writer = threading.Thread(target=write)
    writer.start()
    rows = []
    try:
        for turn in range(12):
            files = copied(tmp_path / "node", tmp_path / f"{turn}-made")
            with opened_copy(files, tmp_path / f"{turn}") as copy:
                assert list(misfits(copy.ledger, copy.registry)) == []
                assert list(copy.ledger.faults()) == []
                rows.append(len(copy.registry.agents.all()))
    finally:
        stop.set()
        writer.join()
    assert rows == sorted(rows)
    assert rows[-1] > rows[0], "nothing was written meanwhile"


def test_where_they_do_not_fit_it_looks_again(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where leaves were added between the look at the one and at the other."""
    keeper = LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, lambda: NOW)
    keeper.refresh()
    end = stores.registry.ledger_ends.last()
    assert end is not None
    stores.registry.ledger_ends.keep(replace(end, size=end.size + 5))
    monkeypatch.setattr(
        "lineproof.backup.contents.time.sleep", lambda _: stores.registry.ledger_ends.keep(end)
    )
    files = copied(tmp_path / "node", tmp_path / "made")
    with opened_copy(files, tmp_path / "copy") as copy:
        assert list(misfits(copy.ledger, copy.registry)) == []


def test_of_a_segment_whole_records_are_taken(stores: Stores, tmp_path: Path) -> None:
    batches = [IncomingBatch("a", f"{it:064x}", b"x" * 100, NOW, NOW) for it in range(3)]
    stores.archive.put_all(batches)
    (segment,) = (tmp_path / "node" / "archive").rglob("*.segment")
    whole = segment.read_bytes()
    with segment.open("ab") as file:
        file.write(whole[-50:])  # as of an append that goes on
    files = copied(tmp_path / "node", tmp_path / "made")
    assert files[segment.relative_to(tmp_path / "node").as_posix()] == whole


def test_what_is_made_anew_is_left_out_and_links_are_followed(
    stores: Stores, tmp_path: Path
) -> None:
    node = tmp_path / "node"
    (node / "agents" / "a").mkdir(parents=True)
    for name in ("spool.sqlite", "spool.journal", "agent.key", "clocks.json"):
        (node / "agents" / "a" / name).write_bytes(b"1")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "own.yaml").write_text("name: own")
    (node / "profiles").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(node)
    (node / "rebuild").mkdir()
    (node / "rebuild" / "telemetry.duckdb").write_bytes(b"half")
    taken = set(copied(node, tmp_path / "made"))
    assert {"agents/a/agent.key", "agents/a/clocks.json", "profiles/own.yaml"} <= taken
    made_anew = ("spool", "telemetry", "backup.lock", "index.sqlite", "-wal", "-shm", "back/")
    assert not [it for it in taken if any(word in it for word in made_anew)]


def test_files_may_come_and_go_meanwhile(stores: Stores, tmp_path: Path) -> None:
    """As an agent's do, which are written beside their place and renamed."""
    folder = tmp_path / "node" / "agents" / "a"
    folder.mkdir(parents=True)
    for number in range(50):
        (folder / f"{number}.new").write_bytes(b"x")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    taken = taken_of(tmp_path / "node", scratch)
    first = next(it.name for it in taken if it.name.startswith("agents/"))
    for path in folder.iterdir():
        path.unlink()
    assert [it.name for it in taken if it.name.startswith("agents/")] == []
    assert first == "agents/a/0.new"


def test_a_database_that_cannot_be_read_is_one_sentence(stores: Stores, tmp_path: Path) -> None:
    stores.close()
    registry = tmp_path / "node" / "registry.sqlite"
    data = registry.read_bytes()
    registry.write_bytes(data[:100] + bytes(len(data) - 100))
    with pytest.raises(StorageError, match=r"registry\.sqlite: this database cannot be copied"):
        copied(tmp_path / "node", tmp_path / "made")
