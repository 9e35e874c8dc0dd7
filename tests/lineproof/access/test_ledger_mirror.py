"""A mirror of the ledger is read by a program of another author (aics-tlog): from a folder, and
from a running node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import lineproof, node, run
from peers import PATIENCE_S, require_python_peer, wait_until
from small_ledger import begun, copied, head, row
from whole_folder import EXAMPLES, make

from domain.errors import InputError
from domain.ledger.tiles import Tile
from domain.ledger.tree import leaf_hash
from lineproof.access.ledger_mirror import write_mirror
from lineproof.access.ledgers import LocalLedger
from store.ledger.ledger import Ledger


def of_local(ledger: Ledger) -> LocalLedger:
    return LocalLedger(ledger, ledger.folder.parent / "witnesses.policy")


def told(command: str, *words: str | Path) -> dict[str, Any]:
    """What the foreign program says."""
    given = [require_python_peer("aics-tlog"), command, *words]
    done = subprocess.run(given, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    return dict(json.loads(done.stdout))


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "log.vkey"


def test_a_foreign_reader_proves_what_it_finds_in_the_folder(tmp_path: Path, key: Path) -> None:
    """Of one leaf, of a tile and one more, of several hundred."""
    ledger, mirror = begun(tmp_path, row(1)), tmp_path / "mirror"
    key.write_text(f"{ledger.verifier_key()}\n")
    earlier = tmp_path / "earlier"
    for size in (1, 256, 257, 700):
        if size > ledger.size:
            ledger.append([row(number + 1) for number in range(ledger.size, size)])
        assert write_mirror(of_local(ledger), mirror, with_entries=True)[0] == size
        found = told("verify-checkpoint", "--tiles", mirror, "--vkey-file", key)
        assert (found["ok"], found["size"]) == (True, size), found
        for index in {0, size // 2, size - 1}:
            entry = tmp_path / "entry"
            found = told(
                "verify-inclusion", "--tiles", mirror, "--vkey-file", key, "--index", str(index),
                "--entry-out", entry,
            )  # fmt: skip
            assert found["ok"], found
            assert entry.read_bytes() == ledger.leaves(index, 1)[0][1]
        if size > 1:
            found = told(
                "verify-consistency", "--tiles", mirror, "--vkey-file", key,
                "--old-checkpoint", earlier,
            )  # fmt: skip
            assert found["ok"], found
        earlier.write_text(ledger.checkpoint_note())
    ledger.close()


def test_a_changed_mirror_is_not_believed(tmp_path: Path, key: Path) -> None:
    ledger, mirror = begun(tmp_path, *map(row, range(1, 301))), tmp_path / "mirror"
    key.write_text(f"{ledger.verifier_key()}\n")
    write_mirror(of_local(ledger), mirror, with_entries=False)
    wanted = ("--tiles", mirror, "--vkey-file", key, "--index", "3", "--leaf-hash")
    hashed = leaf_hash(ledger.leaves(3, 1)[0][1])
    assert told("verify-inclusion", *wanted, hashed.hex())["ok"]
    tile = mirror / Tile(0, 0).path
    data = bytearray(tile.read_bytes())
    data[2 * 32] ^= 1
    tile.write_bytes(data)
    assert not told("verify-inclusion", *wanted, hashed.hex())["ok"]
    ledger.close()


def test_without_entries_no_name_is_in_it(tmp_path: Path) -> None:
    ledger, mirror = begun(tmp_path, head(1, "secret-hall")), tmp_path / "mirror"
    write_mirror(of_local(ledger), mirror, with_entries=False)
    assert not any(b"secret-hall" in it.read_bytes() for it in mirror.rglob("*") if it.is_file())
    write_mirror(of_local(ledger), mirror, with_entries=True)
    assert b"secret-hall" in (mirror / Tile(None, 0, 1).path).read_bytes()
    ledger.close()


def test_it_is_brought_up_to_date_without_writing_all_again(tmp_path: Path) -> None:
    ledger, mirror = begun(tmp_path, *map(row, range(1, 601))), tmp_path / "mirror"
    assert write_mirror(of_local(ledger), mirror, with_entries=False) == (600, 5)
    assert write_mirror(of_local(ledger), mirror, with_entries=False) == (600, 3)
    ledger.append([row(601)])
    assert write_mirror(of_local(ledger), mirror, with_entries=False) == (601, 3)
    assert not [it for it in mirror.rglob("*") if it.name.endswith(".new")]
    ledger.close()


def test_a_mirror_of_another_or_of_more_is_left_as_it_is(tmp_path: Path) -> None:
    ledger = begun(tmp_path)
    before, mirror = copied(ledger, tmp_path / "before"), tmp_path / "mirror"
    ledger.append([row(4)])
    write_mirror(of_local(ledger), mirror, with_entries=False)
    kept = (mirror / "checkpoint").read_bytes()
    for other in (before, begun(tmp_path / "other", *map(row, range(1, 10)))):
        with pytest.raises(InputError, match="the folder holds 4 leaves of lineproof/tko-foods/"):
            write_mirror(of_local(other), mirror, with_entries=False)
        other.close()
    assert (mirror / "checkpoint").read_bytes() == kept
    (mirror / "checkpoint").write_bytes(b"\xff")
    with pytest.raises(InputError, match="the folder holds something else"):
        write_mirror(of_local(ledger), mirror, with_entries=False)
    ledger.close()


def test_a_running_node_is_a_log_for_mirrors(tmp_path: Path, key: Path) -> None:
    data, plant = make(tmp_path / "node"), EXAMPLES / "plant.yaml"
    with node(data, plant) as running:
        asked = ("ledger", "policy", "--url", running.url)
        wait_until(lambda: run(*asked).status == 0, "the ledger to be begun")
        key.write_text(lineproof(*asked).output.splitlines()[0].removeprefix("log ") + "\n")
        prefix = f"{running.url}/api/v1/ledger"
        found = told("verify-checkpoint", "--tiles", prefix, "--vkey-file", key)
        assert found["ok"], found
        entry = tmp_path / "entry"
        found = told(
            "verify-inclusion", "--tiles", prefix, "--vkey-file", key, "--index", "0",
            "--entry-out", entry,
        )  # fmt: skip
        assert found["ok"], found
        assert entry.read_text() == running.get("ledger/leaves", limit="1")[0]["leaf"]
        mirror = tmp_path / "mirror"
        lineproof("ledger", "tiles", "--url", running.url, "-o", mirror, "--entries")
    assert told("verify-checkpoint", "--tiles", mirror, "--vkey-file", key)["ok"]
    again = tmp_path / "again"
    lineproof("ledger", "tiles", "--data", data, "-o", again)
    assert told("verify-checkpoint", "--tiles", again, "--vkey-file", key)["ok"]
