"""By which change request terms were changed, and what of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.change_requests import ChangeDecision, ChangeKind, ChangeRequest
from domain.grants import Milestone, OutputTerms, Project
from domain.terms_changes import FieldChange, GrantVersion, field_changes, terms_versions

AT = datetime(2026, 5, 4, tzinfo=UTC)
MILESTONE = Milestone("M1", "5.1", date(2026, 9, 30), {"en": "A"}, OutputTerms(9.0, 20), "a" * 64)
PROJECT = Project(
    "P1", "NIFS", "tko", ("f1",), 1.0, date(2026, 1, 1), date(2026, 2, 1), date(2027, 1, 31),
    (MILESTONE,),
)  # fmt: skip
APPROVED = ChangeDecision(approved=True, author="Ho", decided_at=AT)
REQUEST = ChangeRequest(
    "P1", 3, ChangeKind.SCOPE, "9", "8", "why", "Bo", AT - timedelta(days=1), "M1",
    decision=APPROVED,
)  # fmt: skip


def version(at: datetime, digest: str, *requests: int) -> GrantVersion:
    milestone = replace(MILESTONE, terms_digest=digest * 64)
    project = replace(PROJECT, milestones=(milestone,), change_requests=requests)
    return GrantVersion(at, project, {"M1": {"good_units": digest}})


FILES = [version(AT - timedelta(days=9), "a"), version(AT + timedelta(hours=1), "b", 3)]


def request_of_second(request: ChangeRequest, files: list[GrantVersion] = FILES) -> int | None:
    found = terms_versions(files, [request])["M1"][1].request
    return found.number if found else None


def test_a_version_carries_the_request_out_that_its_file_names_first() -> None:
    versions = terms_versions(FILES, [REQUEST])["M1"]
    assert [(it.number, it.request and it.request.number) for it in versions] == [(1, None), (2, 3)]
    assert request_of_second(replace(REQUEST, milestone="")) == 3
    assert request_of_second(replace(REQUEST, kind=ChangeKind.DATES)) == 3


@pytest.mark.parametrize(
    "request_",
    [
        replace(REQUEST, milestone="M2"),
        replace(REQUEST, kind=ChangeKind.BUDGET),
        replace(REQUEST, kind=ChangeKind.EQUIPMENT),
        replace(REQUEST, decision=None),
        replace(REQUEST, decision=replace(APPROVED, approved=False)),
        replace(REQUEST, decision=replace(APPROVED, decided_at=AT + timedelta(hours=2))),
        replace(REQUEST, number=4),
    ],
)
def test_other_requests_allow_nothing(request_: ChangeRequest) -> None:
    assert request_of_second(request_) is None


def test_a_request_allows_one_change_and_no_later_one() -> None:
    later = [*FILES, version(AT + timedelta(days=3), "c", 3)]
    assert [it.request is None for it in terms_versions(later, [REQUEST])["M1"]] == [
        True,
        False,
        True,
    ]


def test_a_file_that_leaves_the_terms_alone_is_no_version_of_them() -> None:
    same = [FILES[0], version(AT, "a", 3), FILES[1]]
    versions = terms_versions(same, [REQUEST])["M1"]
    assert [it.number for it in versions] == [1, 2]
    assert versions[1].request is None, "the request was carried out before"


def test_what_differs_is_told_by_field() -> None:
    old, new = {"kind": "kpi", "target": 0.65, "op": ">="}, {"kind": "kpi", "target": 0.6, "x": 1}
    assert field_changes(old, new) == [
        FieldChange("target", 0.65, 0.6),
        FieldChange("op", ">=", None),
        FieldChange("x", None, 1),
    ]
