"""Announcing, seeding, entering: the rules where a node's milestones and clock are at hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from web_plant import NOW, Clock, registry_of

from api.queries.lines import Queries
from api.records.audit_samples import (
    NewResult,
    NewSample,
    announce_sample,
    enter_result,
    enter_seed,
)
from api.records.milestone_steps import NewStep, take_step
from domain.audit_samples import Precision, SampleItem
from domain.errors import InputError, NotAllowedError
from store.registry.project_work.audit_samples import AuditSamples

REF = "NIFS-2025-017"
NEW = NewSample("NIFS", "2026-03-01", "2026-03-31", "an index", "2026-04-08", "Mei")
Node = tuple[Queries, Clock, AuditSamples]


@pytest.fixture
def node(own_plant: tuple[Queries, Clock]) -> Node:
    """M4 was accepted on 25 March, M5 in part on 2 April; it is 7 April."""
    queries, clock = own_plant
    for milestone, last in (("M4", "accept"), ("M5", "accept_in_part")):
        for action, who in (
            ("submit", "Lee"),
            ("take", "Chan"),
            ("recommend", "Chan"),
            (last, "Wong"),
        ):
            new = NewStep(action, who, "as told")
            take_step(queries, registry_of(queries).take, REF, milestone, new)
        clock.now += timedelta(days=8)
    clock.now = NOW + timedelta(days=13)
    return queries, clock, registry_of(queries).audit_samples


def announce(node: Node, new: NewSample = NEW) -> None:
    announce_sample(node[0], node[2], new)


def test_what_was_accepted_in_these_days_is_drawn_from_once(node: Node) -> None:
    announce(node)
    later = replace(NEW, start="2026-04-01", end="2026-04-06")
    announce(node, later)
    first, second = node[2].all()
    assert first.population == (SampleItem(REF, "M4"),)
    assert second.population == (SampleItem(REF, "M5"),)
    assert (first.size, first.precision, first.drawn) == (1, Precision(), ())
    with pytest.raises(InputError, match="sample 1 is of 2026-03-01 to 2026-03-31 already"):
        announce(node, replace(NEW, start="2026-03-31"))


CANNOT: list[tuple[dict[str, Any], str]] = [
    ({"scheme": "NIF"}, "no project of a scheme 'NIF'"),
    ({"start": "yesterday"}, "'yesterday' is no day"),
    ({"start": "2026-04-03", "end": "2026-04-05"}, "no milestone of NIFS was accepted"),
    ({"end": "2026-04-07"}, "the period is not over"),
    ({"end": "2026-02-01"}, "ends before it begins"),
    ({"known_on": "2026-04-07"}, "may be known already"),
    ({"public_value": " "}, "a text of 1 to 200"),
    ({"author": " "}, "author"),
    ({"precision": Precision(rate=2.0)}, "no rate of a sample"),
]


def test_what_cannot_be_announced(node: Node) -> None:
    for more, says in CANNOT:
        with pytest.raises(InputError, match=says):
            announce(node, replace(NEW, **more))
    assert node[2].all() == []


def test_from_the_announcement_to_a_result(node: Node) -> None:
    queries, clock, samples = node
    announce(node)
    found = NewResult(REF, "M4", True, "Mei", "100.50", "the meter was another one")
    with pytest.raises(InputError, match="was not drawn by sample 1"):
        enter_result(queries, samples, 1, found)
    with pytest.raises(InputError, match="nobody knows the value before 2026-04-08"):
        enter_seed(queries, samples, 1, "24871.56", "Mei")
    clock.now += timedelta(days=1)
    assert enter_seed(queries, samples, 1, " 24871.56 ", "Mei").seed_value == "24871.56"
    with pytest.raises(InputError, match="entered already"):
        enter_seed(queries, samples, 1, "1", "Mei")
    for who in ("Chan", "wong"):
        with pytest.raises(NotAllowedError, match="took part in deciding"):
            enter_result(queries, samples, 1, replace(found, author=who))
    with pytest.raises(InputError, match="no amount"):
        enter_result(queries, samples, 1, replace(found, amount_hkd="much"))
    assert enter_result(queries, samples, 1, found).is_error
    assert len(samples.results(1)) == 1
