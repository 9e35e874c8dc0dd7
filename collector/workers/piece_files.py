"""Pieces that are done, each in a file that is named by what it was made from.

Rules: a file appears under its name when all of it is written; what it holds is held against its
digest when it is read, and one that a crash or a disk spoilt is made again. A file of anything else
than what is asked for cannot be found, so nothing out of date is taken.
"""

from __future__ import annotations

import contextlib
import hashlib
import secrets
import shutil
from pathlib import Path

from store.archive.blobs import storage_errors

_DIGEST_BYTES = 32
_TOKEN_BYTES = 16


class PieceFiles:
    """The folder, made when it is not there; its pieces stay until it is cleared away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self.token = secrets.token_hex(_TOKEN_BYTES)
        with storage_errors(folder):
            self._folder.mkdir(exist_ok=True)
            self.token_file.write_text(self.token, encoding="ascii")

    @property
    def token_file(self) -> Path:
        """Holds `token`: whoever reads it there sees this very folder."""
        return self._folder / "token"

    def get(self, identity: str) -> bytes | None:
        """The piece; None where it is not there, or spoilt."""
        try:
            written = self._path(identity).read_bytes()
        except OSError:
            return None
        digest, data = written[:_DIGEST_BYTES], written[_DIGEST_BYTES:]
        return data if hashlib.sha256(data).digest() == digest else None

    def put(self, identity: str, data: bytes) -> None:
        """Keep the piece. Raises StorageError."""
        path = self._path(identity)
        with storage_errors(path):
            beside = path.with_suffix(".part")
            beside.write_bytes(hashlib.sha256(data).digest() + data)
            beside.replace(path)

    def clear_away(self) -> None:
        """All pieces: what they were for is done."""
        with contextlib.suppress(OSError):
            shutil.rmtree(self._folder)

    def _path(self, identity: str) -> Path:
        return self._folder / f"{identity}.piece"
