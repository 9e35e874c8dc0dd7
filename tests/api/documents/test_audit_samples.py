"""A sample as programs read it: enough to make the draw again, and no rate too early."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from api.documents.audit_samples import sample_json
from domain.audit_samples import AuditSample, Precision, SampleItem, SampleResult

AT = datetime(2026, 5, 4, 8, tzinfo=UTC)
ITEMS = tuple(SampleItem(f"P-{it}", "M1") for it in range(3))
SAMPLE = AuditSample(
    1, "NIFS", date(2025, 4, 1), date(2026, 3, 31), ITEMS, Precision(), 2, "an index",
    date(2026, 5, 5), "chan", AT, "24871.56", "wong", AT,
)  # fmt: skip


def test_the_draw_follows_from_what_is_told() -> None:
    told = sample_json(SAMPLE, [])
    lines = "".join(json.dumps(it, separators=(",", ":")) + "\n" for it in told["population"])
    assert told["population_digest"] == hashlib.sha256(lines.encode()).hexdigest()
    seed = told["seed"]["sha256"]
    ranked = sorted(
        told["population"],
        key=lambda it: hashlib.sha256(
            f"{seed} {json.dumps(it, separators=(',', ':'))}".encode()
        ).hexdigest(),
    )
    assert [[it["project"], it["milestone"]] for it in told["drawn"]] == ranked[: told["size"]]


def test_before_the_seed_is_known() -> None:
    told = sample_json(replace(SAMPLE, seed_value=None), [])
    assert (told["seed"], told["drawn"], told["error_rate"]["value"]) == (None, [], None)


def test_the_result_that_counts_and_the_rate() -> None:
    first, second = SAMPLE.drawn
    results = [
        SampleResult(1, 1, first, False, None, "", "wong", AT),
        SampleResult(1, 2, first, True, Decimal("9.50"), "twice", "wong", AT),
    ]
    told = sample_json(SAMPLE, results)
    assert told["drawn"][0]["result"]["is_error"] is True
    assert told["drawn"][1]["result"] is None
    assert told["error_rate"] == {
        "drawn": 2, "looked_at": 1, "errors": 1, "amount_hkd": 9.5,
        "value": None, "low": None, "high": None,
    }  # fmt: skip
    done = [*results, SampleResult(1, 3, second, False, None, "", "wong", AT)]
    assert sample_json(SAMPLE, done)["error_rate"]["value"] == 0.5
