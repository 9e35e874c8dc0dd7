"""A ledger grows, proves what it holds, and says what of it was changed by other hands."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from whole_folder import ledger_by_hand

from domain.errors import NotFoundError, StorageError
from domain.ledger.checkpoints import parse_checkpoint
from domain.ledger.leaves import ChainHeadLeaf, Leaf, RecordLeaf, leaf_bytes
from domain.ledger.signed_notes import parse_note, verified_keys
from domain.ledger.tlog_proofs import parse_proof, verified_checkpoint
from domain.ledger.tree import is_consistent
from store.ledger.keys import make_ledger_key, verify_ed25519
from store.ledger.ledger import Ledger

AT = datetime(2026, 3, 2, tzinfo=UTC)


def row(number: int) -> RecordLeaf:
    return RecordLeaf(AT, number, "terms_versions", f"{number:064x}", f"{number + 1:064x}")


def head(agent: str, number: int) -> ChainHeadLeaf:
    return ChainHeadLeaf(AT, agent, number, f"{number:064x}")


# Eleven leaves in four checkpoints.
GIVEN: list[list[Leaf]] = [
    [row(1), row(2), row(3)],
    [head("a", 7), head("綫 b", 1)],
    [row(4)],
    [head("a", 9), row(5), row(6), row(7), row(8)],
]


def begun(folder: Path) -> Ledger:
    ledger = Ledger(folder / "ledger")
    ledger.begin("tko-foods")
    for leaves in GIVEN:
        ledger.append(leaves)
    return ledger


def test_every_leaf_is_proved_to_a_stranger_by_a_file_and_the_key(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    key = ledger.verifier_key()
    leaves = ledger.leaves(0, 100)
    assert [it for _, it in leaves] == [leaf_bytes(it) for page in GIVEN for it in page]
    for index, leaf in leaves:
        proof = parse_proof(str(ledger.proof(index)))
        assert verified_checkpoint(proof, leaf, [key], verify_ed25519) == ledger.checkpoint()
    assert list(ledger.faults()) == []


def test_each_checkpoint_is_signed_and_follows_from_those_before(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    ledger.begin("tko-foods")
    seen = []
    for leaves in GIVEN:
        ledger.append(leaves)
        note = parse_note(ledger.checkpoint_note())
        verified_keys(note, [ledger.verifier_key()], verify_ed25519)
        seen.append(parse_checkpoint(note.text))
    assert [it.size for it in seen] == [3, 5, 6, 11]
    for old in seen:
        for new in seen:
            if old.size <= new.size:
                proof = ledger.growth(old.size, new.size)
                assert is_consistent(old.size, new.size, proof, old.root, new.root)


def test_its_name_and_key_stay_and_are_the_plants(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    key = ledger.verifier_key()
    assert key.name.startswith("lineproof/tko-foods/")
    ledger.close()
    again = Ledger(tmp_path / "ledger")
    again.begin("other")
    assert again.verifier_key() == key
    assert again.size == 11
    assert stat.S_IMODE((tmp_path / "ledger" / "key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ledger").stat().st_mode) == 0o700


def test_what_it_knows_of_rows_and_agents(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    assert ledger.last_record() == row(8)
    assert ledger.leaf_of_record(1) == (0, row(1))
    assert ledger.leaf_of_record(4) == (5, row(4))
    assert ledger.leaf_of_record(9) is None
    assert ledger.heads() == {"a": 9, "綫 b": 1}


def test_one_that_was_not_begun_says_so(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    assert (ledger.is_begun, ledger.size, ledger.leaves(0, 9)) == (False, 0, [])
    assert ledger.leaf_of_record(1) is None
    with pytest.raises(NotFoundError, match="no leaf yet"):
        ledger.checkpoint_note()
    assert not (tmp_path / "ledger").exists()


@pytest.mark.parametrize("index", [-1, 11])
def test_a_leaf_that_it_does_not_have(tmp_path: Path, index: int) -> None:
    with pytest.raises(NotFoundError, match=f"no leaf {index}"):
        begun(tmp_path).proof(index)


@pytest.mark.parametrize(("first", "second"), [(0, 5), (6, 5), (5, 12)])
def test_sizes_between_which_there_is_no_proof(tmp_path: Path, first: int, second: int) -> None:
    with pytest.raises(NotFoundError, match="there is no proof"):
        begun(tmp_path).growth(first, second)


@pytest.mark.parametrize("again", [row(3), head("a", 9)])
def test_nothing_is_in_it_twice(tmp_path: Path, again: Leaf) -> None:
    ledger = begun(tmp_path)
    with pytest.raises(StorageError, match="UNIQUE"):
        ledger.append([row(9), again])
    assert ledger.size == ledger.checkpoint().size == 11
    assert list(ledger.faults()) == []
    ledger.append([row(9)])
    assert ledger.size == 12


@pytest.mark.parametrize("table", ["about", "leaves", "hashes", "checkpoints"])
def test_rows_are_only_ever_added(tmp_path: Path, table: str) -> None:
    ledger = begun(tmp_path)
    with closing(sqlite3.connect(ledger.folder / "tree.sqlite")) as db:
        column = db.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchone()[0]
        for change in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
            with pytest.raises(sqlite3.IntegrityError, match="only ever added"):
                db.execute(change)


SPOILT = {
    "a leaf changed": "UPDATE leaves SET leaf = replace(leaf, '2026-03-02', '2026-03-01') "
    "WHERE number = 4",
    "a leaf that is none": "UPDATE leaves SET leaf = '{}' WHERE number = 4",
    "a leaf gone": "DELETE FROM leaves WHERE number = 4",
    "the last leaf gone": "DELETE FROM leaves WHERE number = 10",
    "all leaves gone": "DELETE FROM leaves",
    "a leaf put in": "INSERT INTO leaves VALUES (11, '{}')",
    "two leaves exchanged": "UPDATE leaves SET number = CASE number WHEN 3 THEN -1 ELSE 3 END "
    "WHERE number IN (3, 4)",
    "a leaf's hash changed": "UPDATE hashes SET hash = zeroblob(32) WHERE level = 0 AND number = 3",
    "a hash that is none": "UPDATE hashes SET hash = 'x' WHERE level = 0 AND number = 3",
    "an inner hash changed": "UPDATE hashes SET hash = zeroblob(32) WHERE level = 1 AND number = 0",
    "a hash gone": "DELETE FROM hashes WHERE level = 2 AND number = 0",
    "a hash put in": "INSERT INTO hashes VALUES (0, 11, zeroblob(32))",
    "an old checkpoint changed": "UPDATE checkpoints SET note = replace(note, char(10) || '5' || "
    "char(10), char(10) || '4' || char(10)) WHERE size = 5",
    "an old checkpoint's size changed": "UPDATE checkpoints SET size = 4 WHERE size = 5",
    "an old checkpoint's signature gone": "UPDATE checkpoints SET note = 'x' WHERE size = 3",
    "the last checkpoint gone": "DELETE FROM checkpoints WHERE size = 11",
    "a checkpoint of nothing": "INSERT INTO checkpoints SELECT 0, note FROM checkpoints LIMIT 1",
    "the key changed": "UPDATE about SET verifier_key = replace(verifier_key, 'tko', 'tkx')",
    "all checkpoints gone": "DELETE FROM checkpoints",
}


@pytest.mark.parametrize("what", SPOILT)
def test_what_other_hands_change_is_said(tmp_path: Path, what: str) -> None:
    ledger = begun(tmp_path)
    ledger.close()
    with ledger_by_hand(tmp_path) as db:
        db.execute(SPOILT[what])
    with suppress(StorageError):
        assert list(ledger.faults())


# After these no more is signed; the others lie deeper than an addition looks.
UNSIGNABLE = [
    "the last leaf gone",
    "all leaves gone",
    "a leaf put in",
    "the last checkpoint gone",
    "all checkpoints gone",
    "the key changed",
    "an inner hash changed in the root",
]


@pytest.mark.parametrize("what", UNSIGNABLE)
def test_nothing_is_signed_that_differs_from_what_was_signed(tmp_path: Path, what: str) -> None:
    ledger = begun(tmp_path)
    ledger.close()
    root = "UPDATE hashes SET hash = zeroblob(32) WHERE level = 3 AND number = 0"
    with ledger_by_hand(tmp_path) as db:
        db.execute(SPOILT.get(what, root))
    with pytest.raises(StorageError) as refused:
        ledger.append([row(9)])
    assert "backup" in refused.value.todo


def _gone(path: Path) -> None:
    path.unlink()


def _another(path: Path) -> None:
    path.unlink()
    make_ledger_key(path)


def _damaged(path: Path) -> None:
    path.write_bytes(b"x")


@pytest.mark.parametrize("spoil", [_gone, _another, _damaged])
def test_without_its_key_nothing_is_added_and_all_is_proved(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    ledger = begun(tmp_path)
    spoil(tmp_path / "ledger" / "key.pem")
    with pytest.raises(StorageError):
        ledger.append([row(9)])
    assert ledger.size == 11
    assert any("nothing can be added" in it for it in ledger.faults())
    _, leaf = ledger.leaves(4, 1)[0]
    assert verified_checkpoint(ledger.proof(4), leaf, [ledger.verifier_key()], verify_ed25519)


@pytest.mark.parametrize("content", [b"", b"no database" * 100])
def test_a_file_that_is_no_ledger_is_said(tmp_path: Path, content: bytes) -> None:
    ledger = Ledger(tmp_path / "ledger")
    (tmp_path / "ledger").mkdir()
    make_ledger_key(tmp_path / "ledger" / "key.pem")
    (tmp_path / "ledger" / "tree.sqlite").write_bytes(content)
    with pytest.raises(StorageError, match="cannot be read"):
        ledger.append([row(1)])


def test_a_begin_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    """A crash after the key was made, and one in the middle of the file."""
    (tmp_path / "ledger").mkdir()
    make_ledger_key(tmp_path / "ledger" / "key.pem")
    (tmp_path / "ledger" / "tree.new").write_bytes(b"half")
    ledger = begun(tmp_path)
    assert list(ledger.faults()) == []
