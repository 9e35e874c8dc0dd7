"""A ledger that was changed, rolled back or forked is seen: by its own signatures, by what the
reader kept, by who cosigned it."""

from __future__ import annotations

import shutil
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from forging import Files, caught, edited, made, put_together
from whole_folder import registry_by_hand

from domain.ledger.signed_notes import COSIGNATURE, VerifierKey
from lineproof.clock import utc_now
from lineproof.dossier import paths
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier
from store.node.opening import open_stores


def test_another_ledger_signed_it(own: Path, node: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    with open_stores(node) as stores:
        policy.write_text(f"log {stores.ledger.verifier_key()}\nquorum none\n", encoding="utf-8")
    with registry_by_hand(own) as other:
        other.execute("DELETE FROM ledger_end")
    shutil.rmtree(own / "ledger")
    forged = made(own, tmp_path / "f.zip")
    assert verify_dossier(forged).verified  # by its own word
    failed = caught(forged, policy=policy)
    assert failed.check is DossierCheck.CHECKPOINT_SIGNATURE
    assert "the policy does not trust the ledger" in failed.says


def test_the_checkpoint_was_changed(files: Files, tmp_path: Path) -> None:
    lines = files[paths.CHECKPOINT].decode().split("\n")
    lines[1] = str(int(lines[1]) - 1)
    forged = {**files, paths.CHECKPOINT: "\n".join(lines).encode()}
    failed = caught(put_together(forged, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.CHECKPOINT_SIGNATURE


def test_a_leaf_was_changed(files: Files, tmp_path: Path) -> None:
    forged = edited(files, paths.LEAVES, '\\"number\\":1,', '\\"number\\":2,')
    failed = caught(put_together(forged, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.INCLUSION
    assert "not the leaves that the checkpoint signs" in failed.says


def test_a_proof_is_of_another_leaf(files: Files, tmp_path: Path) -> None:
    first, second = sorted(it for it in files if it.startswith("ledger/proofs/"))[:2]
    forged = {**files, first: files[second]}
    assert verify_dossier(put_together(forged, tmp_path / "f.zip")).verified  # true, if misnamed
    spoilt = files[first].replace(b"index ", b"index 1", 1)
    failed = caught(put_together({**files, first: spoilt}, tmp_path / "g.zip"))
    assert (failed.check, failed.path) == (DossierCheck.INCLUSION, first)


def test_the_ledger_was_rolled_back(own: Path, honest: Path, tmp_path: Path) -> None:
    """The officer has a dossier; the node goes back to before, and goes on otherwise."""
    with open_stores(own) as stores:
        size = stores.ledger.size
    later = made(own, tmp_path / "later.zip")
    assert verify_dossier(later, seen=[honest]).verified
    before = tmp_path / "before"
    shutil.copytree(own, before)
    with open_stores(own) as stores:
        stores.registry.agents.enrol("hall-9", b"k" * 32, utc_now())
    kept = made(own, tmp_path / "kept.zip")
    rolled_back = made(before, tmp_path / "back.zip")
    failed = caught(rolled_back, seen=[honest, kept])
    assert failed.check is DossierCheck.CONSISTENCY
    assert "rolled back" in failed.says
    assert size > 0


def test_the_ledger_was_forked(own: Path, honest: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(own, other)
    shown = []
    for folder, names in ((own, ["hall-8"]), (other, ["hall-9", "hall-10"])):
        for name in names:
            with open_stores(folder) as stores:
                stores.registry.agents.enrol(name, name.encode().ljust(32, b"k"), utc_now())
            made(folder, tmp_path / f"{name}.zip")
        shown.append(tmp_path / f"{names[-1]}.zip")
    failed = caught(shown[1], seen=[shown[0]])
    assert failed.check is DossierCheck.CONSISTENCY
    assert "forked" in failed.says


def test_a_witness_is_asked_for_and_did_not_sign(files: Files, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    witness = VerifierKey("witness.example", COSIGNATURE, key)
    policy = tmp_path / "policy"
    log = files[paths.POLICY].decode().splitlines()[0]
    policy.write_text(f"{log}\nwitness w {witness}\nquorum w\n", encoding="utf-8")
    failed = caught(put_together(files, tmp_path / "f.zip"), policy=policy)
    assert failed.check is DossierCheck.WITNESSES


def test_the_rows_json_of_a_leaf_says_something_else(files: Files, tmp_path: Path) -> None:
    lines = [orjson.loads(it) for it in files[paths.LEAVES].splitlines()]
    told = next(it for it in lines if "row" in it)
    told["row"] = told["row"].replace("2026", "2025", 1)
    forged = {**files, paths.LEAVES: b"".join(orjson.dumps(it) + b"\n" for it in lines)}
    failed = caught(put_together(forged, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.INCLUSION
    assert "it was changed" in failed.says
