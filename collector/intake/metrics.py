"""What the intake counts, for Prometheus. No unbounded labels: outcomes are a closed list."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from collector.intake.decisions import Outcome


class IntakeMetrics:
    """Counters of one collector in `registry` (one of its own where none is given)."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._batches = Counter(
            "lineproof_intake_batches",
            "Batches that were answered, by outcome",
            ["outcome"],
            registry=self.registry,
        )
        for outcome in Outcome:  # so that a rate is known before the first refusal
            self._batches.labels(outcome.value)
        self._live = Counter(
            "lineproof_intake_live_frames",
            "Live frames that were answered, by outcome",
            ["outcome"],
            registry=self.registry,
        )
        self._spoken = Counter(
            "lineproof_intake_protocol",
            "Requests of agents, by the version of the protocol that was agreed on",
            ["version"],
            registry=self.registry,
        )
        self._samples = Counter(
            "lineproof_intake_samples", "Samples made to last", registry=self.registry
        )
        self._rejections = Counter(
            "lineproof_intake_rejections",
            "Readings and samples that could not be used",
            registry=self.registry,
        )
        self._not_kept = Counter(
            "lineproof_intake_refused_not_kept",
            "Batches of unknown senders that were refused and for which quarantine had no room",
            registry=self.registry,
        )
        self._failures = Counter(
            "lineproof_intake_storage_failures",
            "Groups of batches that could not be made to last and were not acknowledged",
            registry=self.registry,
        )
        self._seconds = Histogram(
            "lineproof_intake_group_seconds",
            "Seconds to archive and store one group of batches",
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self.registry,
        )

    def answered(self, outcome: Outcome) -> None:
        self._batches.labels(outcome.value).inc()

    def told_live(self, outcome: str) -> None:
        self._live.labels(outcome).inc()

    def spoken(self, version: int) -> None:
        """A request in that version of the protocol."""
        self._spoken.labels(str(version)).inc()

    def lasted(self, samples: int, rejections: int) -> None:
        self._samples.inc(samples)
        self._rejections.inc(rejections)

    def refused(self, *, kept: bool) -> None:
        if not kept:
            self._not_kept.inc()

    def failed(self) -> None:
        self._failures.inc()

    def took(self, seconds: float) -> None:
        self._seconds.observe(seconds)
