"""Each forgery is caught by the check that should catch it, with a sentence that says what.

Three forgers: one has the dossier alone and mends its manifest; one owns the node, too, and lets
its ledger vouch for what they changed; one changed the node's files before the dossier was made.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from archived import lying, rewrite
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from forging import (
    Files,
    batches_in,
    caught,
    edited,
    made,
    payload_start,
    put_together,
    sealed_anew,
    with_batches,
)
from sqlalchemy import create_engine
from whole_folder import registry_by_hand, telemetry_by_hand

from domain.batches import SealedBatch, parse_batch
from lineproof.clock import utc_now
from lineproof.dossier import paths
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier
from store.ledger.ledger import Ledger
from store.node.opening import open_stores
from store.registry.record import insert_recorded
from store.registry.tables import agent_keys

AGENT = "batches/agent-1/000000000001.batches"
IMPORTED = "batches/import/000000000001.batches"


def test_an_honest_one_holds(honest: Path) -> None:
    outcome = verify_dossier(honest)
    assert outcome.failed is None
    assert list(outcome.held) == list(DossierCheck)
    assert (outcome.milestones, outcome.days) == (2, outcome.of_days)
    assert outcome.days > 20


def _verdict(files: Files) -> Files:
    return edited(files, paths.VERDICTS, '"status": "', '"status": "met", "was": "')


def _facts(files: Files) -> Files:
    path = next(it for it in files if it.startswith("facts/") and it.endswith(".csv"))
    return edited(files, path, "3600000000", "3599000000")


def _decision(files: Files) -> Files:
    return edited(files, paths.DECISIONS, "as was told", "it was fine")


def _reading(files: Files) -> Files:
    return edited(files, paths.DECISIONS, '"agreement": "differs"', '"agreement": "agrees"')


def _change(files: Files) -> Files:
    return edited(files, paths.DECISIONS, "two shifts", "no shift")


def _correction(files: Files) -> Files:
    return edited(files, paths.CORRECTIONS, '"amount": 1.0', '"amount": 0.0')


def _about(files: Files) -> Files:
    return edited(files, paths.ABOUT, '"project": "', '"project": "ANOTHER-')


def _terms(files: Files) -> Files:
    path = next(it for it in files if it.startswith("terms/"))
    return {**files, path: files[path].replace(b"1", b"0", 1)}


def _plant(files: Files) -> Files:
    path = next(it for it in files if it.startswith("plants/"))
    return {
        **files,
        path: files[path].replace(b"ideal_cycle_time_s: ", b"ideal_cycle_time_s: 9", 1),
    }


def _attachment(files: Files) -> Files:
    path = next(it for it in files if it.startswith("attachments/"))
    return {**files, path: files[path] + b"!"}


EDITS: dict[str, tuple[Callable[[Files], Files], DossierCheck]] = {
    "verdict": (_verdict, DossierCheck.VERDICTS_FROM_FACTS),
    "facts": (_facts, DossierCheck.FACTS_FROM_BATCHES),
    "decision": (_decision, DossierCheck.DECISIONS),
    "a panel beside the series": (_reading, DossierCheck.DECISIONS),
    "change request": (_change, DossierCheck.DECISIONS),
    "correction": (_correction, DossierCheck.CORRECTIONS),
    "terms": (_terms, DossierCheck.TERMS_BEFORE_WINDOW),
    "plant": (_plant, DossierCheck.TERMS_BEFORE_WINDOW),
    "attachment": (_attachment, DossierCheck.ATTACHMENTS),
    "another project": (_about, DossierCheck.TERMS_BEFORE_WINDOW),
}


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_was_changed(files: Files, tmp_path: Path, edit: str) -> None:
    change, _ = EDITS[edit]
    failed = caught(put_together(change(files), tmp_path / "f.zip", mended=False))
    assert failed.check is DossierCheck.MANIFEST
    assert failed.path in files
    assert "it was changed" in failed.says


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_was_changed_and_the_manifest_mended(
    files: Files, tmp_path: Path, edit: str
) -> None:
    change, _ = EDITS[edit]
    failed = caught(put_together(change(files), tmp_path / "f.zip"))
    assert failed.check is DossierCheck.INCLUSION
    assert "no leaf of the ledger vouches for these files" in failed.says


@pytest.mark.parametrize("edit", EDITS)
def test_a_file_was_changed_and_the_ledger_vouches_for_it(
    own: Path, files: Files, tmp_path: Path, edit: str
) -> None:
    change, check = EDITS[edit]
    failed = caught(sealed_anew(own, change(files), tmp_path / "f.zip"))
    assert failed.check is check


def test_a_difference_is_named_with_both_values(own: Path, files: Files, tmp_path: Path) -> None:
    failed = caught(sealed_anew(own, _facts(files), tmp_path / "f.zip"))
    assert failed.path.startswith("facts/")
    assert "3599000000 there, 3600000000 from the batches" in failed.says
    failed = caught(sealed_anew(own, _correction(files), tmp_path / "g.zip"))
    assert "amount: the dossier says 0.0, the evidence gives 1.0" in failed.says


def test_a_file_was_taken_out_or_put_in(files: Files, tmp_path: Path) -> None:
    without = {name: data for name, data in files.items() if name != paths.DECISIONS}
    failed = caught(put_together(without, tmp_path / "f.zip", mended=False))
    assert (failed.check, failed.path) == (DossierCheck.MANIFEST, paths.DECISIONS)
    more = {**files, "timestamps/now.tsr": b"x"}
    failed = caught(put_together(more, tmp_path / "g.zip", mended=False))
    assert (failed.check, failed.path) == (DossierCheck.MANIFEST, "timestamps/now.tsr")


# batches


def _left_out(files: Files) -> Files:
    return with_batches(files, IMPORTED, batches_in(files, IMPORTED)[1:])


def _cut_off(files: Files) -> Files:
    return with_batches(files, IMPORTED, batches_in(files, IMPORTED)[:-1])


def _repeated(files: Files) -> Files:
    batches = batches_in(files, IMPORTED)
    return with_batches(files, IMPORTED, [batches[0], *batches])


def _reordered(files: Files) -> Files:
    return with_batches(files, IMPORTED, batches_in(files, IMPORTED)[::-1])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_left_out, "batches before it are missing"),
        (_cut_off, "the ledger has seen number"),
        (_repeated, "another batch of that number stands before it"),
        (_reordered, "batches before it are missing"),
    ],
)
def test_batches_that_are_not_the_chain(
    own: Path, files: Files, tmp_path: Path, change: Callable[[Files], Files], says: str
) -> None:
    assert len(batches_in(files, IMPORTED)) > 1
    failed = caught(sealed_anew(own, change(files), tmp_path / "f.zip"))
    assert failed.check is DossierCheck.BATCH_CHAINS
    assert says in failed.says


def test_a_sample_was_changed_in_a_batch(own: Path, files: Files, tmp_path: Path) -> None:
    (batch,) = batches_in(files, AGENT)
    data = bytearray(batch.data)
    data[payload_start(batch) + 100] ^= 1
    forged = with_batches(files, AGENT, [replace(batch, data=bytes(data))])
    failed = caught(sealed_anew(own, forged, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.BATCH_SIGNATURES
    assert "its content is not what its agent signed" in failed.says


def test_a_batch_was_signed_with_another_key(own: Path, files: Files, tmp_path: Path) -> None:
    (arrived,) = batches_in(files, AGENT)
    batch = parse_batch(arrived.data)
    signature = Ed25519PrivateKey.generate().sign(batch.header.signed_bytes)
    again = SealedBatch(batch.header, signature, batch.payload).to_bytes()
    forged = with_batches(files, AGENT, [replace(arrived, data=again)])
    failed = caught(sealed_anew(own, forged, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.BATCH_SIGNATURES
    assert "not signed by a key that its agent had" in failed.says


def test_the_agents_chain_was_sealed_anew_with_its_own_key(
    own: Path, files: Files, tmp_path: Path
) -> None:
    from sender import Sender, counts

    (arrived,) = batches_in(files, AGENT)
    forged = Sender("agent-1").seal(counts(7))
    forged_files = with_batches(files, AGENT, [replace(arrived, data=forged.to_bytes())])
    failed = caught(sealed_anew(own, forged_files, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.BATCH_CHAINS
    assert "is not the one that the ledger has seen" in failed.says


def test_an_agents_key_was_put_in_by_who_owns_the_node(own: Path, tmp_path: Path) -> None:
    """Told to the record and the ledger as an honest one would be, but not signed by the key
    before: batches of the forger would be believed by it."""
    forger = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    url = f"sqlite:///{own / 'registry.sqlite'}"
    with create_engine(url).begin() as connection:
        insert_recorded(
            connection,
            agent_keys,
            agent="agent-1",
            public_key=forger,
            signature=b"s" * 64,
            since=utc_now(),
        )
    failed = caught(made(own, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.BATCH_SIGNATURES
    assert "a later key of agent agent-1 is not signed by the one before it" in failed.says


def test_what_it_is_of_was_changed_and_the_ledger_vouches_for_it(
    own: Path, files: Files, tmp_path: Path
) -> None:
    forged = edited(files, paths.ABOUT, "Asia/Hong_Kong", "Pacific/Kiritimati")
    failed = caught(sealed_anew(own, forged, tmp_path / "f.zip"))
    assert (failed.check, failed.path) == (DossierCheck.TERMS_BEFORE_WINDOW, paths.ABOUT)
    assert 'zone: the dossier says "Pacific/Kiritimati"' in failed.says


# the node's own files


def test_a_sample_was_changed_in_the_database(own: Path, tmp_path: Path) -> None:
    with telemetry_by_hand(own) as other:
        other.execute(
            "UPDATE facts SET unknown_us = unknown_us - 1, stopped_us = 1 WHERE unknown_us > 0"
        )
    failed = caught(made(own, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.FACTS_FROM_BATCHES
    assert "unknown_us of 2026-" in failed.says


def test_a_batch_was_changed_in_the_archive(own: Path, tmp_path: Path) -> None:
    archive = own / "archive"
    first = lying(archive)[0]
    data = bytearray(first.segment.read_bytes()[first.start : first.end])
    data[-40] ^= 1
    rewrite(archive, {first.digest: bytes(data)})
    failed = caught(made(own, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.BATCH_SIGNATURES


@pytest.mark.parametrize(
    ("statement", "of"),
    [
        ("UPDATE agents SET public_key = zeroblob(32) WHERE agent = 'agent-1'", "agents"),
        ("UPDATE corrections SET reason = 'x', amount = 0.5", "corrections"),
        ("UPDATE plan_changes SET recorded_at = '2026-01-01 00:00:00.000000'", "plan_changes"),
        ("UPDATE milestone_steps SET author = 'Mo' WHERE step = 'recommend'", "milestone_steps"),
        ("UPDATE terms_versions SET applied_at = '2026-01-01 00:00:00.000000'", "terms_versions"),
        ("UPDATE attested_figures SET amount = '2'", "attested_figures"),
    ],
)
def test_a_row_was_changed_in_the_registry(
    own: Path, honest: Path, tmp_path: Path, statement: str, of: str
) -> None:
    """What was changed after its leaf was made; `honest` is what made the leaves."""
    with open_stores(own) as stores:
        assert Ledger(stores.folder.ledger).is_begun
    with registry_by_hand(own) as other:
        other.execute(statement)
    failed = caught(made(own, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.INCLUSION
    assert f"({of}): it was changed" in failed.says
