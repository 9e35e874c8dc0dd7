"""A batch on an object store, for processes elsewhere that have a key of their own to it, in their
environment. No key travels with what says where a batch lies.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import lru_cache

from domain.errors import StorageError
from store.archive.object_client import ObjectClient, ObjectPlace
from store.archive.object_names import ContentName

KEY_ID, SECRET = "LINEPROOF_STORE__ARCHIVE_KEY_ID", "LINEPROOF_STORE__ARCHIVE_SECRET"
_PLACES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class InObject:
    """At a place (without key), under that name."""

    place: ObjectPlace
    name: ContentName

    @property
    def length(self) -> int:
        return self.name.size

    def read(self, digest: str) -> bytes | None:
        """See `store.archive.lying`. Raises StorageError where the store does not answer, or not
        to the key in this process's environment."""
        data = _client(self.place).get(self.name.path)
        is_it = data is not None and self.name.digest == digest and self.name.is_of(data)
        return data if is_it else None


def obstacle(place: ObjectPlace) -> str:
    """What keeps this process from reading there, in a sentence; "" where nothing does."""
    try:
        _client(place).entries("")
    except StorageError as error:
        return str(error)
    return ""


def _client(place: ObjectPlace) -> ObjectClient:
    return _opened(place, os.environ.get(KEY_ID, ""), os.environ.get(SECRET, ""))


@lru_cache(_PLACES_AT_ONCE)
def _opened(place: ObjectPlace, key_id: str, secret: str) -> ObjectClient:
    if not (key_id and secret):
        raise StorageError(
            "this process has no key to the object store",
            where=place.url,
            todo=f"Set {KEY_ID} and {SECRET} in its environment.",
        )
    return ObjectClient(replace(place, key_id=key_id, secret=secret))
