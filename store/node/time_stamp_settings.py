"""Who stamps the ledger's checkpoints with a time: `timestamps.yaml` in the data folder.

    every: day
    authorities:
      - name: first
        address: http://tsa.example/tsr
        roots: first-root.pem

`roots` has the certificates (PEM) under which the authority's own must be, and lies beside it. The
file is read anew whenever it changed. Without it there is no authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from cryptography import x509
from pydantic import BaseModel, ConfigDict, Field, field_validator

from domain.errors import InputError
from domain.yaml_text import validate
from store.archive.blobs import storage_errors
from store.node.web_addresses import is_web_address

_MAX_BYTES = 1_000_000


class AuthoritySettings(BaseModel):
    """One authority (RFC 3161); its stamps are files of its name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")]
    address: str
    roots: Path

    @field_validator("address")
    @classmethod
    def _is_address(cls, address: str) -> str:
        if not is_web_address(address):
            raise ValueError(f"'{address[:200]}' is no address as in http://tsa.example/tsr")
        return address


class TimeStampSettings(BaseModel):
    """`every`: how long after a stamp the next one is asked for, where nothing calls for one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every: Literal["hour", "day"] = "day"
    authorities: Annotated[tuple[AuthoritySettings, ...], Field(max_length=32)] = ()

    @field_validator("authorities")
    @classmethod
    def _have_own_names(
        cls, authorities: tuple[AuthoritySettings, ...]
    ) -> tuple[AuthoritySettings, ...]:
        names = [it.name for it in authorities]
        for it in names:
            if names.count(it) > 1:
                raise ValueError(f"there are two authorities '{it}'")
        return authorities


@dataclass(frozen=True, slots=True)
class Authority:
    """Whom to ask for stamps, and the certificates under which its own must be."""

    name: str
    address: str
    roots: tuple[x509.Certificate, ...]
    every: timedelta


def read_authorities(path: Path) -> list[Authority]:
    """Those of the file; none where there is no file. Raises InputError, StorageError."""
    if not path.exists():
        return []
    with storage_errors(path), path.open("rb") as file:
        written = file.read(_MAX_BYTES)
    try:
        settings = validate(TimeStampSettings, written.decode(), str(path))
    except UnicodeDecodeError:
        raise InputError(
            "this is no text in UTF-8", where=str(path), todo="Write it in a text editor."
        ) from None
    every = timedelta(hours=1) if settings.every == "hour" else timedelta(days=1)
    return [
        Authority(it.name, it.address, tuple(read_certificates(path.parent / it.roots)), every)
        for it in settings.authorities
    ]


def read_certificates(path: Path) -> list[x509.Certificate]:
    """Those of a file (PEM), one or more. Raises InputError where it has none, StorageError."""
    if not path.is_file():
        raise InputError("there is no such file", where=str(path), todo="Check the path.")
    with storage_errors(path), path.open("rb") as file:
        written = file.read(_MAX_BYTES)
    try:
        return x509.load_pem_x509_certificates(written)
    except ValueError:
        raise InputError(
            "this is no file of certificates",
            where=str(path),
            todo="Give them as PEM (-----BEGIN CERTIFICATE-----).",
        ) from None
