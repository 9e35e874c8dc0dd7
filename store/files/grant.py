"""grant.yaml: what an officer writes, to `domain.grants.Project`.

The digest of a milestone's terms is taken over them as they were written, before any default
is filled in, so that it stays the same in later versions of the program. What a field alone
cannot say is checked here and in `store.files.terms`, with file, line, clause and field.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import Field

from domain.grants import Milestone, ProducingDaysTerms, Project
from domain.texts import N_
from domain.yaml_text import Lines, Path, load_yaml, validate_value
from store.files.fields import (
    Clause,
    Day,
    FileModel,
    Identifier,
    PositiveDays,
    PositiveNumber,
    Texts,
    plain_text,
)
from store.files.terms import MilestonePlace, check_order, terms_of
from store.files.terms_file import TermsFile


class MilestoneFile(FileModel):
    id: Identifier
    clause: Clause
    due: Day
    title: Texts
    terms: TermsFile


class GrantFile(FileModel):
    """grant.yaml, describes one funded project and its milestones."""

    project: Identifier
    scheme: Literal["NIFS", "NIAS", "MPUPS", "NITTP", "RTH"]
    plant: Identifier
    lines: Annotated[list[Identifier], Field(min_length=1)]
    approved_cost_hkd: PositiveNumber
    approved_on: Day
    start: Day
    end: Day
    milestones: Annotated[list[MilestoneFile], Field(min_length=1)]
    change_requests: list[PositiveDays] = Field(default_factory=list)


def read_grant(text: str, file: str) -> Project:
    """The text of a grant file as a Project; `file` names it in errors.

    Raises InputError for the first thing wrong: one sentence with file, line and field.
    """
    value, lines = load_grant(text, file)
    model = validate_value(GrantFile, value, lines)
    if len(set(model.lines)) < len(model.lines):
        raise lines.error(("lines",), N_("a line is named twice"), N_("Name each line once."))
    check_order(model.start, model.end, lines, ("end",))
    seen: set[str] = set()
    milestones = []
    for index, milestone in enumerate(model.milestones):
        path = ("milestones", index)
        if milestone.id in seen:
            raise lines.error(
                (*path, "id"),
                N_("the milestone '%(milestone)s' is there twice"),
                N_("Give each milestone an id of its own."),
                {"milestone": milestone.id},
            )
        seen.add(milestone.id)
        if milestone.due < model.start:
            raise lines.error(
                (*path, "due"),
                N_(
                    "milestone %(milestone)s is due on %(due)s, before the project starts on "
                    "%(start)s"
                ),
                N_("Correct one of the two days."),
                {
                    "milestone": milestone.id,
                    "due": str(milestone.due),
                    "start": str(model.start),
                },
            )
        milestones.append(_milestone(milestone, value["milestones"][index], path, lines))
        is_behind = isinstance(milestones[-1].terms, ProducingDaysTerms)
        if is_behind and milestone.due <= model.end:
            raise lines.error(
                (*path, "due"),
                N_(
                    "milestone %(milestone)s asks for production behind the project's end on "
                    "%(end)s, and is due on %(due)s"
                ),
                N_("Correct one of the two days."),
                {"milestone": milestone.id, "end": str(model.end), "due": str(milestone.due)},
            )
    return Project(
        reference=model.project,
        scheme=model.scheme,
        plant=model.plant,
        lines=tuple(model.lines),
        approved_cost_hkd=model.approved_cost_hkd,
        approved_on=model.approved_on,
        start=model.start,
        end=model.end,
        milestones=tuple(milestones),
        change_requests=tuple(model.change_requests),
    )


def terms_digest(written: dict[str, Any]) -> str:
    """SHA-256, in hex, of `terms_text`."""
    return hashlib.sha256(terms_text(written)).hexdigest()


def terms_text(written: dict[str, Any]) -> bytes:
    """The terms as they were written, as canonical JSON (sorted keys, no spaces, UTF-8)."""
    canonical = json.dumps(
        written, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str
    )
    return canonical.encode()


def terms_texts(text: str) -> dict[str, bytes]:
    """`terms_text` of each milestone, by its id, in the text of a grant file that was applied."""
    value, _ = load_yaml(text, "the grant file that was applied")
    return {str(it["id"]): terms_text(it["terms"]) for it in value["milestones"]}


def load_grant(text: str, file: str) -> tuple[Any, Lines]:
    """The file's value, and its lines with the clause of each milestone's. Raises InputError."""
    value, lines = load_yaml(text, file)
    return value, _GrantLines(lines.file, lines.root)


class _GrantLines(Lines):
    """Names the clause beside the line of what is wrong in a milestone."""

    def clause(self, path: Path) -> str:
        clause = self.text_at((*path[:2], "clause")) if path[:1] == ("milestones",) else None
        return clause or ""


def _milestone(
    model: MilestoneFile, written: dict[str, Any], path: Path, lines: Lines
) -> Milestone:
    place = MilestonePlace(model.id, model.due, (*path, "terms"), lines)
    return Milestone(
        id=model.id,
        clause=model.clause,
        due=model.due,
        title=plain_text(model.title),
        terms=terms_of(model.terms, written["terms"], place),
        terms_digest=terms_digest(written["terms"]),
    )
