"""Figures and documents made again from rows and batches that are proved, held against those that
the dossier shows."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

import orjson
import polars as pl

from analytics.integrity.changed_sources import SOURCE_CHANGED
from analytics.integrity.late_corrections import CORRECTIONS_CONCENTRATED
from analytics.integrity.late_data import LATE_DATA
from analytics.integrity.plan_exceptions import EXCEPTION_ENTERED_LATE
from analytics.milestones.verdict import data_begin
from api.queries.lines import Queries
from api.queries.verdicts import ProjectVerdicts, verdicts
from collector.facts.keeper import FactsKeeper
from domain.corrections import Correction
from domain.errors import InputError, LineproofError
from domain.plant import Confidential, Withheld
from domain.time import Window
from lineproof.dossier import documents, paths
from lineproof.dossier.facts_csv import read_facts_csv
from lineproof.dossier.report.content import ReportContent
from lineproof.progress import StepProgress
from lineproof.verification.differences import differences, first_difference
from lineproof.verification.evidence import Evidence, differs, read_json
from lineproof.verification.opened_facts import compared_days
from lineproof.verification.opened_part import OpenedDays
from lineproof.verification.outcome import DoesNotHoldError
from lineproof.verification.terms_part import TermsLeaves
from store.archive.blobs import Blobs
from store.files.grant import terms_texts
from store.node.opening import Stores

_ONE_DAY = timedelta(days=1)


_PROSPECTS = ("on_track", "at_risk")
# By what a plant keeps confidential, the flags of findings that follow from it.
_SAID = frozenset({EXCEPTION_ENTERED_LATE, CORRECTIONS_CONCENTRATED})
_FOUND_IN = {
    Confidential.REASONS: _SAID,
    Confidential.NAMES: _SAID,
    Confidential.RAW_SAMPLES: frozenset({SOURCE_CHANGED, LATE_DATA}),
}


class _GivenFacts(Queries):
    """Answers with facts as a dossier has them."""

    given: Mapping[str, pl.DataFrame] = {}

    def facts(self, line_id: str, window: Window) -> pl.DataFrame:
        inside = (pl.col("start") >= window.start) & (pl.col("end") <= window.end)
        return self.given[line_id].filter(inside)

    def present_facts(
        self, line_id: str, window: Window, besides: Sequence[Correction] = ()
    ) -> pl.DataFrame:
        """What accepted periods would be now cannot be known from them."""
        return self.facts(line_id, window)


class Recomputed:
    """`stores`: new ones, into which the rows are put by `restore`, and batches by others;
    `opened_days`: how many days' facts were made again from opened batches."""

    def __init__(self, evidence: Evidence, stores: Stores, progress: StepProgress | None) -> None:
        self._evidence = evidence
        self._stores = stores
        self._progress = progress
        self.opened_days = 0
        as_of = evidence.as_of
        self._queries = Queries(stores.telemetry, stores.registry, lambda: as_of)
        self._given = _GivenFacts(stores.telemetry, stores.registry, lambda: as_of)

    def restore(self) -> None:
        """Put the rows of the record into the registry. Raises DoesNotHoldError where they are
        none that a registry can hold."""
        dossier = self._evidence.dossier
        try:
            self._stores.registry.opened.restore(self._evidence.rows)
            self._stores.registry.projects.by_reference(self._evidence.project)
            self._stores.registry.plants.all()
        except InputError as error:
            raise differs(paths.LEAVES, f"the rows of the record cannot be used: {error}") from None
        blobs = Blobs(self._stores.folder.documents, "")
        for path in dossier.under("facts/accepted/"):
            data = dossier.read(path)
            digest = hashlib.sha256(data).hexdigest()
            if path != paths.accepted_path(digest):
                raise differs(path, "it is not what was accepted: it was changed")
            blobs.put_all([(digest, data)])

    @property
    def has_all(self) -> bool:
        """Whether batches and all rows are there, so that facts can be made again."""
        return not self._evidence.about["confidential"]

    def check_terms(self) -> str:
        """What the dossier is of, terms and plant files are those of the record; terms were in the
        ledger before their window began (`lineproof.verification.terms_part`)."""
        found, leaves = self._found, TermsLeaves(self._evidence)
        for milestone in found.project.milestones:
            begin = data_begin(found.project, milestone, found.plant)
            counts = begin if begin and self._evidence.as_of > begin else None
            leaves.check(milestone, found.terms[milestone.id].versions, counts)
        self._same(paths.ABOUT, self._about())
        self._check_files("terms/", self._terms_texts())
        self._check_files("plants/", self._plants())
        return leaves.said()

    def make_facts(self) -> None:
        as_of = self._evidence.as_of
        keeper = FactsKeeper(
            self._stores.telemetry, self._stores.registry.facts_basis, lambda: as_of
        )
        progress = self._progress
        shown = None if progress is None else lambda n, of: progress("computing facts", n, of)
        keeper.refresh(progress=shown)

    def check_facts(self) -> str:
        """The facts that the dossier shows are those that its batches give."""
        if not self.has_all:
            return (
                f"0 of {self.days} days were recomputed: what they are made from stays at the "
                "plant. Days drawn by 'lineproof challenge' can be opened."
            )
        self.make_facts()
        made = documents.evidence_facts(self._queries, self._found)
        for line, facts in made.items():
            given = self.given.get(line)
            if given is None:
                raise differs(paths.facts_path(line), "it is not in the dossier")
            ordered = facts.sort(facts.columns)
            if not ordered.equals(given):
                raise differs(
                    paths.facts_path(line),
                    "these are not the facts that the batches give: the first that differs is "
                    f"{first_difference(ordered, given)}",
                )
        return ""

    def check_opened(self, opened: OpenedDays) -> str:
        """The facts of the opened days are those that their batches give."""
        found = compared_days(
            opened,
            self._stores,
            self._queries,
            self.given,
            people_said_more=self._evidence.keeps_what_people_said,
        )
        self.opened_days = found.days
        share = f"{found.days} of {self.days} days ({100 * found.days / self.days:.3g} %)"
        return " ".join(filter(None, (f"{share} were recomputed.", opened.says, found.says)))

    def check_corrections(self) -> str:
        if "reasons" in (kept := self._evidence.about["confidential"]) or "names" in kept:
            return "The plant keeps reasons or names confidential: they are not compared."
        made = documents.corrections_document(self._queries, self._found.project)
        self._same(paths.CORRECTIONS, made)
        return ""

    def check_decisions(self) -> str:
        made = documents.decisions_document(self._queries, self._found.project, self._withheld)
        self._same(paths.DECISIONS, made)
        return ""

    def check_verdicts(self) -> str:
        """The verdicts are those that the facts of the dossier give."""
        self._given.given = self.given
        found = self._asked(self._given)
        # What accepted figures would be now, the batches say; without them nobody.
        made = documents.verdicts_document(self._queries if self.has_all else self._given, found)
        if self.has_all:
            self._same(paths.VERDICTS, made)
            return ""
        shown = read_json(self._evidence.dossier, paths.VERDICTS)
        ours, theirs = (
            self._comparable(orjson.loads(orjson.dumps(made))),
            self._comparable(shown),
        )
        for difference in differences(theirs, ours):
            raise _told(paths.VERDICTS, difference)
        return (
            "What is confidential is needed to compute forecasts and what accepted figures would "
            "be now, and to find some of what is odd: these are not compared."
        )

    def check_attachments(self) -> str:
        """Documents are there as they were attached, but for those whose removal the record
        tells: these are told."""
        dossier, named, removed = self._evidence.dossier, set(), []
        for it in self._stores.registry.attachments.of_project(self._evidence.project):
            path = paths.attachment_path(it.sha256, it.file_name)
            if it.removed_at is not None:
                removed.append(f"{it.file_name} ({it.removed_at:%Y-%m-%d})")
                continue
            if not dossier.has(path):
                raise differs(path, "the record names this document, and it is not there")
            if dossier.digest(path) != it.sha256:
                raise differs(path, "it is not the document that was attached: it was changed")
            named.add(path)
        for path in dossier.under("attachments/"):
            if path not in named:
                raise differs(path, "nobody attached this document")
        if removed:
            return f"Their bytes were removed after they were kept: {', '.join(removed)}."
        return ""

    @property
    def report_tells_more(self) -> bool:
        """Whether reports show what cannot be made again without what is confidential."""
        shown = read_json(self._evidence.dossier, paths.VERDICTS)["milestones"]
        unproved = any(
            "restated" in it
            or it["status"] in _PROSPECTS
            or not self._findings_on_trust.isdisjoint(it.get("flags", ()))
            for it in shown
        )
        return unproved and not self.has_all

    def report(self) -> ReportContent:
        """What a report of the checked verdicts says."""
        queries = self._queries if self.has_all else self._given
        program = str(self._evidence.about["program"]).removeprefix("lineproof ")
        verdicts_json = self._evidence.dossier.read(paths.VERDICTS)
        return documents.report_of(queries, self._found, verdicts_json, program)

    @cached_property
    def given(self) -> dict[str, pl.DataFrame]:
        """The facts of the dossier, by line."""
        dossier, found = self._evidence.dossier, {}
        for line in self._evidence.about["lines"]:
            path = paths.facts_path(line)
            if dossier.has(path):
                try:
                    found[line] = read_facts_csv(dossier.read(path), path)
                except InputError as error:
                    raise differs(path, error.what) from None
        return found

    @property
    def days(self) -> int:
        """How many days the facts are of, each line's counted."""
        return sum(it["day"].n_unique() for it in self.given.values())

    @property
    def milestones(self) -> int:
        return len(self._found.project.milestones)

    @cached_property
    def _found(self) -> ProjectVerdicts:
        """The project as the rows tell it; its verdicts by the facts of the dossier."""
        self._given.given = self.given
        return self._asked(self._given)

    @property
    def _findings_on_trust(self) -> frozenset[str]:
        """Flags of findings that follow from what is kept confidential."""
        kept = {Confidential(it) for it in self._evidence.about["confidential"]}
        return frozenset().union(*(flags for it, flags in _FOUND_IN.items() if it in kept))

    def _comparable(self, verdicts: dict[str, Any]) -> dict[str, Any]:
        """Without what only those know who know what is confidential."""
        hidden = self._findings_on_trust
        for row in _without_prospects(verdicts)["milestones"]:
            row["flags"] = [it for it in row.get("flags", ()) if it not in hidden]
            row["findings"] = [it for it in row.get("findings", ()) if it.get("flag") not in hidden]
        return verdicts

    def _asked(self, queries: Queries) -> ProjectVerdicts:
        try:
            return verdicts(queries, self._evidence.project, self._evidence.as_of)
        except (LineproofError, KeyError) as error:
            raise differs(paths.VERDICTS, f"the facts give no verdicts: {error}") from None

    def _about(self) -> dict[str, Any]:
        """project.json as the record tells it; agents, program, the certificate of the reports and
        whether raw samples stay at the plant are the dossier's own word."""
        about = self._evidence.about
        return documents.project_document(
            self._found,
            about["agents"],
            about["record"],
            str(about["program"]).removeprefix("lineproof "),
            self._withheld,
            about.get("reports_signed_by"),
        )

    @property
    def _withheld(self) -> Withheld:
        """What the plant keeps confidential; that raw samples stay there, a dossier may add."""
        keeps_samples = Confidential.RAW_SAMPLES in self._evidence.about["confidential"]
        return documents.withheld_of(self._found.plant, keeps_samples=keeps_samples)

    def _terms_texts(self) -> dict[str, bytes]:
        wanted = {said["digest"] for _, said in self._evidence.record_leaves("terms_versions")}
        texts = {}
        for _, said in self._evidence.record_leaves("project_versions"):
            if said["owner"] == self._evidence.project:
                for text in terms_texts(said["text"]).values():
                    texts[hashlib.sha256(text).hexdigest()] = text
        return {paths.terms_path(it): texts[it] for it in sorted(wanted & texts.keys())}

    def _plants(self) -> dict[str, bytes]:
        return {
            paths.plant_path(said["digest"]): documents.as_json(documents.plant_document(said))
            for _, said in self._evidence.record_leaves("plant_versions")
        }

    def _check_files(self, folder: str, wanted: Mapping[str, bytes]) -> None:
        for path in self._evidence.dossier.under(folder):
            if wanted.get(path) != self._evidence.dossier.read(path):
                raise differs(path, "it is not what the record says")
        for path in wanted:
            if not self._evidence.dossier.has(path):
                raise differs(path, "the record names it, and it is not in the dossier")

    def _same(self, path: str, made: Mapping[str, Any]) -> None:
        written = self._evidence.dossier.read(path)
        if documents.as_json(made) == written:
            return
        shown = read_json(self._evidence.dossier, path)
        for difference in differences(shown, orjson.loads(orjson.dumps(made))):
            raise _told(path, difference)
        raise differs(path, "it is not written as a dossier writes it")


def _told(path: str, difference: tuple[str, str, str]) -> DoesNotHoldError:
    where, there, here = difference
    return differs(path, f"{where}: the dossier says {there}, the evidence gives {here}")


def _without_prospects(verdicts: dict[str, Any]) -> dict[str, Any]:
    """Without what calendars and present facts tell of the time to come."""
    for row in verdicts["milestones"]:
        row.pop("restated", None)
        row.pop("forecast")
        if row["status"] in _PROSPECTS:
            row.pop("status")
            row.pop("reasons")
    return verdicts
