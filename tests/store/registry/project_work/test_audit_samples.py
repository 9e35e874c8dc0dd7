"""Samples are kept as they were announced, with their seeds and results; what a check refuses is
not kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from domain.audit_samples import AuditSample, Precision, SampleItem, SampleResult
from domain.errors import InputError, NotFoundError
from store.registry.registry import Registry

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
ITEMS = (SampleItem("P-1", "M1"), SampleItem("項目", 'M"2'))
NEW = AuditSample(
    0, "NIFS", date(2025, 4, 1), date(2026, 3, 31), ITEMS, Precision(0.1, 0.02, 0.9), 2,
    "an index", date(2026, 5, 5), "chan", AT,
)  # fmt: skip
RESULT = SampleResult(1, 0, ITEMS[1], True, Decimal("12.50"), "twice", "wong", AT)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with closing(Registry(tmp_path / "registry.sqlite", tmp_path / "documents")) as found:
        yield found


def allowed(*_told: object) -> None:
    pass


def refused(*_told: object) -> None:
    raise InputError("it cannot be so")


def test_what_was_announced_comes_back(registry: Registry) -> None:
    samples = registry.audit_samples
    assert samples.announce(NEW, allowed) == replace(NEW, number=1)
    second = samples.announce(replace(NEW, scheme="MPUPS"), allowed)
    assert samples.all() == [replace(NEW, number=1), second]
    seeded = samples.enter_seed(1, "24871.56", "wong", AT, allowed)
    assert samples.all()[0] == seeded
    assert (seeded.seed_value, seeded.seed_author, seeded.seeded_at) == ("24871.56", "wong", AT)
    assert set(seeded.drawn) == set(ITEMS)
    kept = samples.enter_result(RESULT, allowed)
    again = samples.enter_result(replace(RESULT, is_error=False, amount_hkd=None), allowed)
    assert samples.results(1) == [kept, again]
    assert [it.number for it in samples.results(1)] == [1, 2]
    assert samples.results(2) == []
    assert list(registry.recorded.faults()) == []
    assert registry.recorded.count() == 5


def test_checks_are_given_what_there_is_and_keep_out_what_they_refuse(registry: Registry) -> None:
    samples, told = registry.audit_samples, []
    for given in (NEW, replace(NEW, scheme="MPUPS"), NEW):
        samples.announce(given, lambda others: told.append([it.number for it in others]))
    assert told == [[], [], [1]], "those of the same scheme"
    with pytest.raises(InputError):
        samples.announce(NEW, refused)
    with pytest.raises(InputError):
        samples.enter_seed(1, "x", "wong", AT, refused)
    with pytest.raises(InputError):
        samples.enter_result(RESULT, refused)
    assert len(samples.all()) == 3
    assert samples.all()[0].seed_value is None
    assert samples.results(1) == []


def test_a_sample_that_is_not_there(registry: Registry) -> None:
    with pytest.raises(NotFoundError, match="there is no sample 1"):
        registry.audit_samples.enter_seed(1, "x", "wong", AT, allowed)
    with pytest.raises(NotFoundError, match="there is no sample 1"):
        registry.audit_samples.enter_result(RESULT, allowed)
