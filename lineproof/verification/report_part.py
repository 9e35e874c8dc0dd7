"""The report that people read carries the verdicts of the dossier and says what they say."""

from __future__ import annotations

from io import BytesIO

from domain.errors import InputError
from lineproof.dossier import paths
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.pdf import attached_verdicts, report_pdf
from lineproof.verification.evidence import Evidence, differs


def check_report(evidence: Evidence, shown: ReportContent) -> str:
    """`shown`: what a report of the checked verdicts says. Its pages are made again here; where
    this machine's fonts set them otherwise, the words are compared."""
    dossier, told = evidence.dossier, []
    for language in paths.LANGUAGES:
        path = paths.report_path(language)
        if not dossier.has(path):
            told.append(f"{path} is not in the dossier.")
            continue
        given = dossier.read(path)
        try:
            attached = attached_verdicts(given)
        except InputError as error:
            raise differs(path, error.what) from None
        if attached != dossier.read(paths.VERDICTS):
            raise differs(path, "the verdicts that it carries are not those of the dossier")
        try:
            made = report_pdf(shown, language)
        except InputError as error:
            told.append(f"The pages of {path} are not compared: {error}")
            continue
        if made != given and _words(made) != _words(given):
            raise differs(path, "its pages do not say what the verdicts say: they were changed")
    return " ".join(told)


def _words(pdf: bytes) -> str:
    """What its pages say, without how it is set."""
    import pypdf

    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)
