"""Writes a zip whose bytes follow from its content alone: fixed times, the order of adding.

What is packed already (batches, Parquet, PDF, attachments) is stored as it is.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

_MOMENT = (1980, 1, 1, 0, 0, 0)  # the first that a zip can tell
_READABLE = 0o100644 << 16
_PACKED = (".batches", ".parquet", ".pdf", ".arrow")


class DossierZip:
    """The file at `path`, begun anew. A context manager; `digests`: SHA-256 of each file by its
    path in the zip."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", allowZip64=True)
        self.digests: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def add(self, path: str, *chunks: bytes) -> None:
        self.add_stream(path, chunks)

    def add_stream(self, path: str, chunks: Iterable[bytes]) -> None:
        """A file of that content. A path comes once."""
        info = zipfile.ZipInfo(path, _MOMENT)
        info.create_system = 3  # the same wherever it is made
        info.external_attr = _READABLE
        packed = path.endswith(_PACKED) or path.startswith("attachments/")
        info.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
        hasher = hashlib.sha256()
        with self._zip.open(info, "w", force_zip64=True) as file:
            for chunk in chunks:
                hasher.update(chunk)
                file.write(chunk)
        self.digests[path] = hasher.hexdigest()
