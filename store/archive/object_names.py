"""The names of an archive's objects. Each says all that is known of it without reading it:

    batches/<ab>/<digest>/<sha256 of the bytes>-<size>.batch         the sealed bytes
    batches/<ab>/<digest>/<number>-<received>-<latest>.arrival       an arrival; nothing in it

`ab` are the first two digits of the digest. Arrivals of a batch are numbered from 1, for a clock
may be set back; times are microseconds since 1970, `latest` is `none` where nobody noted it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from domain.time import instant, micros

BATCHES_FOLDER = "batches"
FAN = re.compile(r"[0-9a-f]{2}\Z")
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")
_CONTENT = re.compile(r"([0-9a-f]{64})-(0|[1-9][0-9]{0,17})\.batch\Z")
_ARRIVAL = re.compile(r"([0-9]{10})-(-?[0-9]{1,18})-(-?[0-9]{1,18}|none)\.arrival\Z")


@dataclass(frozen=True, slots=True)
class ContentName:
    """Of the bytes of a batch. `size`: in bytes."""

    digest: str
    sha256: str
    size: int

    @property
    def path(self) -> str:
        return f"{batch_folder(self.digest)}/{self.sha256}-{self.size}.batch"

    def is_of(self, data: bytes) -> bool:
        """Whether the object has what its name says."""
        return len(data) == self.size and hashlib.sha256(data).hexdigest() == self.sha256


@dataclass(frozen=True, slots=True)
class ArrivalName:
    """Of one arrival of a batch. `latest`: see store.archive.arrivals; None: not noted."""

    digest: str
    number: int
    received: datetime
    latest: datetime | None

    @property
    def path(self) -> str:
        latest = "none" if self.latest is None else micros(self.latest)
        name = f"{self.number:010}-{micros(self.received)}-{latest}.arrival"
        return f"{batch_folder(self.digest)}/{name}"


def checked_digest(digest: str) -> str:
    """Raises ValueError for what is no SHA-256 digest in hex."""
    if not _DIGEST.match(digest):
        raise ValueError(f"'{digest}' is no SHA-256 digest in hex")
    return digest


def batch_folder(digest: str) -> str:
    """Where all objects of a batch are. Raises ValueError."""
    return f"{BATCHES_FOLDER}/{checked_digest(digest)[:2]}/{digest}"


def read_name(path: str) -> ContentName | ArrivalName | None:
    """What the object at a path is; None: nothing that is put here."""
    parts = path.split("/")
    if len(parts) != 4 or not _DIGEST.match(parts[2]):
        return None
    digest, name = parts[2], parts[3]
    found: ContentName | ArrivalName | None = None
    if content := _CONTENT.match(name):
        found = ContentName(digest, content[1], int(content[2]))
    elif arrival := _ARRIVAL.match(name):
        latest = None if arrival[3] == "none" else arrival[3]
        try:
            received = instant(int(arrival[2]))
            noted = None if latest is None else instant(int(latest))
        except (OverflowError, ValueError):
            return None
        found = ArrivalName(digest, int(arrival[1]), received, noted)
    return found if found is not None and found.path == path else None
