"""A dossier of a whole folder: what lies in it, and that it is the same each time."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from forging import AS_OF, files_of, made, project_of
from sender import Sender, counts
from whole_folder import EXAMPLES, make

from api.documents.milestones import milestones_document
from api.queries.lines import Queries
from collector.intake.collector import Collector
from domain.errors import NotFoundError, StorageError
from domain.ledger.tlog_proofs import parse_proof
from lineproof.clock import utc_now
from lineproof.dossier import paths
from lineproof.dossier.making import make_dossier
from lineproof.upkeep.apply import apply_files
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier
from store.node.opening import open_stores


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("dossier") / "node")


@pytest.fixture(scope="module")
def dossier(node: Path) -> Path:
    return made(node, node.parent / "d.zip")


def test_it_has_every_kind_of_file(dossier: Path) -> None:
    files = files_of(dossier)
    kinds = {it.partition("/")[0] for it in files}
    assert kinds == {
        "README.txt", "project.json", "verdicts.json", "terms", "plants", "facts", "samples",
        "batches", "corrections.json", "decisions.json", "attachments", "ledger",
        "MANIFEST.sha256",
    }  # fmt: skip
    assert {it for it in files if it.startswith("ledger/") and "proofs" not in it} == {
        paths.CHECKPOINT, paths.POLICY, paths.LEAVES,
    }  # fmt: skip


def test_the_manifest_names_each_with_its_digest(dossier: Path) -> None:
    files = files_of(dossier)
    named = paths.read_manifest(files.pop(paths.MANIFEST))
    assert named == {it: hashlib.sha256(data).hexdigest() for it, data in files.items()}


def test_its_verdicts_are_those_that_the_node_shows(node: Path, dossier: Path) -> None:
    with open_stores(node) as stores:
        queries = Queries(stores.telemetry, stores.registry, utc_now)
        shown = milestones_document(queries, project_of_queries(queries), AS_OF)
    assert json.loads(files_of(dossier)[paths.VERDICTS]) == json.loads(json.dumps(shown))


def project_of_queries(queries: Queries) -> str:
    return queries.projects()[0].reference


def test_terms_are_named_by_their_own_digest(dossier: Path) -> None:
    files = files_of(dossier)
    told = {it["terms"] for it in json.loads(files[paths.ABOUT])["milestones"]}
    found = {it: data for it, data in files.items() if it.startswith("terms/")}
    assert set(found) == {paths.terms_path(it) for it in told}
    for path, data in found.items():
        assert path == paths.terms_path(hashlib.sha256(data).hexdigest())


def test_samples_are_what_the_store_has(node: Path, dossier: Path) -> None:
    files = files_of(dossier)
    path = paths.samples_path("press-1", "2026-03")
    read = pl.read_parquet(io.BytesIO(files[path]))
    start, end = (datetime(2026, month, 1, tzinfo=UTC) for month in (3, 4))
    with open_stores(node) as stores:
        kept = stores.telemetry.history("press-1", start, end).samples
    assert read.height == kept.filter(pl.col("time") >= start, pl.col("time") < end).height > 10
    assert read["time"].is_sorted()


def test_every_proof_leads_to_the_checkpoint(dossier: Path) -> None:
    files = files_of(dossier)
    proofs = {it: data for it, data in files.items() if it.startswith("ledger/proofs/")}
    assert len(proofs) > 5
    for path, data in proofs.items():
        proof = parse_proof(data.decode())
        assert path == paths.proof_path(proof.index)
        assert str(proof.note).encode() == files[paths.CHECKPOINT]


def test_the_same_node_gives_the_same_bytes(node: Path, dossier: Path, tmp_path: Path) -> None:
    assert made(node, tmp_path / "again.zip").read_bytes() == dossier.read_bytes()


def test_what_is_recorded_later_gives_another_leaf(node: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(node, tmp_path / "node")
    with open_stores(tmp_path / "node") as stores:
        before = stores.ledger.size
        ref = stores.registry.projects.all()[0].reference
        stores.registry.attach.document(
            ref, "M1", "photo", "b.pdf", b"%PDF-b", utc_now(), attached_by="Chan"
        )
    told: dict[str, list[tuple[int, int | None]]] = {}

    def progress(what: str, done: int, total: int | None) -> None:
        told.setdefault(what, []).append((done, total))

    second = made(tmp_path / "node", tmp_path / "second.zip", progress=progress)
    with open_stores(tmp_path / "node") as stores:
        assert stores.ledger.size == before + 2  # the document's, the dossier's
    assert verify_dossier(second, progress=progress).verified
    assert set(told) == {
        "writing samples of days", "writing batches", "checking batches", "computing facts",
    }  # fmt: skip
    for what, steps in told.items():
        done, total = zip(*steps, strict=True)
        assert sorted(done) == list(done), what
        assert {*total} == {done[-1]}, f"{what}: how much there is, is known from the beginning"


def test_another_plants_agent_is_not_in_it(node: Path, tmp_path: Path) -> None:
    """An agent that sends of another line alone: of its leaves the hash is told, no more."""
    import shutil

    folder = tmp_path / "node"
    shutil.copytree(node, folder)
    text = (EXAMPLES / "plant.yaml").read_text(encoding="utf-8")
    other = tmp_path / "other.yaml"
    other.write_text(
        text.replace("plant: example", "plant: other").replace("press-1", "secret-1"),
        encoding="utf-8",
    )
    with open_stores(folder) as stores:
        apply_files(stores.registry, [other], utc_now())
        sender = Sender("secret-agent")
        stores.registry.agents.enrol("secret-agent", sender.public_key, utc_now())
        collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, utc_now)
        frame = counts(1, rows=20).with_columns(pl.lit("secret-1").alias("line"))
        assert collector.receive(sender.seal(frame).to_bytes()).acknowledged
        collector.close()
    files = files_of(made(folder, tmp_path / "d.zip"))
    assert not [it for it, data in files.items() if b"secret" in data or "secret" in it]
    hidden = [it for it in files[paths.LEAVES].splitlines() if b'"hash"' in it]
    assert len(hidden) == 1
    assert verify_dossier(tmp_path / "d.zip").verified


def test_samples_that_a_plant_keeps_back_are_not_in_it(tmp_path: Path) -> None:
    folder = make(tmp_path / "node")
    text = (EXAMPLES / "plant.yaml").read_text(encoding="utf-8")
    plant = tmp_path / "plant.yaml"
    plant.write_text(f"{text}\nconfidential: [raw_samples, reasons, names]\n", encoding="utf-8")
    with open_stores(folder) as stores:
        apply_files(stores.registry, [plant], utc_now())
    files = files_of(made(folder, tmp_path / "d.zip"))
    assert not [it for it in files if it.startswith("samples/")]
    assert b"ARROW" not in b"".join(it for name, it in files.items() if "batches" in name)
    assert b"Ann" not in files[paths.CORRECTIONS]
    assert b"confidential: names, raw samples, reasons" in files[paths.README]
    outcome = verify_dossier(tmp_path / "d.zip")
    assert outcome.failed is None
    assert (outcome.days, outcome.milestones) == (0, 2)
    assert outcome.of_days > 0


def test_without_room_or_project_nothing_is_left(node: Path, tmp_path: Path) -> None:
    with open_stores(node) as stores:
        with pytest.raises(NotFoundError, match="no project 'X'"):
            make_dossier(stores, "X", tmp_path / "d.zip", AS_OF, utc_now)
        with pytest.raises(StorageError):
            make_dossier(
                stores, project_of_queries(Queries(stores.telemetry, stores.registry, utc_now)),
                tmp_path / "none" / "d.zip", AS_OF, utc_now,
            )  # fmt: skip
    assert list(tmp_path.iterdir()) == []
    assert project_of(node)


def test_a_confidential_one_has_no_raw_data_and_holds(node: Path, tmp_path: Path) -> None:
    """As who makes it wants it; the plant file says nothing of it."""
    with open_stores(node) as stores:
        ref = stores.registry.projects.all()[0].reference
        out = tmp_path / "d.zip"
        make_dossier(stores, ref, out, AS_OF, utc_now, languages=("en",), confidential=True)
    files = files_of(out)
    assert not [it for it in files if it.startswith("samples/")]
    assert b"ARROW" not in b"".join(it for name, it in files.items() if "batches" in name)
    assert b"Ann" in files[paths.CORRECTIONS], "only raw samples stay at the plant"
    assert b"lineproof challenge THIS.zip" in files[paths.README]
    outcome = verify_dossier(out)
    assert outcome.failed is None
    assert (outcome.days, outcome.milestones) == (0, 2)
    says = outcome.held[DossierCheck.FACTS_FROM_BATCHES]
    assert says.startswith(f"0 of {outcome.of_days} days were recomputed")
