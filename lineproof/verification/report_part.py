"""The report that people read carries the verdicts of the dossier and says what they say; where
the dossier says that it is signed, it is, and was not changed since."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.x509 import Certificate

from domain.errors import InputError
from lineproof.dossier import paths
from lineproof.dossier.report.content import ReportContent
from lineproof.dossier.report.pdf import attached_verdicts, laid_over, report_pdf, words
from lineproof.dossier.report.signature import (
    ReportSignature,
    certificate_digest,
    signature_in,
    without_signature,
)
from lineproof.dossier.report.signed_form import signature_form
from lineproof.verification.evidence import Evidence, differs


def check_report(
    evidence: Evidence,
    shown: ReportContent,
    roots: Sequence[Certificate] = (),
    *,
    tells_more: bool,
) -> str:
    """`shown`: what a report of the checked verdicts says. Its pages are made again here; where
    they are not the same to the last byte, the words are compared. `tells_more`: the pages may show
    what nobody can compute without what is confidential. `roots`: certificates that the reader
    trusts; where there are some, each report must be signed under one of them."""
    dossier = evidence.dossier
    told: list[str] = []
    signed: dict[str, list[str]] = {}  # paths by what is told of the signature
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
        signature = _signature(evidence, path, given, roots)
        if signature is not None:
            signed.setdefault(_told(signature), []).append(path)
        if attached != dossier.read(paths.VERDICTS):
            raise differs(path, "the verdicts that it carries are not those of the dossier")
        try:
            made = report_pdf(shown, language)
        except InputError as error:
            told.append(f"The pages of {path} are not compared: {error}")
            continue
        if made == given or (signature is not None and _is_made_so(made, given, signature)):
            continue
        try:
            over = laid_over(given)
            (ours, our_fonts), (theirs, their_fonts) = words(made), words(given)
        except InputError as error:
            raise differs(path, error.what) from None
        if over:
            raise differs(path, f"something is laid over its pages ({', '.join(sorted(over))})")
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
    told += [f"{', '.join(paths_of)}: {says}" for says, paths_of in signed.items()]
    return " ".join(told)


def _signature(
    evidence: Evidence, path: str, given: bytes, roots: Sequence[Certificate]
) -> ReportSignature | None:
    """The signature that the dossier says is there; None where it says nothing of one."""
    wanted = evidence.about.get("reports_signed_by")
    try:
        found = signature_in(given, roots)
    except InputError as error:
        raise differs(path, error.what) from None
    if found is None:
        if wanted is not None:
            raise differs(path, f"it is not signed, and {paths.ABOUT} says that it is")
        if roots:
            raise differs(path, "it is not signed")
        return None
    digest = certificate_digest(found.certificate)
    if digest != wanted:
        raise differs(
            path,
            f"it is signed with another certificate than {paths.ABOUT} says: by "
            f"'{found.signer}' (SHA-256 {digest})",
        )
    if roots and not found.is_rooted:
        raise differs(path, f"'{found.signer}', who signed it, is not under the given roots")
    return found


def _told(signature: ReportSignature) -> str:
    at = signature.at.isoformat(timespec="seconds")
    stamped = (
        ""
        if signature.stamped_at is None
        else f", with a time stamp of {signature.stamped_at.isoformat(timespec='seconds')}"
    )
    how = "under a given root" if signature.is_rooted else "not checked against a root"
    digest = certificate_digest(signature.certificate)
    return f"signed by '{signature.signer}' (SHA-256 {digest}, {how}), as it says at {at}{stamped}."


def _is_made_so(made: bytes, given: bytes, signature: ReportSignature) -> bool:
    """Whether all but the signature is what this program makes of the report."""
    form = signature_form(made, signature.at, signature.room)
    return form.pdf == without_signature(given, signature)
