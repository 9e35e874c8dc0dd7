"""Figures that people attest, kept with their documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from registered import LATER, NOW, apply_grant, apply_plant

from domain.attested_figures import AttestedFigure, AttestedKind
from domain.errors import InputError, NotFoundError
from store.registry.registry import Registry

PROJECT = "NIFS-2025-017"
MACHINE = AttestedFigure(
    project=PROJECT,
    number=0,
    kind=AttestedKind.EXPENDITURE,
    attested_at=NOW,
    attested_by="Chan",
    amount=Decimal("1234567.10"),
    day=date(2026, 3, 1),
    category="machinery",
    payer="company",
)
WITHDRAWAL = AttestedFigure(
    PROJECT, 0, AttestedKind.WITHDRAWAL, LATER, "Lee", "entered twice", withdraws=1
)


@pytest.fixture(autouse=True)
def _applied(registry: Registry) -> None:
    apply_plant(registry)
    apply_grant(registry)


def test_a_figure_is_kept_with_its_document(registry: Registry) -> None:
    kept = registry.attest.add(MACHINE, "invoice.pdf", b"%PDF-1")
    assert registry.attested.of_project(PROJECT) == [kept]
    assert kept == replace(MACHINE, number=1, document=kept.document)
    assert str(kept.amount) == "1234567.10", "as it was written"
    (document,) = registry.attachments.of_project(PROJECT)
    assert (document.sha256, document.kind) == (kept.document, "expenditure")
    assert registry.attachments.data(kept.document) == b"%PDF-1"


def test_a_document_may_show_several_figures(registry: Registry) -> None:
    for number in (1, 2):
        assert registry.attest.add(MACHINE, "invoice.pdf", b"%PDF-1").number == number
    assert len(registry.attachments.of_project(PROJECT)) == 1


def test_a_withdrawal_is_a_row_of_its_own(registry: Registry) -> None:
    kept = registry.attest.add(MACHINE, "invoice.pdf", b"%PDF-1")
    withdrawal = registry.attest.withdraw(WITHDRAWAL)
    assert registry.attested.of_project(PROJECT) == [kept, withdrawal]
    with pytest.raises(InputError, match="no figure 1 in force"):
        registry.attest.withdraw(WITHDRAWAL)
    assert registry.as_known_at(NOW).attested.of_project(PROJECT) == [kept]


def test_what_is_refused_leaves_nothing(registry: Registry) -> None:
    wrong: list[tuple[AttestedFigure, type[Exception], str]] = [
        (replace(MACHINE, category="machnery"), InputError, "Did you mean 'machinery'"),
        (replace(MACHINE, project="X"), NotFoundError, "no project 'X'"),
        (replace(MACHINE, milestone="M9"), NotFoundError, "no milestone 'M9'"),
        (replace(MACHINE, amount=Decimal(0)), InputError, "the amount 0"),
        (replace(MACHINE, day=date(2026, 3, 3)), InputError, "has not come yet"),
        (
            replace(MACHINE, kind=AttestedKind.TRAINING, amount=Decimal(3), category="", payer=""),
            NotFoundError,
            "no milestone ''",
        ),
    ]
    for figure, error, says in wrong:
        with pytest.raises(error, match=says):
            registry.attest.add(figure, "invoice.pdf", b"%PDF-1")
    assert registry.attested.of_project(PROJECT) == []
    assert registry.attachments.of_project(PROJECT) == []


def test_the_day_is_that_of_the_plant(registry: Registry) -> None:
    """18:30 in London is the next day in Hong Kong."""
    registry.attest.add(replace(MACHINE, day=date(2026, 3, 2)), "invoice.pdf", b"%PDF-1")


def test_a_figure_that_others_change_is_seen(registry: Registry) -> None:
    from sqlalchemy import update

    from store.registry.project_work.tables import attested_figures

    registry.attest.add(MACHINE, "invoice.pdf", b"%PDF-1")
    assert list(registry.recorded.faults()) == []
    with registry._database.writing() as connection:
        connection.execute(update(attested_figures).values(amount="9234567.10"))
    assert list(registry.recorded.faults()) == [f"the attested figure {PROJECT} 1 was changed"]


def test_its_document_is_one_that_can_be_kept(registry: Registry) -> None:
    with pytest.raises(InputError, match="is no name for a document"):
        registry.attest.add(MACHINE, "../invoice.pdf", b"%PDF-1")
