"""A dossier that somebody handed over, to read: a zip from outside, of which nothing is believed.

What is no dossier, or would take more room than one does, is refused before it is unpacked. Paths
are those of lineproof.dossier.paths and no others; nothing is ever written where a zip says.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self, cast

import orjson

from domain.errors import InputError, of_later_version, shortened
from domain.texts import one_line
from lineproof.dossier import paths

FILES_MAX = 200_000
_ABOUT_MAX_BYTES = 1 << 20  # of a project.json whose format is asked in a zip that is refused
TEXT_MAX_BYTES = 1 << 30  # of a file that is read whole
RATIO_MAX = 1000  # unpacked to packed
_CHUNK = 1 << 20
_DOSSIER_PATHS = re.compile(
    r"""README\.txt | project\.json | verdicts\.json | corrections\.json | decisions\.json
    | MANIFEST\.sha256 | report\.(en|zh-Hant|zh-Hans)\.pdf
    | (terms|plants)/[0-9a-f]{64}\.json | facts/[^/\\]+\.csv | facts/accepted/[0-9a-f]{64}\.arrow
    | samples/[^/\\]+/\d{4}-\d\d\.parquet | batches/[^/\\]+/\d{12}\.batches
    | attachments/[0-9a-f]{64}/[^/\\]+
    | ledger/(checkpoint|policy|leaves\.jsonl) | ledger/proofs/\d+\.tlog-proof
    | timestamps/[^/\\]+\.tsr""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class ZipForm:
    """What such a zip is called and who makes it; the paths that it may have, and those that it
    must."""

    title: str
    command: str
    paths: re.Pattern[str]
    needed: tuple[str, ...]


DOSSIER = ZipForm("dossier", "lineproof dossier", _DOSSIER_PATHS, (paths.MANIFEST, paths.ABOUT))


class DossierFile:
    """Raises InputError where the file is no zip of that form. A context manager."""

    def __init__(self, path: Path, form: ZipForm = DOSSIER) -> None:
        self.path = path
        self._form = form
        if not path.is_file():
            raise InputError("there is no such file", where=str(path), todo="Check the path.")
        try:
            self._zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise InputError(
                f"this is no {form.title} ({_told(error)})",
                where=str(path),
                todo="Give the zip itself.",
            ) from None
        self.names = [info.filename for info in self._zip.infolist()]
        try:
            self._check()
        except InputError:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def under(self, folder: str) -> list[str]:
        """The paths that begin so, sorted."""
        return sorted(name for name in self.names if name.startswith(folder))

    def has(self, name: str) -> bool:
        return name in self._zip.NameToInfo

    def read(self, name: str) -> bytes:
        """A whole file. Raises InputError where it is not there, or cannot be read."""
        if self.has(name) and self._zip.NameToInfo[name].file_size > TEXT_MAX_BYTES:
            raise InputError(f"it has more than {TEXT_MAX_BYTES:,} bytes", where=name)
        with self.open(name) as file:
            return b"".join(_chunks(file, name))

    def digest(self, name: str) -> str:
        """SHA-256 of a file, read piece by piece. Raises InputError."""
        hasher = hashlib.sha256()
        with self.open(name) as file:
            for chunk in _chunks(file, name):
                hasher.update(chunk)
        return hasher.hexdigest()

    def open(self, name: str) -> BinaryIO:
        """To read from. Raises InputError where it is not there."""
        if not self.has(name):
            raise InputError(f"it is not in the {self._form.title}", where=name)
        try:
            return cast(BinaryIO, self._zip.open(name))
        except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise InputError(f"it cannot be read ({_told(error)})", where=name) from None

    def _check(self) -> None:
        if len(self.names) > FILES_MAX:
            raise self._none(f"it has more than {FILES_MAX:,} files")
        seen: set[str] = set()
        for info in self._zip.infolist():
            name = info.filename
            if not self._form.paths.fullmatch(name) or ".." in name.split("/"):
                raise self._none(f"it has a file {name[:100]!a}, which none has")
            if name in seen:
                raise self._none(f"it has two files {name!a}")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise self._none(f"{name!a} is packed in another way than its files are")
            if info.file_size > RATIO_MAX * (info.compress_size + 100):
                raise self._none(f"{name!a} would become {info.file_size:,} bytes")
            seen.add(name)
        if not seen.issuperset(self._form.needed):
            raise self._none(f"it has no {' and '.join(self._form.needed)}")

    def _none(self, why: str) -> InputError:
        self._refuse_later()
        return InputError(
            f"this is no {self._form.title}: {why}",
            where=str(self.path),
            todo=f"Give the zip that '{self._form.command}' made, unchanged.",
        )

    def _refuse_later(self) -> None:
        """A later version may put something else into a dossier."""
        info = self._zip.NameToInfo.get(paths.ABOUT)
        if info is None or info.file_size > _ABOUT_MAX_BYTES:
            return
        with contextlib.suppress(ValueError):
            refuse_later(orjson.loads(self.read(paths.ABOUT)), str(self.path))


def refuse_later(about: Any, where: str) -> None:
    """Raises InputError where project.json says that a later version made the dossier."""
    said = about.get("format") if isinstance(about, dict) else None
    form, _, number = paths.FORMAT.partition("/")
    found = re.fullmatch(rf"{form}/(\d{{1,9}})", said) if isinstance(said, str) else None
    if found is not None and int(found[1]) > int(number):
        raise InputError(
            of_later_version("this dossier", found[1], number),
            where=where,
            todo="Check it with that version or a later one.",
        )


def _chunks(file: BinaryIO, name: str) -> Iterator[bytes]:
    try:
        while chunk := file.read(_CHUNK):
            yield chunk
    except (OSError, zipfile.BadZipFile, EOFError, ValueError, zlib.error) as error:
        raise InputError(f"it cannot be read ({_told(error)})", where=name) from None


def _told(error: Exception) -> str:
    """What a library says of bytes from outside, which may quote them."""
    return shortened(one_line(str(error)))
