"""A place in a bucket of an S3-compatible object store: put, get, list, with bounded patience.

Rules: keys come from the settings alone, never from elsewhere in the environment, a file or the
network; no error quotes them. A request is tried a few times, for `RETRY_S` at most, and each time
waits no longer than `REQUEST_S`. Nothing relies on put-if-absent, which stores ignore silently.
Knows nothing of batches.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import BaseError, GenericError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from domain.errors import StorageError

if TYPE_CHECKING:
    from obstore.store import S3Credential

CONNECT_S = 5
REQUEST_S = 30
RETRY_S = 20
RETRIES_MAX = 4
_PAGE = 1000
_STATUS = re.compile(r"status(?: code)?:? (\d{3})")
_REFUSED = PermissionDeniedError, UnauthenticatedError
_ALL_OF_IT = "non-partial response"  # rclone sends it whatever is asked for
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")


@dataclass(frozen=True, slots=True)
class ObjectPlace:
    """`endpoint`: the store's URL; `prefix`: of every name, without slashes around it."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    key_id: str
    secret: str = field(repr=False)

    @property
    def url(self) -> str:
        return "/".join(it for it in (f"s3://{self.bucket}", self.prefix) if it)

    @property
    def without_key(self) -> ObjectPlace:
        return replace(self, key_id="", secret="")


@dataclass(frozen=True, slots=True)
class ListedObject:
    """`path`: below the place; `size`: in bytes; `written`: by the store's clock."""

    path: str
    size: int
    written: datetime


class ObjectClient:
    """Thread-safe. Nothing is asked before the first call."""

    def __init__(self, place: ObjectPlace) -> None:
        self._place = place
        self._store = S3Store(
            place.bucket,
            prefix=place.prefix or None,
            endpoint=place.endpoint,
            region=place.region,
            virtual_hosted_style_request=False,
            skip_signature=False,
            credential_provider=lambda: _credential(place),
            client_options={
                "allow_http": place.endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=CONNECT_S),
                "timeout": timedelta(seconds=REQUEST_S),
            },
            retry_config={
                "max_retries": RETRIES_MAX,
                "retry_timeout": timedelta(seconds=RETRY_S),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=2),
                },
            },
        )

    def where(self, path: str = "") -> str:
        """The object as its URL."""
        return f"{self._place.url}/{path}" if path else self._place.url

    def put(self, path: str, data: bytes) -> None:
        """Raises StorageError."""
        with self._told(path):
            obstore.put(self._store, path, data, use_multipart=False)

    def get(self, path: str) -> bytes | None:
        """All of it; None where it is not there. Raises StorageError."""
        with self._told(path):
            try:
                return bytes(obstore.get(self._store, path).bytes())
            except FileNotFoundError:
                return None

    def first_bytes(self, path: str, count: int) -> bytes | None:
        """So many at most; None where the object is not there. Raises StorageError."""
        with self._told(path):
            try:
                return bytes(obstore.get_range(self._store, path, start=0, length=count))
            except FileNotFoundError:
                return None
            except GenericError as error:
                if _ALL_OF_IT not in str(error):
                    raise
            return self._begun(path, count)

    def _begun(self, path: str, count: int) -> bytes:
        """The first bytes at a store that knows of no ranges: it is not heard to its end."""
        found = b""
        for chunk in obstore.get(self._store, path).stream(min_chunk_size=count):
            found += bytes(chunk)
            if len(found) >= count:
                break
        return found[:count]

    def listed(self, folder: str) -> list[ListedObject]:
        """All below the folder, in no order. Raises StorageError."""
        with self._told(folder):
            pages = obstore.list(self._store, folder, chunk_size=_PAGE)
            return [
                ListedObject(it["path"], it["size"], it["last_modified"])
                for page in pages
                for it in page
            ]

    def entries(self, folder: str) -> tuple[list[str], list[str]]:
        """The paths of the folders and of the objects right in it, sorted. Raises StorageError."""
        with self._told(folder):
            found = obstore.list_with_delimiter(self._store, folder or None)
            return sorted(found["common_prefixes"]), sorted(it["path"] for it in found["objects"])

    @contextlib.contextmanager
    def _told(self, path: str) -> Iterator[None]:
        try:
            yield
        except (BaseError, ValueError, OSError) as error:
            raise self._sentence(error, self.where(path)) from None

    def _sentence(self, error: Exception, where: str) -> StorageError:
        said = _reason(error)
        if isinstance(error, _REFUSED) or said.startswith((" (401", " (403")):
            return StorageError(
                f"the object store refuses what its key asks for{said}",
                where=where,
                todo="Check the key id and secret in the settings, and that the key may list, read "
                "and write there.",
            )
        if isinstance(error, FileNotFoundError) or "NoSuchBucket" in said:
            return StorageError(
                f"the object store has no such bucket{said}",
                where=where,
                todo="Make the bucket, or mend 'url' and 'endpoint' of the archive.",
            )
        return StorageError(
            f"the object store did not answer as it must{said}",
            where=f"{where} at {self._place.endpoint}",
            todo="See that it runs and can be reached, then try again; nothing was lost.",
        )


def _credential(place: ObjectPlace) -> S3Credential:
    """Given so, nothing is looked for elsewhere."""
    return {
        "access_key_id": place.key_id,
        "secret_access_key": place.secret,
        "token": None,
        "expires_at": None,
    }


def _reason(error: Exception) -> str:
    """What can be said of it in a few words that hold no request, header or key."""
    text = str(error)
    status, code = _STATUS.search(text), _CODE.search(text)
    said = [status[1]] if status else []
    said += [code[1]] if code else []
    if not said and "timed out" in text.lower():
        said.append("no answer in time")
    elif not said and "connect" in text.lower():
        said.append("no connection")
    return f" ({' '.join(said)})" if said else ""
