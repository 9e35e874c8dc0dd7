"""A document whose bytes were removed behind its day is told; one that is missing is a forgery."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from forging import Files, caught, made, sealed_anew

from domain.document_acts import ActOnDocument, DocumentAct
from lineproof.clock import utc_now
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier
from store.node.opening import open_stores


def test_what_was_removed_as_the_record_tells_is_told(own: Path, tmp_path: Path) -> None:
    now = utc_now()
    with open_stores(own) as stores:
        registry = stores.registry
        (project,) = registry.projects.all()
        for it in registry.attachments.of_project(project.reference):
            if it.hold is not None:
                act = ActOnDocument(
                    it.project, it.sha256, DocumentAct.RELEASE, "Ho", now, "it is closed"
                )
                registry.retain.put(act)
        late = now + timedelta(days=366 * 12)
        gone = registry.retain.remove_expired(late, author="Ho", agree=lambda _due: True)
    assert len(gone) == 2
    outcome = verify_dossier(made(own, tmp_path / "d.zip"))
    assert outcome.failed is None
    assert f"a.pdf ({late:%Y-%m-%d})" in outcome.held[DossierCheck.ATTACHMENTS]


def test_what_is_missing_without_such_a_row_is_named(
    own: Path, files: Files, tmp_path: Path
) -> None:
    path = next(it for it in files if it.startswith("attachments/"))
    without = {name: data for name, data in files.items() if name != path}
    failed = caught(sealed_anew(own, without, tmp_path / "f.zip"))
    assert (failed.check, failed.path) == (DossierCheck.ATTACHMENTS, path)
