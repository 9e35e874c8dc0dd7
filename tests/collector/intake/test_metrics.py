"""What the intake counts, as Prometheus reads it."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from collector.intake.decisions import Outcome
from collector.intake.metrics import IntakeMetrics


def test_every_outcome_is_there_before_it_happened() -> None:
    metrics = IntakeMetrics()
    metrics.answered(Outcome.GAP)
    found = {
        outcome: metrics.registry.get_sample_value(
            "lineproof_intake_batches_total", {"outcome": outcome.value}
        )
        for outcome in Outcome
    }
    assert found == {outcome: float(outcome is Outcome.GAP) for outcome in Outcome}


def test_what_lasts_and_what_fails_is_counted() -> None:
    registry = CollectorRegistry()
    metrics = IntakeMetrics(registry)
    metrics.lasted(5, 2)
    metrics.lasted(3, 0)
    metrics.failed()
    metrics.took(0.02)
    names = ("samples_total", "rejections_total", "storage_failures_total", "group_seconds_count")
    found = [registry.get_sample_value(f"lineproof_intake_{name}") for name in names]
    assert found == [8.0, 2.0, 1.0, 1.0]


def test_two_collectors_of_one_process_count_apart() -> None:
    one, other = IntakeMetrics(), IntakeMetrics()
    one.failed()
    name = "lineproof_intake_storage_failures_total"
    assert (one.registry.get_sample_value(name), other.registry.get_sample_value(name)) == (1, 0)
