"""Sealed batches as objects of an S3-compatible store, named by what they hold; and in quarantine,
in the data folder, what was refused.

A batch is one object, and each of its arrivals a small one beside it that is written after it
(store.archive.object_names), so that one listing tells all but the bytes. A crash between the two
leaves a batch without arrival that was acknowledged to nobody: it is sent again. The same bytes
written twice are the same object; other bytes under the digest are another one, and the first that
is whole holds. Whatever is read whole is held against the SHA-256 in its name. Quarantine stays in
the folder: its limits are counted in one place, and who is refused must not cost the store a
request.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from domain.errors import NotFoundError, StorageError
from store.archive.arrivals import Arrival
from store.archive.object_client import ListedObject, ObjectClient, ObjectPlace
from store.archive.object_lying import InObject, obstacle
from store.archive.object_names import (
    BATCHES_FOLDER,
    FAN,
    ArrivalName,
    ContentName,
    batch_folder,
    checked_digest,
    read_name,
)
from store.archive.quarantine import Quarantine
from store.archive.segment_appending import IncomingBatch

AT_ONCE = 16  # requests
_FOLDERS_AT_ONCE = 8  # of 256 that are listed together
_REMEMBERED = 4096  # batches of which the name of the bytes was just listed


@dataclass(frozen=True, slots=True)
class ObjectDamage:
    """An object that is not as long as its name says. Sizes in bytes."""

    where: str
    size: int
    named: int

    def __str__(self) -> str:
        return f"{self.where} ({self.size} bytes instead of {self.named})"


@dataclass(slots=True)
class _Kept:
    """What one listing tells of a batch. `contents`: those that came first are first."""

    digest: str
    contents: list[tuple[ContentName, ListedObject]] = field(default_factory=list)
    arrivals: list[ArrivalName] = field(default_factory=list)

    @property
    def whole(self) -> list[ContentName]:
        """Those that are as long as they must be."""
        return [name for name, listed in self.contents if listed.size == name.size]


class ObjectArchive:
    """At that place; `folder` holds the quarantine. Raises StorageError where the store does not
    let itself be listed."""

    def __init__(self, place: ObjectPlace, folder: Path) -> None:
        self._client = ObjectClient(place)
        self._place = place.without_key
        self.quarantine = Quarantine(folder / "quarantine")
        self._client.entries("")
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="objects")
        self._names: dict[str, list[ContentName]] = {}
        self._remembering = threading.Lock()

    def close(self) -> None:
        self._pool.shutdown()

    def take_over(self) -> None:
        """There is no earlier layout."""

    def put_all(self, batches: Sequence[IncomingBatch]) -> None:
        """Make them and when they arrived last, many at a time. The same again changes nothing but
        that the last arrival of a batch is the one that holds.

        Raises StorageError: then none counts as kept, and the same call may come again.
        """
        together: dict[str, list[IncomingBatch]] = {}
        for batch in batches:
            together.setdefault(checked_digest(batch.digest), []).append(batch)
        coming = [self._pool.submit(self._put, it) for it in together.values()]
        wait(coming)
        for it in coming:
            it.result()

    def get(self, digest: str) -> bytes:
        """Raises NotFoundError; StorageError where the bytes are damaged or cannot be read."""

        def read(name: ContentName) -> bytes | None:
            data = self._client.get(name.path)
            return data if data is not None and name.is_of(data) else None

        return self._read_somewhere(digest, read)

    @property
    def obstacle(self) -> Callable[[], str]:
        """What keeps another process from reading here, where it is called."""
        return partial(obstacle, self._place)

    def lies_at(self, digest: str) -> InObject | None:
        """Where whoever has a key to the place can read the batch."""
        names = self._names.get(checked_digest(digest)) or self._kept(digest).whole
        return InObject(self._place, names[0]) if names else None

    def digests(self) -> Iterator[str]:
        """The digest of every batch, sorted."""
        return (it.digest for it in self._all() if it.whole)

    def batches(self) -> Iterator[bytes]:
        """Every batch, in the order of digests."""
        return map(self.get, self.digests())

    def stored_order(self) -> Iterator[str]:
        """The digest of every batch, sorted: as they are listed."""
        return self.digests()

    def first_lines(self, digest: str, count: int, max_bytes: int) -> bytes:
        """Of a batch, without reading the rest; they are held against nothing. Raises
        NotFoundError, StorageError."""

        def read(name: ContentName) -> bytes | None:
            size = min(name.size, max_bytes)
            return self._client.first_bytes(name.path, size) if size else b""

        return b"".join(self._read_somewhere(digest, read).splitlines(keepends=True)[:count])

    def strange(self) -> Iterator[str]:
        """URLs of what lies here and is nothing that was put here. Raises StorageError."""
        folders, objects = self._client.entries("")
        yield from map(self._client.where, objects)
        yield from (self._client.where(it) for it in folders if it != BATCHES_FOLDER)
        folders, objects = self._client.entries(BATCHES_FOLDER)
        yield from map(self._client.where, objects)
        yield from (self._client.where(it) for it in folders if not _is_fan(it))
        for listed in self._listings():
            yield from (
                self._client.where(path)
                for path in sorted(it.path for it in listed)
                if read_name(path) is None
            )

    def damaged(self) -> Iterator[ObjectDamage]:
        """Objects that are not as long as their names say, by listing alone. That bytes of the
        right number are other ones only `get` finds. Raises StorageError."""
        for kept in self._all():
            for name, listed in kept.contents:
                if listed.size != name.size:
                    yield ObjectDamage(self._client.where(name.path), listed.size, name.size)

    def written_at(self, digest: str) -> datetime:
        """When the batch came last, else when the store took it. Raises NotFoundError,
        StorageError."""
        kept = self._kept(digest)
        if kept.arrivals:
            return kept.arrivals[-1].received
        if not kept.contents:
            raise self._missing(digest)
        return kept.contents[0][1].written

    def arrivals(self) -> Iterator[Arrival]:
        """Of all batches that were noted, by digest, those of one in the order in which they
        came: the last holds. Raises StorageError."""
        for kept in self._all():
            for it in kept.arrivals:
                if it.latest is not None:
                    yield Arrival(it.digest, it.received, it.latest)

    # writing

    def _put(self, batches: Sequence[IncomingBatch]) -> None:
        """All that came of one batch: its bytes, then its arrivals."""
        kept, first = self._kept(batches[0].digest), batches[0]
        name = ContentName(first.digest, hashlib.sha256(first.data).hexdigest(), len(first.data))
        is_here = any(self._is_whole(it) for it in kept.whole)
        if not is_here:
            self._client.put(name.path, first.data)
            self._forget(first.digest)
        last = kept.arrivals[-1] if kept.arrivals else None
        for it in batches:
            is_told = last is not None and (last.received, last.latest) == (it.received, it.latest)
            if is_told or (it.latest is None and (is_here or last is not None)):
                continue
            number = last.number + 1 if last else 1
            last = ArrivalName(it.digest, number, it.received, it.latest)
            self._client.put(last.path, b"")

    def _is_whole(self, name: ContentName) -> bool:
        data = self._client.get(name.path)
        return data is not None and name.is_of(data)

    # reading

    def _read_somewhere(self, digest: str, read: Callable[[ContentName], bytes | None]) -> bytes:
        """From the object that was listed a moment ago; else after looking."""
        for name in self._names.get(checked_digest(digest), ()):
            if (data := read(name)) is not None:
                return data
        kept = self._kept(digest)
        for name in kept.whole:
            if (data := read(name)) is not None:
                return data
        if not kept.contents:
            raise self._missing(digest)
        raise StorageError(
            f"the batch with the digest {digest} is damaged",
            where=self._client.where(kept.contents[0][0].path),
            todo="Put the object back from a backup or an earlier version that the store has.",
        )

    def _kept(self, digest: str) -> _Kept:
        listed = self._client.listed(batch_folder(digest))
        return next(iter(_grouped(listed)), _Kept(digest))

    def _all(self) -> Iterator[_Kept]:
        """Every batch, sorted by digest."""
        for listed in self._listings():
            for kept in _grouped(listed):
                self._remember(kept)
                yield kept

    def _listings(self) -> Iterator[list[ListedObject]]:
        """All objects below two digits at a time, in their order; a few are asked for together."""
        folders, _ = self._client.entries(BATCHES_FOLDER)
        fans = [it for it in folders if _is_fan(it)]
        for first in range(0, len(fans), _FOLDERS_AT_ONCE):
            yield from self._pool.map(self._client.listed, fans[first : first + _FOLDERS_AT_ONCE])

    def _remember(self, kept: _Kept) -> None:
        with self._remembering:
            if len(self._names) >= _REMEMBERED:
                self._names.clear()
            self._names[kept.digest] = kept.whole

    def _forget(self, digest: str) -> None:
        with self._remembering:
            self._names.pop(digest, None)

    def _missing(self, digest: str) -> NotFoundError:
        return NotFoundError(
            f"nothing with the digest {digest} is kept here", where=self._client.where()
        )


def _grouped(listed: Sequence[ListedObject]) -> list[_Kept]:
    """By batch, sorted; what is none of it is left out."""
    found: dict[str, _Kept] = {}
    for it in sorted(listed, key=lambda it: (it.written, it.path)):
        name = read_name(it.path)
        if isinstance(name, ContentName):
            found.setdefault(name.digest, _Kept(name.digest)).contents.append((name, it))
        elif name is not None:
            found.setdefault(name.digest, _Kept(name.digest)).arrivals.append(name)
    for kept in found.values():
        kept.arrivals.sort(key=lambda it: (it.number, it.received))
    return [found[digest] for digest in sorted(found)]


def _is_fan(folder: str) -> bool:
    return bool(FAN.match(folder.removeprefix(f"{BATCHES_FOLDER}/")))
