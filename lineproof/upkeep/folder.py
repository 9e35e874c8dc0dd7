"""`doctor` on a data folder: what is gone or cannot be opened is found before anything is made anew
in its place, and all the rest is looked at all the same.
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from domain.errors import BusyError, LaterVersionError, LineproofError
from lineproof.upkeep.archive_checks import quarantine
from lineproof.upkeep.chain_checks import BatchesSeen
from lineproof.upkeep.doctor import Check, disk, examine, looked_at, registry_checks
from lineproof.upkeep.findings import BACKUP, REBUILD, Finding
from lineproof.upkeep.table_checks import brought_on
from store.archive.protocol import BatchArchive
from store.node.archive_place import archive_at
from store.node.data_folder import DataFolder
from store.node.opening import (
    Stores,
    StoreSettings,
    open_telemetry,
    opened_registry,
    read_store_settings,
    refuse_later_ledger,
)
from store.registry.database import tables_version_in
from store.registry.registry import Registry
from store.telemetry.protocol import TelemetryStore

_IN_THE_FOLDER = ("", "", "", "", "")


def examine_folder(path: Path, now: datetime, progress: BatchesSeen | None = None) -> list[Finding]:
    """Every check on a stopped node. Raises InputError where that is no data folder, BusyError
    where another process has it, StorageError where it cannot even be locked."""
    with ExitStack() as opened:
        folder = opened.enter_context(DataFolder(path, must_exist=True))
        parts = _Parts(folder, opened)
        settings = parts.settings()
        archive = parts.archive(settings)
        is_known = settings is not None and parts.is_ledger_known()
        registry = parts.registry(settings) if settings is not None and is_known else None
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

    def archive(self, settings: StoreSettings | None) -> BatchArchive | None:
        place = settings.archive_place if settings else _IN_THE_FOLDER
        if self._folder.archive.is_dir() or place != _IN_THE_FOLDER:
            try:
                archive = archive_at(self._folder.archive, *place)
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

    def is_ledger_known(self) -> bool:
        """Where a later version went on with the ledger, the registry is not opened: that would
        bring it to this version."""
        try:
            refuse_later_ledger(self._folder)
        except LaterVersionError as error:
            where = f"{error.where}: {error.what}"
            self.found.append(Finding("ledger", "problem", where, error.todo))
            return False
        return True

    def registry(self, settings: StoreSettings) -> Registry | None:
        path = self._folder.registry
        is_elsewhere = bool(settings.registry.get_secret_value())
        if not is_elsewhere and not path.exists():
            self.found.append(Finding("registry", "problem", f"{path} is gone", BACKUP))
            return None
        before = "" if is_elsewhere else tables_version_in(path)
        try:
            registry = opened_registry(self._folder, settings)
        except LineproofError as error:
            where = error.where if is_elsewhere else path
            self.found.append(Finding("registry", "problem", f"{where}: {error.what}", error.todo))
            return None
        self._opened.callback(registry.close)
        self.found += brought_on(path, before)
        return registry

    def telemetry(
        self, settings: StoreSettings, archive: BatchArchive | None
    ) -> TelemetryStore | None:
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
            is_ours = is_file and not isinstance(error, LaterVersionError)
            todo = REBUILD if is_ours else error.todo
            self.found.append(Finding("telemetry", "problem", str(error.what), todo))
            return None
        self._opened.callback(telemetry.close)
        return telemetry
