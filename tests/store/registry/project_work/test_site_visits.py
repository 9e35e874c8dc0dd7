"""Site visits come out as they went in, numbered, and of an earlier time as they were."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from registered import LATER, NOW, apply_grant, apply_plant

from domain.errors import InputError, NotAllowedError, NotFoundError
from domain.milestone_states import ConflictOfInterest
from domain.site_visits import (
    PanelReading,
    SiteVisit,
    VisitKind,
    VisitWithdrawal,
    check_visit_withdrawal,
)
from store.registry.registry import Registry

REF = "NIFS-2025-017"
READ_AT = NOW - timedelta(minutes=3)
FIRST = SiteVisit(
    REF, "M1", 0, "filler-1", VisitKind.UNANNOUNCED, NOW - timedelta(hours=1), "陳大文", NOW,
    "門是鎖着的",
    (
        PanelReading("filler", "total_count", READ_AT, Decimal(18204), "Lee"),
        PanelReading("meter", "energy", READ_AT, Decimal("1250.40"), "陳大文", "glass is dirty"),
    ),
)  # fmt: skip
SECOND = replace(FIRST, milestone="", recorded_at=LATER, readings=(), note="again")


def let_in(_conflicts: object) -> None:
    """Whoever comes."""


def test_what_goes_in_comes_out_under_its_number(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    assert registry.site_visits.of_project(REF) == []
    assert registry.visit.enter(FIRST, let_in) == replace(FIRST, number=1)
    registry.visit.enter(replace(FIRST, project="another"), let_in)
    registry.visit.enter(SECOND, let_in)
    found = registry.site_visits.of_project(REF)
    assert found == [replace(FIRST, number=1), replace(SECOND, number=2)]
    assert str(found[0].readings[1].value) == "1250.40"  # the digit that was shown
    earlier = registry.as_known_at(LATER - timedelta(microseconds=1))
    assert earlier.site_visits.of_project(REF) == found[:1]
    assert list(registry.recorded.faults()) == []


def test_one_that_is_withdrawn_stays(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    registry.visit.enter(FIRST, let_in)
    wrong = VisitWithdrawal("Chan", LATER, "it was another line")

    def check(visit: SiteVisit, _conflicts: object) -> None:
        check_visit_withdrawal(visit, wrong.reason)

    withdrawn = replace(FIRST, number=1, withdrawn=wrong)
    assert registry.visit.withdraw(REF, 1, wrong, check) == withdrawn
    assert registry.site_visits.of_project(REF) == [withdrawn]
    earlier = registry.as_known_at(LATER - timedelta(microseconds=1))
    assert earlier.site_visits.of_project(REF) == [replace(FIRST, number=1)]
    with pytest.raises(InputError, match=r"visit 1 was withdrawn on 2026-\d\d-\d\d by Chan"):
        registry.visit.withdraw(REF, 1, wrong, check)
    with pytest.raises(NotFoundError, match="there is no visit 2"):
        registry.visit.withdraw(REF, 2, wrong, check)
    assert list(registry.recorded.faults()) == []


def test_a_check_that_refuses_leaves_nothing(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)
    declared = ConflictOfInterest(REF, "陳大文", NOW, "a cousin")
    registry.take.conflict(declared)

    def refuse(conflicts: object) -> None:
        assert conflicts == [declared]
        raise NotAllowedError("no")

    before = registry.version
    with pytest.raises(NotAllowedError):
        registry.visit.enter(FIRST, refuse)
    assert registry.site_visits.of_project(REF) == []
    assert registry.version == before
