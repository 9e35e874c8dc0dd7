"""A dossier whose report is signed: what is told of it, and what a forger cannot do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pypdf
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from forging import AS_OF, Files, files_of, made, put_together
from pypdf.annotations import FreeText
from report_certificates import Pair, issued, office, root, says_signed
from signed_reports import signed_report, signing
from whole_folder import make

from api.queries.lines import Queries
from api.queries.verdicts import verdicts
from domain.errors import InputError
from lineproof.clock import utc_now
from lineproof.dossier import documents, paths
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.pdf import report_pdf
from lineproof.dossier.report.signature import certificate_digest
from lineproof.verification.dossier_file import DossierFile
from lineproof.verification.evidence import Evidence, read_about
from lineproof.verification.outcome import DoesNotHoldError, DossierCheck
from lineproof.verification.report_part import check_report
from lineproof.verification.verify import verify_dossier
from store.node.opening import open_stores

REPORT = paths.report_path("en")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make(tmp_path_factory.mktemp("signed") / "node")
    says_signed(folder, office())
    return folder


@pytest.fixture(scope="module")
def honest(node: Path) -> Path:
    return made(node, node.parent / "honest.zip", ("en",))


@pytest.fixture(scope="module")
def unsigned(node: Path, honest: Path) -> bytes:
    """The report as it was before it was signed."""
    report = files_of(honest)[REPORT]
    return report[: report.index(b"%%EOF") + len(b"%%EOF")]


@pytest.fixture(scope="module")
def shown(node: Path, honest: Path) -> ReportContent:
    """What a report of the checked verdicts says."""
    with open_stores(node) as stores:
        queries = Queries(stores.telemetry, stores.registry, lambda: AS_OF)
        found = verdicts(queries, queries.projects()[0].reference, AS_OF)
        return documents.report_of(queries, found, files_of(honest)[paths.VERDICTS], "0.1.0")


Forging = Callable[[Files], str]


@pytest.fixture
def by_owner(honest: Path, shown: ReportContent, tmp_path: Path) -> Forging:
    """What is said of the report where the owner put these files in, and the ledger vouches for
    them."""

    def said(more: Files) -> str:
        forged = put_together({**files_of(honest), **more}, tmp_path / "forged.zip")
        with DossierFile(forged) as dossier, pytest.raises(DoesNotHoldError) as failed:
            check_report(Evidence(dossier, read_about(dossier)), shown, tells_more=False)
        assert failed.value.path == REPORT
        return failed.value.says

    return said


def pem(pair: Pair, path: Path) -> Path:
    path.write_bytes(pair.pem())
    return path


def test_it_holds_and_the_certificate_is_told(honest: Path, tmp_path: Path) -> None:
    outcome = verify_dossier(honest, report_roots=[pem(root(), tmp_path / "root.pem")])
    assert outcome.failed is None
    says = outcome.held[DossierCheck.REPORT]
    assert f"{REPORT}: signed by 'CN=Funding office'" in says
    assert certificate_digest(office().certificate) in says
    assert "under a given root" in says
    assert "not compared" not in says


def test_the_same_node_makes_the_same_bytes(node: Path, honest: Path, tmp_path: Path) -> None:
    assert made(node, tmp_path / "again.zip", ("en",)).read_bytes() == honest.read_bytes()


def test_under_other_roots_than_the_readers_it_does_not_hold(
    honest: Path, shown: ReportContent
) -> None:
    stranger = issued("stranger", ec.generate_private_key(ec.SECP256R1())).certificate
    with DossierFile(honest) as dossier, pytest.raises(DoesNotHoldError) as failed:
        check_report(Evidence(dossier, read_about(dossier)), shown, [stranger], tells_more=False)
    assert failed.value.says == "'CN=Funding office', who signed it, is not under the given roots"


def test_figures_were_edited_after_it_was_signed(by_owner: Forging, honest: Path) -> None:
    report = bytearray(files_of(honest)[REPORT])
    report[report.index(b"stream", len(report) // 3) + 40] ^= 1
    says = by_owner({REPORT: bytes(report)})
    assert "changed after it was signed" in says or "cannot be read" in says


def test_the_signature_was_cut_out(by_owner: Forging, unsigned: bytes) -> None:
    says = by_owner({REPORT: unsigned})
    assert says == "it is not signed, and project.json says that it is"


def test_it_was_signed_by_another(by_owner: Forging, unsigned: bytes, tmp_path: Path) -> None:
    other = signed_report(unsigned, signing(office("Another")), utc_now(), tmp_path / "kept").pdf
    says = by_owner({REPORT: other})
    assert "signed with another certificate than project.json says: by 'CN=Another'" in says


def test_project_json_says_nothing_of_it(by_owner: Forging, honest: Path) -> None:
    digest = certificate_digest(office().certificate)
    about = files_of(honest)[paths.ABOUT].replace(digest.encode(), b"0" * 64)
    assert "another certificate than project.json says" in by_owner({paths.ABOUT: about})


def test_edited_pages_were_signed_by_the_office_itself(
    by_owner: Forging, shown: ReportContent, tmp_path: Path
) -> None:
    first, *rest = shown.found.verdicts
    edited = replace(shown.found, verdicts=(replace(first, coverage=0.123), *rest))
    pages = report_pdf(replace(shown, found=edited), "en")
    forged = signed_report(pages, signing(office()), utc_now(), tmp_path / "kept").pdf
    assert "its pages do not say what the verdicts say" in by_owner({REPORT: forged})


def test_another_figure_was_laid_over_the_page_and_signed_by_the_office_itself(
    by_owner: Forging, unsigned: bytes, tmp_path: Path
) -> None:
    """The words of the page stay, and nobody reads them."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(unsigned))
    writer.add_annotation(0, FreeText(text="OEE 99 %", rect=(50, 550, 200, 650)))
    out = BytesIO()
    writer.write(out)
    forged = signed_report(out.getvalue(), signing(office()), utc_now(), tmp_path / "kept").pdf
    assert by_owner({REPORT: forged}) == "something is laid over its pages (FreeText)"


def test_a_certificate_that_cannot_sign_makes_no_dossier(node: Path, tmp_path: Path) -> None:
    own = shutil.copytree(node, tmp_path / "node")
    (own / "report-key.pem").chmod(0o644)
    with pytest.raises(InputError, match="others on this machine may read this secret"):
        made(own, tmp_path / "none.zip", ("en",))
    assert not (tmp_path / "none.zip").exists()
