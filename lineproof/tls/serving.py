"""How a node serves: in the open on loopback, with TLS beyond it, or behind a reverse proxy.

The rule: nothing listens beyond loopback without TLS, its own or that of a proxy which is named.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography import x509

from domain.errors import InputError
from lineproof.tls.authority import issued, names_for
from lineproof.tls.certificates import CertificateFiles, checked_certificate, names_of, pem_of

_LOOPBACK_NAMES = ("127.0.0.1", "::1", "localhost")


class TlsSettings(Protocol):
    """What the settings of every node say of it (`lineproof.run.settings.NodeSettings`)."""

    @property
    def hosts(self) -> tuple[str, ...]: ...
    @property
    def trusted_proxies(self) -> tuple[str, ...]: ...
    @property
    def serves(self) -> str | CertificateFiles | None: ...


@dataclass(frozen=True, slots=True)
class Trust:
    """How agents of the same machine know the node: `authority` is all that they trust; `name`:
    what the certificate is of, where that is not the address they ask."""

    authority: Path
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Serving:
    """`files` None: without TLS of its own. `renewed` gives the files anew, as they are to be now.
    `own_authority`: in PEM, where the node has one."""

    files: CertificateFiles | None = None
    trust: Trust | None = None
    proxies: tuple[str, ...] = ()
    own_authority: str | None = None
    renewed: Callable[[], CertificateFiles] | None = None

    @property
    def scheme(self) -> str:
        return "http" if self.files is None else "https"

    @property
    def certificate(self) -> Path | None:
        """The file with which it answers."""
        return None if self.files is None else self.files.certificate


def is_outside(host: str) -> bool:
    """Whether others than this machine reach that address."""
    return host not in _LOOPBACK_NAMES


def serving(settings: TlsSettings, listen: str, data: Path, now: Callable[[], datetime]) -> Serving:
    """Raises InputError where the node must not listen so, or its files are no good. Makes the
    node's authority where it needs one."""
    given, proxies = settings.serves, settings.trusted_proxies
    if isinstance(given, CertificateFiles):
        found = _checked(given, now())
        trust = Trust(given.certificate, _own_name(found))
        return Serving(given, trust, proxies, renewed=lambda: _renewed(given, now()))
    if given == "off" and is_outside(listen) and not proxies:
        raise InputError(
            f"listening on {listen} without TLS would let everybody in between read along",
            where="tls: off",
            todo="Name the reverse proxy that speaks TLS for this node (trusted_proxies: "
            "[address]), or leave 'tls' away, so that the node makes a certificate of its own.",
        )
    if given == "off" or (given is None and not is_outside(listen)):
        return Serving(proxies=proxies)
    names = names_for(settings.hosts)
    made = issued(data, names, now())
    return Serving(
        made.files,
        Trust(made.authority_file),
        proxies,
        own_authority=pem_of(made.authority),
        renewed=lambda: issued(data, names, now()).files,
    )


def check_has_account(listen: str, data: Path, *, has_account: bool) -> None:
    """Raises InputError for a node beyond loopback on which everybody might do everything."""
    if is_outside(listen) and not has_account:
        raise InputError(
            f"listening on {listen} would let everybody there read and write, because this node "
            "has no account yet",
            where="--listen",
            todo=f"Add one first: lineproof user add NAME --role administrator --data {data}. Or "
            "listen on 127.0.0.1.",
        )


def _own_name(certificate: x509.Certificate) -> str | None:
    """A name that it stands for: the address of loopback, which agents ask, is mostly none."""
    names: Sequence[str] = names_of(certificate)
    return names[0].replace("*", "node") if names else None


def _renewed(files: CertificateFiles, now: datetime) -> CertificateFiles:
    """The files, as somebody may have put them there since. Raises InputError where they are no
    good, or not yet: certificate and key come one after the other."""
    _checked(files, now)
    return files


def _checked(files: CertificateFiles, now: datetime) -> x509.Certificate:
    """The certificate, which a server can use now with its key. Raises InputError."""
    found = checked_certificate(files, now)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.certificate, files.key)
    except ssl.SSLError as error:
        raise InputError(
            f"a server cannot use this certificate ({error.reason or error})",
            where=str(files.certificate),
            todo="Give one with a key of RSA (2048 bits or more) or an elliptic curve.",
        ) from None
    return found
