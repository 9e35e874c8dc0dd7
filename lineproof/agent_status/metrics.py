"""Prometheus metrics of agents, read when somebody scrapes.

Names follow Prometheus' conventions: base units, `_total` for what only grows. All have the label
`agent`; those of a machine `line` and `machine`, too. What machines make up (reasons of rejections)
makes no more series than eleven for each machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.rejection_reasons import most_frequent
from edge.agent import AgentStatus
from edge.machine_status import MachineStatus
from edge.uplink import Trouble

_Values = Iterable[tuple[Sequence[str], float]]  # further labels, and a value


@dataclass(frozen=True, slots=True)
class MetricKind:
    """`read` gives what it has of an agent, or of each machine: its labels beside `agent` (`line`
    and `machine`) and the value. A counter's name ends in `_total` when it is told."""

    name: str
    says: str
    labels: tuple[str, ...]
    of_agent: Callable[[AgentStatus], _Values] | None = None
    of_machine: Callable[[MachineStatus], _Values] | None = None
    is_counter: bool = False

    @property
    def all_labels(self) -> tuple[str, ...]:
        machine = ("line", "machine") if self.of_machine else ()
        return ("agent", *machine, *self.labels)

    def family(self) -> CounterMetricFamily | GaugeMetricFamily:
        kind = CounterMetricFamily if self.is_counter else GaugeMetricFamily
        return kind(self.name, self.says, labels=self.all_labels)

    def values(self, status: AgentStatus) -> Iterator[tuple[list[str], float]]:
        """All labels and the value of each series."""
        if self.of_agent is not None:
            for labels, value in self.of_agent(status):
                yield [status.name, *labels], value
        if self.of_machine is not None:
            for machine in status.machines:
                for labels, value in self.of_machine(machine):
                    yield [status.name, machine.line, machine.machine, *labels], value


class AgentMetrics(Collector):
    """`statuses`: how each agent is doing now."""

    def __init__(self, statuses: Callable[[], Sequence[AgentStatus]]) -> None:
        self._statuses = statuses

    def collect(self) -> Iterable[Metric]:
        statuses = self._statuses()
        for kind in METRICS:
            family = kind.family()
            for status in statuses:
                for labels, value in kind.values(status):
                    family.add_metric(labels, value)
            yield family


def agent_registry(statuses: Callable[[], Sequence[AgentStatus]]) -> CollectorRegistry:
    """A registry of its own for these agents."""
    registry = CollectorRegistry()
    registry.register(AgentMetrics(statuses))
    return registry


def _one(value: float) -> _Values:
    return [((), value)]


def _instant(at: datetime | None) -> _Values:
    return [] if at is None else [((), at.timestamp())]


def _amount(value: float | None) -> _Values:
    return [] if value is None else [((), value)]


def _rejections(machine: MachineStatus) -> _Values:
    return [((reason,), count) for reason, count in most_frequent(dict(machine.rejected))]


def _faults(machine: MachineStatus) -> _Values:
    codes = [fault.code.value for fault in machine.faults]
    return [((code,), codes.count(code)) for code in sorted(set(codes))]


def _clock_ahead(status: AgentStatus) -> _Values:
    return _one(status.clock.ahead_s) if status.clock.is_compared else ()


def _machine_clock(machine: MachineStatus) -> _Values:
    return _amount(machine.clock_error.ahead_s if machine.clock_error else None)


def _troubles(status: AgentStatus) -> _Values:
    return [((it.value,), float(status.uplink.trouble is it)) for it in Trouble]


def _gauge(
    name: str, says: str, read: Callable[[AgentStatus], _Values], *labels: str
) -> MetricKind:
    return MetricKind(f"lineproof_agent_{name}", says, labels, of_agent=read)


def _counter(name: str, says: str, read: Callable[[AgentStatus], float]) -> MetricKind:
    return MetricKind(
        f"lineproof_agent_{name}", says, (), of_agent=lambda it: _one(read(it)), is_counter=True
    )


def _of_source(
    name: str, says: str, read: Callable[[MachineStatus], _Values], *labels: str
) -> MetricKind:
    return MetricKind(f"lineproof_agent_{name}", says, labels, of_machine=read)


def _count_of_source(
    name: str, says: str, read: Callable[[MachineStatus], _Values], *labels: str
) -> MetricKind:
    name = f"lineproof_agent_{name}"
    return MetricKind(name, says, labels, of_machine=read, is_counter=True)


