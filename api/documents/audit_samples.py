"""Samples of a scheme's accepted milestones, as programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Any

from analytics.checks.error_rate import error_rate
from api.documents.portfolio import amount
from domain.audit_samples import (
    AuditSample,
    SampleResult,
    last_results,
    population_digest,
    seed_of,
)


def sample_json(sample: AuditSample, results: Sequence[SampleResult]) -> dict[str, Any]:
    """With what was drawn, and what came of it."""
    digest, counting = population_digest(sample.population), last_results(results)
    rate = error_rate(sample, counting)
    return {
        "number": sample.number,
        "scheme": sample.scheme,
        "start": sample.start.isoformat(),
        "end": sample.end.isoformat(),
        "population": [[it.project, it.milestone] for it in sample.population],
        "population_digest": digest,
        "rate": sample.precision.rate,
        "margin": sample.precision.margin,
        "confidence": sample.precision.confidence,
        "size": sample.size,
        "public_value": sample.public_value,
        "known_on": sample.known_on.isoformat(),
        "author": sample.author,
        "announced_at": sample.announced_at.astimezone(UTC).isoformat(),
        "seed": None
        if sample.seed_value is None or sample.seeded_at is None
        else {
            "value": sample.seed_value,
            "sha256": seed_of(digest, sample.public_value, sample.seed_value),
            "author": sample.seed_author,
            "entered_at": sample.seeded_at.astimezone(UTC).isoformat(),
        },
        "drawn": [
            {
                "project": it.project,
                "milestone": it.milestone,
                "result": _result_json(counting[it]) if it in counting else None,
            }
            for it in sample.drawn
        ],
        "error_rate": {
            "drawn": rate.drawn,
            "looked_at": rate.looked_at,
            "errors": rate.errors,
            "amount_hkd": amount(rate.amount_hkd),
            "value": rate.rate,
            "low": rate.low,
            "high": rate.high,
        },
    }


def _result_json(result: SampleResult) -> dict[str, Any]:
    return {
        "is_error": result.is_error,
        "amount_hkd": amount(result.amount_hkd),
        "note": result.note,
        "author": result.author,
        "entered_at": result.entered_at.astimezone(UTC).isoformat(),
    }
