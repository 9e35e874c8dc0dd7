"""What a verdict stands on: which hours are missing, of which machine, and what was corrected."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from web_plant import GAP, Clock, registry_of

from analytics.milestones.day_figures import FigureKind
from api.queries.lines import Queries
from api.queries.milestone_basis import NO_BASIS, MilestoneBasis, milestone_basis
from api.queries.verdicts import verdicts
from domain.corrections import Correction, CorrectionKind
from domain.grants import Verdict
from domain.time import Window

REF = "NIFS-2025-017"


def basis_of(queries: Queries, milestone: str) -> tuple[Verdict, MilestoneBasis]:
    found = verdicts(queries, REF)
    given = next(it for it in found.verdicts if it.milestone.id == milestone)
    return given, milestone_basis(queries, found, given)


def test_the_hours_of_a_silence_are_exact_and_have_their_machine(filled: Queries) -> None:
    given, basis = basis_of(filled, "M3")
    (only,) = basis.stretches
    assert only.window == Window(*GAP)
    assert (only.stretch.machine, only.is_silent, only.is_imported) == ("filler", True, True)
    assert basis.known is not None
    share = 1 - basis.known.unknown_s / basis.known.planned_s
    assert share == pytest.approx(given.coverage), "what is listed is what the coverage lacks"
    assert sum(it.unknown_s for it in basis.known.stretches) == basis.known.unknown_s
    assert basis.figures is not None
    assert basis.figures.kind is FigureKind.EACH_DAY
    assert len(basis.figures.figures) == basis.known.production_days
    assert basis.changes


def test_corrections_that_hold_in_its_days_are_named(own_plant: tuple[Queries, Clock]) -> None:
    queries = own_plant[0]
    now, inside, behind = queries.now(), GAP[1], GAP[1] + timedelta(days=10)
    a_stop = Correction("A", "filler-1", CorrectionKind.REASON, inside,
                        inside + timedelta(hours=1), "lee", now, reason="jam")  # fmt: skip
    later = replace(a_stop, id="B", start=behind, end=behind + timedelta(hours=1))
    for it in (a_stop, later):
        registry_of(queries).record.correction(it, lambda earlier: None)
    assert basis_of(queries, "M3")[1].corrections == (("filler-1", "A"),)


def test_a_document_stands_on_no_machine(filled: Queries) -> None:
    assert basis_of(filled, "M5")[1] == NO_BASIS
