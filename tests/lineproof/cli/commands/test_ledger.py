"""A plant's node tells its ledger, running or stopped; what an officer took away is checked by
the files alone."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from command_line import answer, lineproof, node, refused, run
from peers import ROOT, wait_until

from domain.ledger.leaves import ChainHeadLeaf, RecordLeaf, parse_leaf
from domain.ledger.signed_notes import COSIGNATURE, VerifierKey
from store.node.opening import open_stores

EXAMPLES = ROOT / "docs" / "examples"


@dataclass(frozen=True)
class Taken:
    """What was taken away, and the data folder, whose node has stopped."""

    data: Path
    proof: Path
    policy: Path
    shown: dict[str, str | int]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    folder = tmp_path_factory.mktemp("taken")
    data, plant = folder / "node", EXAMPLES / "plant.yaml"
    lineproof("apply", "-f", plant, "-f", EXAMPLES / "grant.yaml", "--data", data)
    lineproof("import", "--data", data, "--line", "press-1", EXAMPLES / "history.csv")
    with node(data, plant) as running:
        wait_until(lambda: run("ledger", "show", "--url", running.url).status == 0, "the ledger")
        leaves = [parse_leaf(it["leaf"].encode()) for it in running.rows("ledger/leaves")]
        assert {it.of for it in leaves if isinstance(it, RecordLeaf)} > {"terms_versions"}
        assert any(isinstance(it, ChainHeadLeaf) and it.agent == "import" for it in leaves)
        terms = next(
            index
            for index, it in enumerate(leaves)
            if isinstance(it, RecordLeaf) and it.of == "terms_versions"
        )
        proof, policy = folder / "terms.tlog-proof", folder / "policy"
        lineproof("ledger", "prove", "--url", running.url, "--leaf", str(terms), "-o", proof)
        policy.write_text(lineproof("ledger", "policy", "--url", running.url).output)
        shown = answer("ledger", "show", "--url", running.url)
    return Taken(data, proof, policy, shown)


def test_what_was_taken_away_is_checked_without_the_node(taken: Taken) -> None:
    found = answer("ledger", "verify", taken.proof, "--policy", taken.policy)
    assert found["verified"] is True
    assert found["origin"] == taken.shown["origin"]
    assert json.loads(found["leaf"])["of"] == "terms_versions"


def test_a_stopped_node_tells_the_same(taken: Taken, tmp_path: Path) -> None:
    shown = answer("ledger", "show", "--data", taken.data)
    assert shown["origin"] == taken.shown["origin"]
    assert shown["size"] >= taken.shown["size"]
    again = tmp_path / "again.tlog-proof"
    lineproof("ledger", "prove", "--data", taken.data, "--leaf", "0", "-o", again)
    assert answer("ledger", "verify", again, "--policy", taken.policy)["index"] == 0
    assert lineproof("ledger", "policy", "--data", taken.data).output == taken.policy.read_text()


def test_before_anything_is_told_no_witness_can_be_asked(tmp_path: Path) -> None:
    data = tmp_path / "node"
    with open_stores(data):
        pass
    key = VerifierKey("witness.example", COSIGNATURE, bytes(32))
    assert "neither a witness nor" in refused("ledger", "witness", "--data", data)
    (data / "witnesses.policy").write_text(f"witness w {key} http://127.0.0.1:1\nquorum w\n")
    assert "the ledger has no leaf yet" in refused("ledger", "witness", "--data", data)
    (data / "witnesses.policy").write_text("witness w\n")
    said = refused("ledger", "witness", "--data", data)
    assert "witnesses.policy, line 1: the policy cannot be read" in said


def test_a_changed_file_is_not_verified(taken: Taken, tmp_path: Path) -> None:
    other = tmp_path / "other.tlog-proof"
    index = "index "
    number = int(taken.proof.read_text().partition(index)[2].partition("\n")[0])
    text = taken.proof.read_text().replace(f"{index}{number}", f"{index}{number + 1}")
    other.write_text(text)
    outcome = run("ledger", "verify", other, "--policy", taken.policy)
    assert outcome.status == 1
    assert "the leaf is not number" in outcome.errors
    leaf = tmp_path / "leaf"
    leaf.write_bytes(b"{}")
    outcome = run("ledger", "verify", taken.proof, "--policy", taken.policy, "--leaf", leaf)
    assert outcome.status == 1


def test_another_ledgers_policy_trusts_it_not(taken: Taken, tmp_path: Path) -> None:
    other = tmp_path / "policy"
    other.write_text("quorum none\n")
    outcome = run("ledger", "verify", taken.proof, "--policy", other)
    assert outcome.status == 1
    assert "nobody who is trusted" in outcome.errors


def test_wrong_files_are_said(taken: Taken, tmp_path: Path) -> None:
    assert "no such file" in refused("ledger", "verify", "gone", "--policy", taken.policy)
    assert "no proof of a leaf" in refused(
        "ledger", "verify", taken.policy, "--policy", taken.policy
    )
    assert "policy cannot be read" in refused(
        "ledger", "verify", taken.proof, "--policy", taken.proof
    )
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"\xff\xfe")
    assert "UTF-8" in refused("ledger", "verify", rubbish, "--policy", taken.policy)
    assert "no data folder" in refused("ledger", "show", "--data", tmp_path / "none")
    assert "there is no leaf 9999" in refused(
        "ledger", "prove", "--data", taken.data, "--leaf", "9999", "-o", tmp_path / "x"
    )


@pytest.fixture
def other_terms(tmp_path: Path) -> Path:
    """The grant with another target of its first milestone."""
    text = (EXAMPLES / "grant.yaml").read_text()
    changed = re.sub(r"target: [0-9.]+", "target: 0.01", text, count=1)
    assert changed != text
    (tmp_path / "grant.yaml").write_text(changed)
    return tmp_path / "grant.yaml"


def test_terms_that_are_applied_while_the_node_stands_still_are_told_at_once(
    taken: Taken, tmp_path: Path, other_terms: Path
) -> None:
    data = tmp_path / "node"
    shutil.copytree(taken.data, data)
    before = answer("ledger", "show", "--data", data)
    lineproof("apply", "-f", other_terms, "--data", data)
    after = answer("ledger", "show", "--data", data)
    assert after["size"] == before["size"] + 2  # the grant file and the terms
    assert run("doctor", "--data", data).status == 0


def test_a_ledger_that_cannot_be_gone_on_with_is_told_and_the_files_are_applied(
    taken: Taken, tmp_path: Path, other_terms: Path
) -> None:
    data = tmp_path / "node"
    shutil.copytree(taken.data, data)
    (data / "ledger" / "key.pem").unlink()
    outcome = lineproof("apply", "-f", other_terms, "--data", data)
    assert "key.pem" in outcome.errors
    assert "Nothing changed" not in outcome.output
    assert "Nothing changed" in lineproof("apply", "-f", other_terms, "--data", data).output
