"""The report that people read: what it carries and what its pages say is held against the
verdicts."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from forging import AS_OF, Files, caught, files_of, made, sealed_anew

from api.queries.lines import Queries
from api.queries.verdicts import verdicts
from lineproof.dossier import documents, paths
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.pdf import report_pdf, words
from lineproof.verification.outcome import DossierCheck
from lineproof.verification.verify import verify_dossier
from store.node.opening import open_stores

REPORT = paths.report_path("en")


@pytest.fixture(scope="module")
def reported(node: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Files]:
    """A node and its honest dossier with one report."""
    folder = tmp_path_factory.mktemp("reported")
    shutil.copytree(node, folder / "node")
    dossier = made(folder / "node", folder / "honest.zip", ("en",))
    outcome = verify_dossier(dossier)
    assert outcome.failed is None
    assert outcome.held[DossierCheck.REPORT] == (
        "report.zh-Hant.pdf is not in the dossier. report.zh-Hans.pdf is not in the dossier."
    )
    return folder / "node", files_of(dossier)


@pytest.fixture
def own(reported: tuple[Path, Files], tmp_path: Path) -> Path:
    shutil.copytree(reported[0], tmp_path / "node")
    return tmp_path / "node"


@pytest.fixture
def files(reported: tuple[Path, Files]) -> Files:
    return reported[1]


def content(own: Path, files: Files) -> ReportContent:
    with open_stores(own) as stores:
        queries = Queries(stores.telemetry, stores.registry, lambda: AS_OF)
        found = verdicts(queries, queries.projects()[0].reference, AS_OF)
        return documents.report_of(queries, found, files[paths.VERDICTS], "0.1.0")


def test_its_pages_were_edited(own: Path, files: Files, tmp_path: Path) -> None:
    """The verdicts inside are right; what people read says another value."""
    shown = content(own, files)
    first, *rest = shown.found.verdicts
    edited = replace(shown.found, verdicts=(replace(first, coverage=0.123), *rest))
    forged = {**files, REPORT: report_pdf(replace(shown, found=edited), "en")}
    failed = caught(sealed_anew(own, forged, tmp_path / "f.zip"))
    assert (failed.check, failed.path) == (DossierCheck.REPORT, REPORT)
    assert "its pages do not say what the verdicts say" in failed.says


def test_the_verdicts_inside_it_were_edited(own: Path, files: Files, tmp_path: Path) -> None:
    shown = content(own, files)
    inside = files[paths.VERDICTS].replace(b'"coverage": ', b'"coverage": 1', 1)
    forged = {**files, REPORT: report_pdf(replace(shown, verdicts_json=inside), "en")}
    failed = caught(sealed_anew(own, forged, tmp_path / "f.zip"))
    assert (failed.check, failed.path) == (DossierCheck.REPORT, REPORT)
    assert "are not those of the dossier" in failed.says


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"rubbish"])
def test_it_is_none(own: Path, files: Files, tmp_path: Path, data: bytes) -> None:
    failed = caught(sealed_anew(own, {**files, REPORT: data}, tmp_path / "f.zip"))
    assert (failed.check, failed.path) == (DossierCheck.REPORT, REPORT)


def test_other_fonts_are_told_and_not_taken_for_a_forgery(
    own: Path, files: Files, tmp_path: Path
) -> None:
    """Set in a font that this program never uses, its lines may break elsewhere."""
    pdf = files[REPORT]
    name = next(it for it in words(pdf)[1] if "Mono" not in it)
    assert name.encode() in pdf
    renamed = pdf.replace(name.encode(), b"X" * len(name))
    dossier = sealed_anew(own, {**files, REPORT: renamed}, tmp_path / "f.zip")
    outcome = verify_dossier(dossier)
    assert outcome.failed is None
    assert "this machine has other fonts" in outcome.held[DossierCheck.REPORT]
