"""The files of a dossier that people and programs read: verdicts, facts, terms, decisions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from domain.errors import InputError
from lineproof.dossier import documents, paths
from lineproof.dossier.content import Content
from lineproof.dossier.facts_csv import facts_csv
from lineproof.dossier.readme import readme
from lineproof.dossier.report.signature import certificate_digest
from lineproof.dossier.zip_file import DossierZip
from store.files.grant import terms_texts
from store.node.report_signing_settings import ReportSigning


@dataclass(frozen=True, slots=True)
class Reports:
    """`made`: PDF by path; `missing`: why the others are not, in sentences."""

    made: Mapping[str, bytes]
    missing: tuple[str, ...]


def write_evidence(
    content: Content, dossier: DossierZip, languages: Sequence[str], signing: ReportSigning | None
) -> Reports:
    """All but the reports, which are given back to be signed. `languages`: of these; `signing`:
    with what they will be."""
    found, queries, registry = content.found, content.queries, content.stores.registry
    described = documents.project_document(
        found,
        content.agents,
        content.count,
        version("lineproof"),
        content.withheld,
        None if signing is None else certificate_digest(signing.certificate),
    )
    dossier.add(paths.README, readme(described).encode())
    dossier.add(paths.ABOUT, documents.as_json(described))
    verdicts = documents.as_json(documents.verdicts_document(queries, found))
    dossier.add(paths.VERDICTS, verdicts)
    reports = _reports(content, verdicts, languages)
    said = documents.corrections_document(queries, found.project)
    dossier.add(paths.CORRECTIONS, documents.as_json(said))
    decided = documents.decisions_document(queries, found.project, content.withheld)
    dossier.add(paths.DECISIONS, documents.as_json(decided))
    for digest, text in terms_of(content).items():
        dossier.add(paths.terms_path(digest), text)
    for digest, plant in plants_of(content).items():
        dossier.add(paths.plant_path(digest), plant)
    for line, facts in documents.evidence_facts(queries, found).items():
        dossier.add(paths.facts_path(line), facts_csv(facts))
    for digest in sorted({str(it["digest"]) for it in content.said("frozen")}):
        dossier.add(paths.accepted_path(digest), registry.records.frozen_bytes(digest))
    attached = registry.attachments.of_project(content.project.reference)
    for sha256, name in sorted(
        {(it.sha256, it.file_name) for it in attached if it.removed_at is None}
    ):
        dossier.add(paths.attachment_path(sha256, name), registry.attachments.data(sha256))
    return reports


def _reports(content: Content, verdicts: bytes, languages: Sequence[str]) -> Reports:
    from lineproof.dossier.report.pdf import report_pdf

    shown = documents.report_of(content.queries, content.found, verdicts, version("lineproof"))
    made, missing = {}, []
    for language in languages:
        path = paths.report_path(language)
        try:
            made[path] = report_pdf(shown, language)
        except InputError as error:
            missing.append(f"{path} is not in it: {error}")
    return Reports(made, tuple(missing))


def write_reports(
    reports: Reports,
    dossier: DossierZip,
    signing: ReportSigning | None,
    now: datetime,
    kept: Path,
) -> tuple[str, ...]:
    """Signed, where `signing` says with what. `kept`: the folder of signatures that were made.
    Gives what is missing, in sentences. Raises StorageError."""
    missing = list(reports.missing)
    for path, pdf in reports.made.items():
        if signing is not None:
            from lineproof.dossier.report.signing import signed_report

            signed = signed_report(pdf, signing, now, kept)
            pdf = signed.pdf
            if signed.missing:
                missing.append(f"The signature of {path} has no time stamp: {signed.missing}")
        dossier.add(path, pdf)
    return tuple(missing)


def terms_of(content: Content) -> dict[str, bytes]:
    """The text of every version of the milestones' terms, by its digest."""
    texts = {
        hashlib.sha256(text).hexdigest(): text
        for it in content.said("project_versions")
        if it["owner"] == content.project.reference
        for text in terms_texts(it["text"]).values()
    }
    wanted = {str(it["digest"]) for it in content.said("terms_versions")}
    return {digest: texts[digest] for digest in sorted(wanted & texts.keys())}


def plants_of(content: Content) -> dict[str, bytes]:
    """Each plant file that was applied, by its digest."""
    return {
        str(it["digest"]): documents.as_json(documents.plant_document(it))
        for it in content.said("plant_versions")
    }
