"""Change requests come out as they went in; a grant file that names one is held against it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from registered import GRANT, LATER, NOW, apply_grant, apply_plant

from domain.change_requests import ChangeDecision, ChangeKind, ChangeRequest
from domain.errors import InputError, NotFoundError
from store.registry.registry import Registry

REF = "NIFS-2025-017"
ASKED = ChangeRequest(REF, 0, ChangeKind.BUDGET, "54000000", "55000000", "更貴", "陳大文", NOW)
METER = replace(
    ASKED, kind=ChangeKind.EQUIPMENT, old="a", new="b", line="filler-1", machine="meter",
    replaced_at=NOW,
)  # fmt: skip
APPROVED = ChangeDecision(True, "chan", LATER, "so it is")


def let_in(_request: object, _conflicts: object) -> None:
    """Whatever is decided."""


@pytest.fixture(autouse=True)
def _applied(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)


def test_what_goes_in_comes_out_under_its_number(registry: Registry) -> None:
    assert registry.ask.ask(ASKED) == replace(ASKED, number=1)
    registry.ask.ask(replace(ASKED, project="another"))
    registry.ask.ask(METER)
    decided = registry.ask.decide(REF, 1, APPROVED, let_in)
    found = registry.change_requests.of_project(REF)
    assert found == [replace(ASKED, number=1, decision=APPROVED), replace(METER, number=2)]
    assert decided == found[0]
    earlier = registry.as_known_at(NOW).change_requests.of_project(REF)
    assert [it.decision for it in earlier] == [None, None]
    assert list(registry.recorded.faults()) == []


def test_of_none_there_is_nothing_to_decide(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="has no change request 1"):
        registry.ask.decide(REF, 1, APPROVED, let_in)


def named(budget: str = "55000000") -> str:
    assert "approved_cost_hkd: 54000000" in GRANT
    text = GRANT.replace("approved_cost_hkd: 54000000", f"approved_cost_hkd: {budget}")
    return text + "\nchange_requests: [1]\n"


def test_a_grant_file_carries_out_what_was_approved(registry: Registry) -> None:
    registry.ask.ask(ASKED)
    registry.ask.decide(REF, 1, APPROVED, let_in)
    assert registry.projects.versions_of_changes(REF) == {}
    apply_grant(registry, named(), LATER)
    ((number, version),) = registry.projects.versions_of_changes(REF).items()
    assert (number, version.number, version.applied_at) == (1, 2, LATER)
    assert registry.as_known_at(NOW).projects.versions_of_changes(REF) == {}
    # A later change goes on naming it, and is not held against it any more.
    apply_grant(registry, named("56000000"), LATER)
    assert registry.projects.versions_of_changes(REF)[1].number == 2


def test_a_grant_file_that_does_not_is_refused_and_changes_nothing(registry: Registry) -> None:
    with pytest.raises(InputError, match="has no change request 1") as told:
        apply_grant(registry, named(), LATER)
    assert "change_requests" in str(told.value)
    assert "g.yaml" in str(told.value)
    registry.ask.ask(ASKED)
    with pytest.raises(InputError, match="is open, not approved"):
        apply_grant(registry, named(), LATER)
    registry.ask.decide(REF, 1, APPROVED, let_in)
    with pytest.raises(InputError, match="makes it 55000000, and the file says 54000000"):
        apply_grant(registry, named("54000000"), LATER)
    assert len(registry.projects.history(REF)) == 1
