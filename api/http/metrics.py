"""Prometheus metrics of one node, in a registry of their own.

Requests are counted by route template, never by path, so that no client can make new series; and
what machines and files tell makes no more of them than ten for each machine of a plant
file. What the store knows (batches, rejections, when a machine was last heard) is read when
somebody scrapes.
"""

from __future__ import annotations

import time
from collections import Counter as Counts
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.lanes import Lanes
from api.queries.lines import Queries
from api.queries.live import faults_of_lines
from domain.rejection_reasons import OTHER, most_frequent
from domain.source_faults import FaultCode


class RequestCounts:
    """Requests by route, in that registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "lineproof_http_requests",
            "HTTP requests answered",
            ["method", "route", "status"],
            registry=registry,
        )
        self.duration_s = Histogram(
            "lineproof_http_request_duration_seconds",
            "Time until the answer began",
            ["route"],
            registry=registry,
        )


class Metrics:
    """`others`: registries of the node's other parts, whose metrics are given too."""

    def __init__(
        self, queries: Queries, lanes: Lanes, others: Sequence[CollectorRegistry] = ()
    ) -> None:
        self.registry = CollectorRegistry()
        self._others = others
        self.counts = RequestCounts(self.registry)
        self.registry.register(_StoreCollector(queries))
        self.registry.register(LaneCollector(lanes))

    def text(self) -> bytes:
        """The exposition format of all metrics."""
        return b"".join(generate_latest(it) for it in (self.registry, *self._others))


class _StoreCollector(Collector):
    """Reads what the store knows at the moment of the scrape."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self._intake = queries.intake

    def collect(self) -> Iterable[Metric]:
        lines = [line.id for _, line in self._queries.lines()]
        heard = GaugeMetricFamily(
            "lineproof_machine_last_heard_timestamp_seconds",
            "Until when the machine was last confirmed alive",
            labels=["line", "machine"],
        )
        for line, machine, at in self._intake.last_heard(lines):
            heard.add_metric([line, machine], at.timestamp())
        rejected = CounterMetricFamily(
            "lineproof_rejections",
            "Readings and rows that could not be used",
            labels=["line", "machine", "reason"],
        )
        machines = {(line.id, it) for _, line in self._queries.lines() for it in line.machines}
        for labels, count in rejections_told(self._intake.rejection_counts(), machines):
            rejected.add_metric(labels, count)
        dirty = GaugeMetricFamily(
            "lineproof_dirty_marks", "Changes not yet taken into the stored facts", labels=["line"]
        )
        for line, marks in self._intake.dirty_counts(lines).items():
            dirty.add_metric([line], marks)
        refused = GaugeMetricFamily(
            "lineproof_quarantined_batches", "Batches that were refused and kept", labels=["reason"]
        )
        for reason, count in self._intake.quarantine_counts().items():
            refused.add_metric([reason], count)
        return [heard, rejected, dirty, refused, *self._faults()]

    def _faults(self) -> Iterable[Metric]:
        faults = GaugeMetricFamily(
            "lineproof_source_faults",
            "What is wrong between agent and machine, by code",
            labels=["line", "machine", "code"],
        )
        clocks = GaugeMetricFamily(
            "lineproof_machine_clock_ahead_seconds",
            "By how much a machine's clock is off, where it is; negative: behind",
            labels=["line", "machine"],
        )
        readings = GaugeMetricFamily(
            "lineproof_counter_readings_not_believed",
            "Readings of a counter in the last day that were not believed: out_of_line, or leapt",
            labels=["line", "machine", "signal", "why"],
        )
        for now, found in faults_of_lines(self._queries):
            line = now.line
            for (machine, code), count in Counts(
                (it.machine, it.fault.code) for it in found
            ).items():
                faults.add_metric([line, machine, code.value], count)
            for it in found:
                if it.fault.code in (FaultCode.CLOCK_AHEAD, FaultCode.CLOCK_BEHIND):
                    clocks.add_metric([line, it.machine], it.fault.amount_s)
            for read in now.refused:
                why = "leapt" if read.leapt else "out_of_line"
                readings.add_metric([line, read.machine, read.role, why], read.count)
        return [faults, clocks, readings]


def rejections_told(
    rows: Iterable[Mapping[str, Any]], machines: set[tuple[str, str]]
) -> Iterator[tuple[list[str], float]]:
    """Line, machine and reason, and how many: of each machine its most frequent reasons, and the
    rest of them as OTHER; of what is in no plant file one sum."""
    by_machine: dict[tuple[str, str], Counts[str]] = {}
    strange = 0
    for row in rows:
        named = row["line"], row["machine"]
        if named in machines:
            by_machine.setdefault(named, Counts())[row["reason"]] += row["count"]
        else:
            strange += row["count"]
    for (line, machine), counts in by_machine.items():
        for reason, count in most_frequent(counts):
            yield [line, machine, reason], count
    if strange:
        yield ["", "", OTHER], strange


class LaneCollector(Collector):
    """What the lanes did and do."""

    def __init__(self, lanes: Lanes) -> None:
        self._lanes = lanes.each

    def collect(self) -> Iterable[Metric]:
        label = ["lane"]
        running = GaugeMetricFamily(
            "lineproof_questions_running", "Questions in work", labels=label
        )
        waiting = GaugeMetricFamily(
            "lineproof_questions_waiting", "Questions that wait for a thread", labels=label
        )
        asked = CounterMetricFamily("lineproof_questions", "Questions asked", labels=label)
        refused = CounterMetricFamily(
            "lineproof_questions_refused", "Refused because too many waited", labels=label
        )
        ended = CounterMetricFamily(
            "lineproof_questions_ended", "Ended because nobody waited any more", labels=label
        )
        pieces = CounterMetricFamily(
            "lineproof_question_pieces", "Reads of a store for questions", labels=label
        )
        for lane in self._lanes:
            names = [lane.name]
            running.add_metric(names, lane.running)
            waiting.add_metric(names, lane.waiting)
            asked.add_metric(names, lane.counts.asked)
            refused.add_metric(names, lane.counts.refused)
            ended.add_metric(names, lane.counts.ended)
            pieces.add_metric(names, lane.pieces)
        return [running, waiting, asked, refused, ended, pieces]


class RequestMetrics:
    """Counts every request under its route's template once its answer begins."""

    def __init__(self, app: ASGIApp, counts: RequestCounts) -> None:
        self._app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "unmatched")
                status = str(message["status"])
                self._counts.requests.labels(scope["method"], route, status).inc()
                self._counts.duration_s.labels(route).observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, counted)
