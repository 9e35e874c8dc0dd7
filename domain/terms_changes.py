"""Versions of a milestone's terms, and the change requests by which they were changed.

Terms are agreed before their window begins. A later change is a new version beside the old one. It
is an honest one where the grant file that brought it names, for the first time, a change request of
scope or dates that was approved before: of the milestone, or of all the project. An example:

    version 1   applied 2026-02-01              target: 0.65
    version 2   applied 2026-05-04, request 3   target: 0.65 -> 0.60
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.change_requests import ChangeKind, ChangeRequest, ChangeState
from domain.grants import Milestone, Project

_OF_TERMS = (ChangeKind.SCOPE, ChangeKind.DATES)


@dataclass(frozen=True, slots=True)
class GrantVersion:
    """A version of a grant file. `written`: the terms of each milestone as they stand in it."""

    applied_at: datetime
    project: Project
    written: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class TermsVersion:
    """`number` counts from 1. `request`: the approved change request that the version carries out;
    None of the first one, and of one that nobody approved."""

    number: int
    applied_at: datetime
    milestone: Milestone
    written: Mapping[str, Any]
    request: ChangeRequest | None = None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of the terms, as it was and as it is; None: it is not there."""

    field: str
    old: Any
    new: Any


def terms_versions(
    files: Iterable[GrantVersion], requests: Sequence[ChangeRequest]
) -> dict[str, list[TermsVersion]]:
    """By milestone, every version of its terms. `files`: in the order of applying."""
    by_number = {it.number: it for it in requests}
    named: set[int] = set()
    found: dict[str, list[TermsVersion]] = {}
    for file in files:
        new = [
            by_number[it] for it in file.project.change_requests if it in by_number.keys() - named
        ]
        named.update(file.project.change_requests)
        for milestone in file.project.milestones:
            versions = found.setdefault(milestone.id, [])
            if versions and versions[-1].milestone.terms_digest == milestone.terms_digest:
                continue
            approved = [it for it in new if _allows(it, milestone.id, file.applied_at)]
            versions.append(
                TermsVersion(
                    len(versions) + 1,
                    file.applied_at,
                    milestone,
                    file.written[milestone.id],
                    approved[0] if approved and versions else None,
                )
            )
    return found


def field_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[FieldChange]:
    """What differs between two versions, in the order of the fields."""
    return [
        FieldChange(name, old.get(name), new.get(name))
        for name in dict.fromkeys((*old, *new))
        if old.get(name) != new.get(name)
    ]


def _allows(request: ChangeRequest, milestone: str, at: datetime) -> bool:
    return (
        request.state is ChangeState.APPROVED
        and request.decision is not None
        and request.decision.decided_at <= at
        and request.kind in _OF_TERMS
        and request.milestone in ("", milestone)
    )