METRICS = (
    _gauge("start_time_seconds", "When the agent started", lambda it: _instant(it.started)),
    _gauge(
        "clock_ahead_seconds",
        "By how much the agent's clock is ahead of the collector's, 0 within 5 s; negative: behind;"
        " absent before they were compared",
        _clock_ahead,
    ),
    _gauge(
        "spool_unsaved_rows",
        "Samples and rejections in memory, on their way to the disk",
        lambda it: _one(it.unsaved),
    ),
    _gauge(
        "spool_pending_rows",
        "Samples and rejections on disk that are not sealed yet",
        lambda it: _one(it.spool.pending_rows),
    ),
    _gauge(
        "spool_sealed_rows",
        "Samples and rejections in sealed batches that wait for the collector",
        lambda it: _one(it.spool.sealed_rows),
    ),
    _gauge(
        "spool_sealed_batches",
        "Sealed batches that wait for the collector",
        lambda it: _one(it.spool.sealed_batches),
    ),
    _gauge(
        "spool_oldest_batch_timestamp_seconds",
        "When the oldest batch that waits was sealed; absent while none waits",
        lambda it: _instant(it.spool.oldest_sealed),
    ),
    _gauge("spool_bytes", "Bytes of all that is in the spool", lambda it: _one(it.spool.bytes)),
    _gauge(
        "spool_limit_bytes",
        "Bytes that it may hold (spool.max_bytes)",
        lambda it: _one(it.spool.limit_bytes),
    ),
    _gauge(
        "spool_refuses",
        "1 while sources wait because the spool is nearly full or the disk refuses",
        lambda it: _one(bool(it.problem)),
    ),
    _counter("source_waits", "How often a source had to wait for room", lambda it: it.waits),
    _counter(
        "uplink_batches", "Batches that the collector acknowledged", lambda it: it.uplink.sent
    ),
    _gauge(
        "uplink_failures",
        "Attempts in a row to hand over a batch that failed; 0: the last one was acknowledged",
        lambda it: _one(it.uplink.failures),
    ),
    _gauge(
        "uplink_trouble", "1 for the reason why batches are not handed over now", _troubles, "kind"
    ),
    _gauge(
        "uplink_last_acknowledged_timestamp_seconds",
        "When the collector acknowledged a batch last",
        lambda it: _instant(it.uplink.last_acknowledged),
    ),
    _gauge(
        "uplink_protocol_version",
        "Of the protocol that was agreed on with the collector; absent before its first receipt",
        lambda it: _amount(it.uplink.protocol or None),
    ),
    _of_source(
        "source_connected",
        "1 while the connection stands",
        lambda it: _one(it.source.connected),
    ),
    _of_source(
        "machine_alive",
        "1 while the machine is confirmed: what it does is known",
        lambda it: _one(it.alive),
    ),
    _of_source(
        "source_last_heard_timestamp_seconds",
        "When anything came last, whether it could be used or not",
        lambda it: _instant(it.source.last_heard),
    ),
    _of_source(
        "source_lag_seconds",
        "From the time that the source gave to its receipt, the middle one of the last minute;"
        " negative: the source's clock is ahead",
        lambda it: _amount(it.pace.lag_s),
    ),
    _of_source(
        "source_lag_max_seconds",
        "The largest one of the last minute",
        lambda it: _amount(it.pace.lag_max_s),
    ),
    _count_of_source(
        "source_readings", "Values that came off the wire", lambda it: _one(it.source.readings)
    ),
    _count_of_source("samples", "Samples made of them", lambda it: _one(it.samples)),
    _count_of_source(
        "rejections",
        "Values that could not be used, by reason: the ten most frequent, the rest as other",
        _rejections,
        "reason",
    ),
    _count_of_source(
        "source_times_not_believed",
        "Times of the source that were not believed, by what was wrong with them",
        lambda it: [((doubt,), count) for doubt, count in it.time_doubts],
        "doubt",
    ),
    _count_of_source(
        "source_connects", "Connections that were made", lambda it: _one(it.source.connects)
    ),
    _count_of_source(
        "source_losses", "Connections that were lost", lambda it: _one(it.source.losses)
    ),
    _count_of_source(
        "source_losses_bridged",
        "Losses over which nothing went missing",
        lambda it: _one(it.source.bridged),
    ),
    _count_of_source(
        "source_overflows",
        "Times that changes were lost although the connection stood: a queue of the machine"
        " overflowed, or a message of a sequence did not come",
        lambda it: _one(it.source.overflows),
    ),
    _count_of_source(
        "source_repeats",
        "Messages that were sent again and left out",
        lambda it: _one(it.source.repeats),
    ),
    _of_source(
        "source_faults", "What is wrong between agent and machine, by code", _faults, "code"
    ),
    _of_source(
        "machine_clock_ahead_seconds",
        "By how much the machine's clock is off, where it is; negative: behind",
        _machine_clock,
    ),
)
