"""Terms that were changed after their window had begun: by an approved change request they show as
a new version, and the verdict shows both; without one they are caught."""

from __future__ import annotations

import subprocess
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from forging import caught, made
from peers import PATIENCE_S, require
from spoilt import changed
from whole_folder import EXAMPLES

from api.queries.lines import Queries
from api.records.change_requests import NewChange, ask_change, decide_change
from domain.change_requests import ChangeDecision
from lineproof.clock import utc_now
from lineproof.dossier import paths
from lineproof.upkeep.apply import apply_files
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier
from lineproof.verifiers.assembly import node_script
from store.files.grant import read_grant
from store.node.opening import Stores, open_stores
from store.registry.tables import project_versions
from store.registry.versions import add_version, record_terms

GRANT = (EXAMPLES / "grant.yaml").read_text(encoding="utf-8")
REF = "NIFS-2026-001"
LOOSENED = changed(GRANT, "target: 0.65", "target: 0.55")
NAMED = changed(LOOSENED, "milestones:", "change_requests: [2]\nmilestones:")
ASKED = NewChange("scope", "an OEE of 55 %", "a harder product", "Bo", "M2", "an OEE of 65 %")


def apply(stores: Stores, folder: Path, text: str) -> None:
    file = folder / "grant.yaml"
    file.write_text(text, encoding="utf-8")
    apply_files(stores.registry, [file], utc_now())


def ask(stores: Stores, given: NewChange = ASKED) -> Queries:
    queries = Queries(stores.telemetry, stores.registry, utc_now)
    ask_change(queries, stores.registry.ask, REF, given)
    return queries


def row_of(dossier: Path) -> dict[str, Any]:
    with zipfile.ZipFile(dossier) as file:
        rows = orjson.loads(file.read(paths.VERDICTS))["milestones"]
    return next(it for it in rows if it["id"] == "M2")


def test_a_change_that_was_approved_shows_as_a_new_version_and_is_verified(
    own: Path, tmp_path: Path
) -> None:
    with open_stores(own) as stores:
        queries = ask(stores)
        decide_change(queries, stores.registry.ask, REF, 2, ChangeDecision(True, "Ho", utc_now()))
        apply(stores, tmp_path, NAMED)
    dossier = made(own, tmp_path / "f.zip")
    outcome = verify_dossier(dossier)
    assert outcome.failed is None, outcome.failed
    assert "M2 (version 2, " in outcome.held[DossierCheck.TERMS_BEFORE_WINDOW]
    assert "change request 2" in outcome.held[DossierCheck.TERMS_BEFORE_WINDOW]
    row = row_of(dossier)
    first, second = row["terms_versions"]
    assert (first["change_request"], second["change_request"]) == (None, 2)
    assert second["changed"] == [{"field": "target", "old": 0.65, "new": 0.55}]
    assert second["after_window_began"]
    assert second["terms_digest"] == row["evidence"]["terms_digest"]
    earlier = row["earlier_terms"]
    assert (earlier["version"], earlier["target"], row["target"]) == (1, 0.65, 0.55)
    assert earlier["value"] == row["value"]
    assert "terms_changed_late" in row["flags"]
    assert "by change request 2 (version 2): target: 0.65 → 0.55." in " ".join(row["reasons"])
    assert "Under the terms of before (version 1): " in " ".join(row["reasons"])
    script = tmp_path / "verify.mjs"
    script.write_text(node_script(), encoding="utf-8")
    command = [str(require(program="node")), str(script), str(dossier)]
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE_S, check=False, text=True)
    assert done.returncode == 0, done.stdout
    assert "M2 (version 2, " in done.stdout


def test_terms_were_loosened_without_an_approved_change_request(own: Path, tmp_path: Path) -> None:
    with open_stores(own) as stores:
        apply(stores, tmp_path, LOOSENED)
    dossier = made(own, tmp_path / "f.zip")
    failed = caught(dossier)
    assert failed.check is DossierCheck.TERMS_BEFORE_WINDOW
    assert "the terms of M2 were changed on" in failed.says
    assert "no change request that was approved before allows it" in failed.says
    assert "terms_changed_without_approval" in row_of(dossier)["flags"]
    assert row_of(dossier)["earlier_terms"]["target"] == 0.65


def test_an_approval_was_dated_back(own: Path, tmp_path: Path) -> None:
    """The node's owner loosens first, and has it approved later with a clock put back."""
    with open_stores(own) as stores:
        ask(stores)
        registry = stores.registry
        with registry.apply._database.writing() as connection:
            version = add_version(connection, project_versions, REF, NAMED, utc_now())
            record_terms(connection, read_grant(NAMED, "g.yaml"), version, utc_now())
        back = Queries(stores.telemetry, registry, lambda: utc_now() - timedelta(hours=1))
        decide_change(back, registry.ask, REF, 2, ChangeDecision(True, "Ho", utc_now()))
    failed = caught(made(own, tmp_path / "f.zip"))
    assert failed.check is DossierCheck.TERMS_BEFORE_WINDOW
    assert "(version 2), and no change request that was approved before" in failed.says
