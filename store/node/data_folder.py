"""A node's data folder: what lies where, and the lock that makes it one process's own.

Rules: the lock is the operating system's, so a crash frees it; its owner's process number is
in a file beside it, for the sentence that the second one reads. A folder that cannot be
written is found out before anything is started.
"""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from domain.errors import BusyError, InputError
from store.archive.blobs import storage_errors


class DataFolder:
    """The folder at `path`, owned until `close`. Also a context manager.

    Raises InputError when it is a file (or, with `must_exist`, is not there or holds no node's
    data), StorageError when it cannot be written, BusyError when another process owns it.
    """

    def __init__(self, path: Path, *, must_exist: bool = False) -> None:
        self.path = path
        if path.exists() and not path.is_dir():
            raise InputError(
                "this is a file, not a data folder", where=str(path), todo="Give a folder's path."
            )
        lasting = (self.registry, self.telemetry, self.archive, self.store_settings)
        if must_exist and not any(it.exists() for it in lasting):
            raise InputError(
                "this folder holds no node's data" if path.exists() else "there is no data folder",
                where=str(path),
                todo="Check the path; 'lineproof apply' and 'lineproof up' make one.",
            )
        with storage_errors(path):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = FileLock(path / "lock")
            try:
                self._lock.acquire(timeout=0)
            except Timeout:
                raise self._busy() from None
            try:
                # Also the check that the disk takes a write.
                self._owner.write_text(f"{os.getpid()}\n", encoding="ascii")
            except OSError:
                self._lock.release()
                raise

    @property
    def registry(self) -> Path:
        return self.path / "registry.sqlite"

    @property
    def telemetry(self) -> Path:
        return self.path / "telemetry.duckdb"

    @property
    def archive(self) -> Path:
        return self.path / "archive"

    @property
    def documents(self) -> Path:
        return self.path / "documents"

    @property
    def ledger(self) -> Path:
        return self.path / "ledger"

    @property
    def agents(self) -> Path:
        """A folder for each agent that runs inside this node."""
        return self.path / "agents"

    @property
    def store_settings(self) -> Path:
        return self.path / "store.yaml"

    @property
    def witnesses(self) -> Path:
        """Which witnesses the ledger's checkpoints are shown to (C2SP tlog-policy)."""
        return self.path / "witnesses.policy"

    @property
    def timestamps(self) -> Path:
        """Which authorities stamp them with a time."""
        return self.path / "timestamps.yaml"

    @property
    def report_signing(self) -> Path:
        """With what the reports of dossiers are signed."""
        return self.path / "report-signing.yaml"

    @property
    def report_signatures(self) -> Path:
        """Signatures that were made, so that the same report is not signed a second time."""
        return self.path / "report-signatures"

    @property
    def _owner(self) -> Path:
        return self.path / "owner.pid"

    def _busy(self) -> BusyError:
        try:
            owner = f"process {int(self._owner.read_text(encoding='ascii'))}"
        except (OSError, ValueError):
            owner = "another process"
        return BusyError(
            f"the data folder is in use by {owner}",
            where=str(self.path),
            todo="Stop it first, or ask the running node with --url http://… instead of --data.",
        )

    def close(self) -> None:
        if self._lock.is_locked:
            self._owner.unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> DataFolder:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()
