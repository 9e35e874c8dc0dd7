"""Prometheus metrics of what a node stands on: its disk, certificate, backups, ledger and those
outside who see the ledger. Read when somebody scrapes.

Names follow Prometheus' conventions: base units, instants as seconds since 1970. What cannot be
read just now has no value then: `doctor` says why, and nobody's scrape fails of it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from domain.errors import LineproofError
from domain.ledger.leaves import parse_leaf
from lineproof.backup.last_made import last_made
from lineproof.tls.certificates import read_certificate
from lineproof.witnesses.outsiders import outsiders_of
from store.ledger.witness_file import Standing
from store.node.opening import Stores

_Told = TypeVar("_Told")
_Values = Iterable[tuple[Sequence[str], float]]  # labels, and a value


class NodeMetrics(Collector):
    """`certificate`: the file that the node answers with; None without TLS of its own. Without
    `has_ledger` the ledger is kept elsewhere, and nothing is told of it."""

    def __init__(
        self, stores: Stores, certificate: Path | None = None, *, has_ledger: bool = True
    ) -> None:
        self._stores = stores
        self._certificate = certificate
        self._has_ledger = has_ledger

    def collect(self) -> Iterable[Metric]:
        yield from self._of_machine()
        if self._has_ledger:
            yield from self._of_ledger()
            yield from self._of_outsiders()

    def _of_machine(self) -> Iterator[Metric]:
        yield _gauge("data_free_bytes", "Free on the disk where the data lie", self._free)
        yield _gauge("data_disk_bytes", "Size of the disk where the data lie", self._disk)
        yield _gauge(
            "certificate_ends_timestamp_seconds",
            "Until when the node's certificate is valid; absent without TLS of its own",
            self._certificate_ends,
        )
        yield _gauge(
            "backup_last_timestamp_seconds",
            "When the last backup was made; 0: none yet; absent with the registry on PostgreSQL",
            self._last_backup,
        )

    def _of_ledger(self) -> Iterator[Metric]:
        yield _gauge("ledger_leaves", "Leaves of the ledger", self._leaves)
        yield _gauge(
            "ledger_last_leaf_timestamp_seconds",
            "When the last leaf was added and a checkpoint signed; absent before the first",
            self._last_leaf,
        )
        yield _gauge(
            "ledger_rows_waiting",
            "Rows of the record that are not in the ledger yet",
            self._waiting,
        )

    def _of_outsiders(self) -> Iterator[Metric]:
        last = GaugeMetricFamily(
            "lineproof_witness_last_timestamp_seconds",
            "When a witness or time stamp authority last answered; 0: never",
            labels=["witness"],
        )
        failures = GaugeMetricFamily(
            "lineproof_witness_failures", "Failures in a row since then", labels=["witness"]
        )
        contradicts = GaugeMetricFamily(
            "lineproof_witness_contradicts",
            "1: it says that this is not the ledger that it knows",
            labels=["witness"],
        )
        for title, standing in _read(self._standings):
            done = None if standing is None else standing.done_at
            last.add_metric([title], 0 if done is None else done.timestamp())
            failures.add_metric([title], 0 if standing is None else standing.failures)
            contradicts.add_metric([title], float(standing is not None and standing.is_grave))
        yield from (last, failures, contradicts)

    def _free(self) -> _Values:
        return _one(shutil.disk_usage(self._stores.folder.path).free)

    def _disk(self) -> _Values:
        return _one(shutil.disk_usage(self._stores.folder.path).total)

    def _certificate_ends(self) -> _Values:
        if self._certificate is None:
            return []
        return _one(read_certificate(self._certificate).not_valid_after_utc.timestamp())

    def _last_backup(self) -> _Values:
        folder = self._stores.folder
        if not folder.registry.exists():  # on a server, whose own tools make the backups
            return []
        made = last_made(folder.path)
        return _one(0 if made is None else made.timestamp())

    def _leaves(self) -> _Values:
        return _one(self._stores.ledger.size)

    def _last_leaf(self) -> _Values:
        ledger = self._stores.ledger
        last = ledger.leaves(ledger.size - 1, 1) if ledger.size else []
        return [((), parse_leaf(written).at.timestamp()) for _, written in last]

    def _waiting(self) -> _Values:
        ledger = self._stores.ledger
        last = ledger.last_record() if ledger.is_begun else None
        return _one(self._stores.registry.recorded.count() - (last.number if last else 0))

    def _standings(self) -> list[tuple[str, Standing | None]]:
        ledger = self._stores.ledger
        witnesses, authorities, _ = outsiders_of(self._stores.folder, ledger)
        return [
            (it.title, ledger.others.standing(it.standing_name))
            for it in (*witnesses, *authorities)
        ]


def node_registry(
    stores: Stores, certificate: Path | None = None, *, has_ledger: bool = True
) -> CollectorRegistry:
    """A registry of its own; arguments as for `NodeMetrics`."""
    registry = CollectorRegistry()
    registry.register(NodeMetrics(stores, certificate, has_ledger=has_ledger))
    return registry


def _gauge(name: str, says: str, read: Callable[[], _Values]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"lineproof_{name}", says, labels=())
    for labels, value in _read(read):
        family.add_metric(labels, value)
    return family


def _read(read: Callable[[], Iterable[_Told]]) -> list[_Told]:
    """Nothing of what cannot be read."""
    try:
        return list(read())
    except (LineproofError, OSError, ValueError):
        return []


def _one(value: float) -> _Values:
    return [((), value)]
