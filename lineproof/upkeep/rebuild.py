"""`rebuild`: telemetry and facts made again from the archive, and used once they are complete."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from analytics.facts.line_digest import line_digest
from collector.facts.keeper import FactsKeeper
from collector.replay.replay import Replayed, replay
from collector.workers.batches import examined_by
from collector.workers.cluster import Workers, workers_of
from collector.workers.facts import refresh_by
from domain.corrections import LineCorrections
from domain.errors import CheckFailedError
from domain.frames import FACTS
from domain.plant import Plant
from domain.time import Window
from lineproof.progress import StepProgress
from store.node.rebuilding import Rebuilding, batch_counts, rebuilding
from store.registry.facts_basis import StoredFactsBasis
from store.registry.record import GONE
from store.registry.registry import Registry
from store.telemetry.protocol import TelemetryReader

Agree = Callable[[Sequence[str]], bool]
PIECES = "rebuild-pieces"  # a folder beside the data
_TOLD = 5  # rows of the registry
_AROUND = timedelta(days=2)  # facts reach to the ends of whole slices


@dataclass(frozen=True, slots=True)
class RebuildSummary:
    """`facts`: rows that are stored now; `slices`: slices of time that they were made for."""

    store: str
    replayed: Replayed
    slices: int
    facts: int


def rebuild_folder(
    data: Path,
    now: datetime,
    progress: StepProgress | None = None,
    agree: Agree = lambda _lost: True,
    scheduler: str | None = None,
) -> RebuildSummary:
    """Make the node's telemetry and facts anew. Where less would be in force then than is there,
    `agree` is told what would go: unless it says yes, all stays as it is. `scheduler`: the address
    of a Dask cluster, whose workers do then what can be done apart.

    Raises CheckFailedError then, and when archived batches are there and none of them verifies, so
    that nothing would be left; then, as after any other error, the old telemetry stays in force.
    """
    with rebuilding(data) as anew, _workers(scheduler, anew) as workers:
        replayed = replay(
            anew.archive,
            anew.registry.agents,
            anew.telemetry,
            anew.scratch / "index.sqlite",
            progress and partial(progress, "verifying batches"),
            None
            if workers is None
            else partial(examined_by, workers, anew.archive, anew.registry.agents),
        )
        refused = replayed.quarantined + len(replayed.unreadable)
        if refused and not replayed.batches:
            why = sorted(replayed.quarantine) + ["unreadable"] * bool(replayed.unreadable)
            raise CheckFailedError(
                f"none of the {refused} archived batches verifies "
                f"({', '.join(why)}); the old telemetry stays in force",
                where=str(anew.folder.archive),
                todo="Put archive and registry of one node back from a backup.",
            )
        lost = list(_lost(anew, replayed))
        if lost and not agree(lost):
            raise CheckFailedError(
                f"the rebuild would put less in force than is there: {'; '.join(lost)}",
                where=str(data),
                todo="Nothing was changed. Put back from a backup what is missing; or run it with "
                "--yes, if that is to go.",
            )
        if anew.kind == "influxdb":
            _forget_facts(anew)
        source = _Deferring(anew.registry.facts_basis)
        slices = _refresh(anew, source, now, progress, workers)
        facts = _count_facts(anew.telemetry, anew.registry)
        anew.put_in_force()
        source.tell()
    return RebuildSummary(anew.kind, replayed, slices, facts)


def _refresh(
    anew: Rebuilding,
    source: _Deferring,
    now: datetime,
    progress: StepProgress | None,
    workers: Workers | None,
) -> int:
    told = progress and partial(progress, "computing facts")
    if workers is not None:
        return refresh_by(workers, anew.telemetry, source, lambda: now, told)
    return FactsKeeper(anew.telemetry, source, lambda: now).refresh(progress=told)


@contextlib.contextmanager
def _workers(scheduler: str | None, anew: Rebuilding) -> Iterator[Workers | None]:
    """Those of the scheduler; what they give lasts beside the data until all is done."""
    pieces = anew.folder.path / PIECES
    if scheduler is not None:
        with workers_of(scheduler, pieces, obstacle=anew.archive.obstacle) as workers:
            yield workers
        return
    yield None
    shutil.rmtree(pieces, ignore_errors=True)  # of one by workers that never came to its end


def _lost(anew: Rebuilding, replayed: Replayed) -> Iterator[str]:
    """What is there, or was once, and would not be in force any more."""
    found = batch_counts(anew.telemetry)
    for agent, count in sorted((anew.before or {}).items()):
        if found.get(agent, 0) < count:
            yield f"{count - found.get(agent, 0)} of {count} batches of {agent}"
    if anew.before is None and anew.kind != "influxdb" and replayed.missing:
        yield f"{replayed.missing} batches that came in once"
    yield from islice((it for it in anew.registry.recorded.faults() if _is_gone(it)), _TOLD)


def _is_gone(fault: str) -> bool:
    return fault.endswith(GONE)


class _Deferring:
    """The basis, told which corrections the new facts contain only once these are used."""

    def __init__(self, basis: StoredFactsBasis) -> None:
        self._basis = basis
        self._follow: dict[str, int] = {}

    @property
    def version(self) -> int:
        return self._basis.version

    def plants(self) -> list[Plant]:
        return self._basis.plants()

    def line_corrections(self, line: str) -> LineCorrections:
        return self._basis.line_corrections(line)

    def mark_applied(self, line: str, number: int) -> None:
        self._follow[line] = number

    def tell(self) -> None:
        for line, number in self._follow.items():
            self._basis.mark_applied(line, number)


def _forget_facts(anew: Rebuilding) -> None:
    """A bucket keeps the facts that it had; they must be computed again, too."""
    for line, spec, window in _lines(anew.telemetry, anew.registry):
        anew.telemetry.replace_facts(line, spec, [window], FACTS.to_frame(), 0)


def _count_facts(telemetry: TelemetryReader, registry: Registry) -> int:
    return sum(
        telemetry.facts(line, spec, window.start, window.end).height
        for line, spec, window in _lines(telemetry, registry)
    )


def _lines(telemetry: TelemetryReader, registry: Registry) -> list[tuple[str, str, Window]]:
    """Each line that has data, the digest of its specification, and all of its time."""
    return [
        (line, line_digest(plant, line), Window(extent.start - _AROUND, extent.end + _AROUND))
        for plant in registry.plants.all()
        for line in plant.lines
        if (extent := telemetry.extent(line)) is not None
    ]
