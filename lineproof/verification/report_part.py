"""The report that people read carries the verdicts of the dossier and says what they say."""

from __future__ import annotations

from domain.errors import InputError
from lineproof.dossier import paths
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.pdf import attached_verdicts, report_pdf, words
from lineproof.verification.evidence import Evidence, differs


def check_report(evidence: Evidence, shown: ReportContent, *, tells_more: bool) -> str:
    """`shown`: what a report of the checked verdicts says. Its pages are made again here; where
    they are not the same to the last byte, the words are compared. `tells_more`: the pages may show
    what nobody can compute without what is confidential."""
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
        if made == given:
            continue
        try:
            (ours, our_fonts), (theirs, their_fonts) = words(made), words(given)
        except InputError as error:
            raise differs(path, error.what) from None
        if our_fonts != their_fonts:
            told.append(
                f"The pages of {path} are not compared: this machine has other fonts than the one "
                f"that made it ({', '.join(sorted(their_fonts))})."
            )
        elif ours != theirs and tells_more:
            told.append(
                f"The pages of {path} are not compared: forecasts, what accepted figures would be "
                "now, or some of what is odd need what is confidential."
            )
        elif ours != theirs:
            raise differs(path, "its pages do not say what the verdicts say: they were changed")
    return " ".join(told)
