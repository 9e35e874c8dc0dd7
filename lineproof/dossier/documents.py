"""The documents of a dossier, each from what a node knows: made there, and made again by whoever
checks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import polars as pl

from analytics.facts.line_digest import FORMAT as FACTS_FORMAT
from api.documents.corrections import Reader
from api.documents.milestone_steps import conflict_json, step_json
from api.documents.milestones import project_json
from api.documents.site_visits import proved_visit_json
from api.documents.times import local_text
from api.queries.lines import Queries
from api.queries.site_visits import compared_visits
from api.queries.verdicts import ProjectVerdicts, facts_by_line, restated, whole_window
from api.records.change_requests import change_requests_json
from api.records.corrections import corrections_json
from api.records.plan_changes import exceptions_json
from domain.grants import Project
from domain.plant import Confidential, Plant, Withheld
from domain.time import Window, midnight
from lineproof.dossier.paths import FORMAT
from lineproof.dossier.report.content import ReportContent, report_content

TIME = "%Y-%m-%dT%H:%M:%S.%fZ"
WITHHELD = "withheld"  # what stands for a name that the plant keeps confidential


def as_json(document: object) -> bytes:
    """Keys in the order of the document, two spaces deep: people read it, too."""
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def withheld_of(plant: Plant, *, keeps_samples: bool) -> Withheld:
    """What a dossier leaves out: what the plant keeps confidential; `keeps_samples`: raw samples in
    any case."""
    return plant.confidential | ({Confidential.RAW_SAMPLES} if keeps_samples else set())


def time_text(at: datetime) -> str:
    return at.astimezone(UTC).strftime(TIME)


def project_document(
    found: ProjectVerdicts,
    agents: Sequence[str],
    rows: int,
    version: str,
    withheld: Withheld,
    signed_by: str | None = None,
) -> dict[str, Any]:
    """What the dossier is of. `rows`: how many the record had; `version`: of this program;
    `withheld`: what the dossier leaves out; `signed_by`: SHA-256 of the certificate that its
    reports are signed with, if they are."""
    plant, project = found.plant, found.project
    return {
        "format": FORMAT,
        "project": project.reference,
        "scheme": project.scheme,
        "plant": plant.id,
        "zone": plant.zone.key,
        "as_of": time_text(found.as_of),
        "lines": list(project.lines),
        "agents": list(agents),
        "confidential": sorted(withheld),
        "record": rows,
        "facts_format": FACTS_FORMAT,
        "program": f"lineproof {version}",
        **({} if signed_by is None else {"reports_signed_by": signed_by}),
        "milestones": [
            {"id": it.id, "clause": it.clause, "title": it.title, "terms": it.terms_digest}
            for it in project.milestones
        ],
    }


def verdicts_document(queries: Queries, found: ProjectVerdicts) -> dict[str, Any]:
    """As `lineproof milestones --json` shows it."""
    return project_json(found, restated(queries, found))


def corrections_document(queries: Queries, project: Project) -> dict[str, Any]:
    """What people said of the lines, and of their calendars."""
    plant, _ = queries.line(project.lines[0])
    reader = Reader(plant.confidential, lambda _name: WITHHELD)
    return {
        line: {
            "corrections": corrections_json(queries, line, reader),
            "exceptions": exceptions_json(queries, line, reader),
        }
        for line in project.lines
    }


def decisions_document(queries: Queries, project: Project, withheld: Withheld) -> dict[str, Any]:
    """What people did with the milestones, the conflicts of interest that they declared, the
    periods that were accepted, and where there were any site visits and change requests."""
    plant, _ = queries.line(project.lines[0])
    visits = compared_visits(queries, project.reference)
    changes = change_requests_json(queries, project.reference)
    told = [proved_visit_json(it, plant.zone, withheld) for it in visits]
    return {
        "decisions": [step_json(it, plant.zone) for it in queries.steps(project.reference)],
        "conflicts": [conflict_json(it, plant.zone) for it in queries.conflicts(project.reference)],
        "accepted": [
            {
                "line": it.line,
                "start": local_text(it.start, plant.zone),
                "end": local_text(it.end, plant.zone),
                "author": it.author,
                "accepted_at": local_text(it.frozen_at, plant.zone),
                "digest": it.digest,
            }
            for line in project.lines
            for it in queries.frozen_periods(line)
        ],
        **({"visits": told} if told else {}),
        **({"change_requests": changes} if changes else {}),
    }


def report_of(
    queries: Queries, found: ProjectVerdicts, verdicts: bytes, program: str
) -> ReportContent:
    """What the report shows; `verdicts`: the bytes of verdicts.json, `program`: its version."""
    return report_content(
        found,
        facts_by_line(found.plant, found.looked_at, found.as_of, queries.facts),
        restated(queries, found),
        verdicts,
        program_version=program,
        conflicts=queries.conflicts(found.project.reference),
    )


def plant_document(said: Mapping[str, Any]) -> dict[str, Any]:
    """A version of a plant file. `said`: its row in the registry."""
    return {name: said[name] for name in ("owner", "number", "digest", "applied_at", "text")}


def evidence_facts(queries: Queries, found: ProjectVerdicts) -> dict[str, pl.DataFrame]:
    """FACTS of each line, of all the days that a verdict looks at and that had ended."""
    days = evidence_window(found.plant, found.looked_at, found.as_of)
    return {} if days is None else {it: queries.facts(it, days) for it in found.project.lines}


def evidence_window(plant: Plant, project: Project, as_of: datetime) -> Window | None:
    whole = whole_window(plant, project, as_of)
    today = midnight(as_of.astimezone(plant.zone).date(), plant.zone)
    if whole is None or today <= whole.start:
        return None
    return Window(whole.start, min(whole.end, today))
