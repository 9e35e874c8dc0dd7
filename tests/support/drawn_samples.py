"""A sample of one milestone, announced, seeded and looked at."""

from __future__ import annotations

from datetime import date, datetime

from domain.audit_samples import AuditSample, Precision, SampleItem, SampleResult
from store.registry.registry import Registry


def draw_sample(registry: Registry, item: SampleItem, author: str, at: datetime, note: str) -> None:
    """All of it by one author, who found no error."""
    new = AuditSample(
        0, "NIFS", date(2025, 4, 1), date(2026, 3, 31), (item,), Precision(), 1, "an index",
        date(2026, 4, 1), author, at,
    )  # fmt: skip
    kept = registry.audit_samples.announce(new, lambda _others: None)
    registry.audit_samples.enter_seed(kept.number, "24871.56", author, at, lambda _sample: None)
    result = SampleResult(kept.number, 0, item, False, None, note, author, at)
    registry.audit_samples.enter_result(result, lambda _sample, _steps, _conflicts: None)
