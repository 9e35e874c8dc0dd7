"""`doctor` on a data folder: what is gone or cannot be opened is found before anything is made anew
in its place, and all the rest is looked at all the same.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from domain.errors import BusyError, LineproofError
from lineproof.upkeep.archive_checks import quarantine
from lineproof.upkeep.chain_checks import BatchesSeen
from lineproof.upkeep.doctor import Check, disk, examine, looked_at, registry_checks
from lineproof.upkeep.findings import BACKUP, REBUILD, Finding
from store.archive.sealed_batches import Archive
from store.node.data_folder import DataFolder
from store.node.opening import (
    Stores,
    StoreSettings,
    open_telemetry,
    opened_registry,
    read_store_settings,
)
from store.registry.registry import Registry
from store.telemetry.protocol import TelemetryStore


def examine_folder(path: Path, now: datetime, progress: BatchesSeen | None = None) -> list[Finding]:
    """Every check on a stopped node. Raises InputError where that is no data folder, BusyError
    where another process has it, StorageError where it cannot even be locked."""
    with ExitStack() as opened:
        folder = opened.enter_context(DataFolder(path, must_exist=True))
        parts = _Parts(folder, opened)
        settings = parts.settings()
        archive = parts.archive()
        registry = None if settings is None else parts.registry(settings)
        telemetry = None if settings is None else parts.telemetry(settings, archive)
        if archive is not None and registry is not None and telemetry is not None:
            stores = Stores(folder, telemetry, registry, archive, opened.pop_all())
            with stores:
                return [*parts.found, *examine(stores, now, progress)]
        checks: list[tuple[str, Check]] = [("disk", lambda: disk(path))]
        if archive is not None:
            checks.append(("quarantine", lambda: quarantine(archive.quarantine)))
        if registry is not None:
            checks += registry_checks(registry)
        return parts.found + [it for check in checks for it in looked_at(*check)]


class _Parts:
    """Opens what lies in the folder; `found`: what is wrong with it."""

    def __init__(self, folder: DataFolder, opened: ExitStack) -> None:
        self.found: list[Finding] = []
        self._folder = folder
        self._opened = opened

    def settings(self) -> StoreSettings | None:
        try:
            return read_store_settings(self._folder.store_settings)
        except LineproofError as error:
            self.found.append(Finding("store.yaml", "problem", str(error.what), error.todo))
            return None

    def archive(self) -> Archive | None:
        if self._folder.archive.is_dir():
            try:
                archive = Archive(self._folder.archive)
            except LineproofError as error:
                where = f"{error.where}: {error.what}"
                self.found.append(Finding("archive", "problem", where, error.todo))
                return None
            self._opened.callback(archive.close)
            return archive
        odd = "is no folder" if self._folder.archive.exists() else "is gone"
        self.found.append(
            Finding(
                "archive",
                "problem",
                f"{self._folder.archive} {odd}: without it nothing can be proved or made anew",
                "Put the folder 'archive' back from a backup.",
            )
        )
        return None

    def registry(self, settings: StoreSettings) -> Registry | None:
        path = self._folder.registry
        is_elsewhere = bool(settings.registry.get_secret_value())
        if not is_elsewhere and not path.exists():
            self.found.append(Finding("registry", "problem", f"{path} is gone", BACKUP))
            return None
        try:
            registry = opened_registry(self._folder, settings)
        except LineproofError as error:
            where = error.where if is_elsewhere else path
            self.found.append(Finding("registry", "problem", f"{where}: {error.what}", error.todo))
            return None
        self._opened.callback(registry.close)
        return registry

    def telemetry(self, settings: StoreSettings, archive: Archive | None) -> TelemetryStore | None:
        path = self._folder.telemetry
        is_file = settings.kind == "duckdb"
        if is_file and not path.exists() and archive is not None and any(archive.digests()):
            self.found.append(Finding("telemetry", "problem", f"{path} is gone", REBUILD))
            return None
        try:
            telemetry = open_telemetry(settings, self._folder)
        except BusyError:
            raise
        except LineproofError as error:
            todo = REBUILD if is_file else error.todo
            self.found.append(Finding("telemetry", "problem", str(error.what), todo))
            return None
        self._opened.callback(telemetry.close)
        return telemetry
