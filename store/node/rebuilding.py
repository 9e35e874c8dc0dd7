"""A data folder opened to make its telemetry store anew, beside the one in force.

Rules: the new DuckDB file grows in a folder of its own (`rebuild`) and takes the old one's place
in one rename, when it is complete and on disk; a crash before leaves the old one in force, and
what it left is cleared away the next time. The old file need not be readable, or be there.
In PostgreSQL it grows in a schema beside the one in force, and one transaction exchanges them.
InfluxDB has no such exchange: there what is missing is added, in the bucket that is named.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable

from domain.errors import BusyError, StorageError
from store.archive.blobs import storage_errors, sync_folder
from store.archive.protocol import BatchArchive
from store.node.data_folder import DataFolder
from store.node.opening import (
    influx_store,
    opened_archive,
    opened_registry,
    postgres_store,
    read_store_settings,
    refuse_later_ledger,
)
from store.registry.registry import Registry
from store.telemetry.duckdb.store import DuckDBStore
from store.telemetry.protocol import TelemetryReader, TelemetryStore

_PAGE = 1000  # rows of a ledger


@runtime_checkable
class BesideTheOld(Protocol):
    """A store that grew beside the one in force, where both are."""

    def put_in_force(self) -> None: ...


@dataclass(frozen=True)
class Rebuilding:
    """`telemetry`: the store to fill; `scratch`: a folder for what is needed meanwhile."""

    kind: Literal["duckdb", "influxdb", "postgresql"]
    folder: DataFolder
    registry: Registry
    archive: BatchArchive
    telemetry: TelemetryStore
    scratch: Path
    before: dict[str, int] | None  # batches of each agent in the old file, where it can be read

    def put_in_force(self) -> None:
        """Close the new store and let it take the old one's place. Raises BusyError where
        somebody stored more in the old one meanwhile, StorageError."""
        if isinstance(self.telemetry, BesideTheOld):
            self.telemetry.put_in_force()
        self.telemetry.close()
        if self.kind == "duckdb":
            _exchange(_new_file(self.scratch), self.folder.telemetry)


@contextlib.contextmanager
def rebuilding(path: Path) -> Iterator[Rebuilding]:
    """The data folder at `path`, which must exist, with an empty store to fill, or the InfluxDB
    bucket as it is.

    Raises InputError, BusyError when another process uses the folder, StorageError.
    """
    with contextlib.ExitStack() as opened:
        folder = opened.enter_context(DataFolder(path, must_exist=True))
        settings = read_store_settings(folder.store_settings)
        refuse_later_ledger(folder)
        registry = opened_registry(folder, settings)
        opened.callback(registry.close)
        scratch = path / "rebuild"
        with storage_errors(scratch):
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
        opened.callback(shutil.rmtree, scratch, ignore_errors=True)
        telemetry: TelemetryStore
        if settings.kind == "duckdb":
            before = _settled(folder.telemetry)
            telemetry = DuckDBStore(_new_file(scratch))
        elif settings.kind == "postgresql":
            before = _counted(lambda: postgres_store(settings))
            telemetry = postgres_store(settings, is_anew=True)
        else:
            before, telemetry = None, influx_store(settings)
        opened.callback(telemetry.close)
        archive = opened_archive(folder, settings)
        opened.callback(archive.close)
        yield Rebuilding(settings.kind, folder, registry, archive, telemetry, scratch, before)


def _new_file(scratch: Path) -> Path:
    return scratch / "telemetry.duckdb"


def _log_of(file: Path) -> Path:
    """DuckDB's write-ahead log of that file."""
    return file.with_name(f"{file.name}.wal")


def _settled(file: Path) -> dict[str, int] | None:
    """Bring what the old file's log holds into the file, so that it can stay without the log. How
    many batches of each agent it has.

    What this program cannot open, it can only replace. Raises BusyError.
    """
    return _counted(lambda: DuckDBStore(file)) if file.exists() else None


def _counted(opened: Callable[[], TelemetryStore]) -> dict[str, int] | None:
    """How many batches of each agent the store has; None where it cannot be opened or read. Raises
    BusyError."""
    try:
        old = opened()
    except BusyError:
        raise
    except StorageError:
        return None
    with contextlib.closing(old):
        try:
            return batch_counts(old)
        except StorageError:
            return None


def batch_counts(telemetry: TelemetryReader) -> dict[str, int]:
    """How many batches of each agent the store has."""
    counts: Counter[str] = Counter()
    after: tuple[str, int] | None = None
    while page := telemetry.batches(after=after, limit=_PAGE):
        counts.update(it.agent for it in page)
        after = (page[-1].agent, page[-1].number)
    return dict(counts)


def _exchange(new: Path, old: Path) -> None:
    with storage_errors(new):
        if _log_of(new).exists():
            raise StorageError(
                "the new telemetry file is not complete: its log could not be taken into it",
                where=str(new),
                todo="Free some space and run the command again; the old file is in force.",
            )
        descriptor = os.open(new, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if _log_of(old).exists():
            # Of a file that could not be opened; beside the new one it would be taken for its log.
            _log_of(old).replace(_log_of(old).with_suffix(".wal-before-rebuild"))
        if old.is_dir():
            old.replace(old.with_name(f"{old.name}-before-rebuild"))
        new.replace(old)
        sync_folder(old.parent)
