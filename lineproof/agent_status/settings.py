"""How an agent may show its status: on its own machine in the open, beyond it only with a password,
by known names, and with TLS. What is missing is said before the agent starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.errors import InputError
from edge.config import StatusPage
from lineproof.tls.certificates import CertificateFiles
from lineproof.tls.serving import Serving, is_outside, serving

PASSWORD_LENGTH_MIN = 16
_PASSWORD_LENGTH_MAX = 200
_WHERE = "status"


@dataclass(frozen=True, slots=True)
class _Tls:
    """As every node says it (`lineproof.tls.serving.TlsSettings`)."""

    hosts: tuple[str, ...]
    serves: CertificateFiles | None
    trusted_proxies: tuple[str, ...] = ()


def status_password(page: StatusPage) -> str | None:
    """None where the page needs none. Raises InputError for a page that everybody could read, or
    a file that holds no password."""
    if page.password_file is not None:
        return _password(page.password_file)
    if not is_outside(page.listen):
        return None
    raise InputError(
        f"listening on {page.listen} would show everybody there what this agent reads",
        where=_WHERE,
        todo=f"Name a file with a password (password_file: FILE, {PASSWORD_LENGTH_MIN} characters "
        "or more), or leave 'listen' away and look at the page through SSH: "
        f"ssh -L {page.port}:127.0.0.1:{page.port} THIS_MACHINE.",
    )


def status_serving(page: StatusPage, data: Path, now: Callable[[], datetime]) -> Serving:
    """`data`: the agent's folder, where a certificate of its own is kept. Raises InputError."""
    if is_outside(page.listen) and not page.hosts:
        raise InputError(
            f"listening on {page.listen} without a name by which others reach it",
            where=_WHERE,
            todo="Name them, as in hosts: [agent.factory, 192.0.2.10].",
        )
    files = None
    if page.certificate is not None and page.key is not None:
        files = CertificateFiles(page.certificate, page.key)
    return serving(_Tls(page.hosts, files), page.listen, data, now)


def _password(file: Path) -> str:
    where = f"{_WHERE}, password_file"
    try:
        with file.open(encoding="utf-8") as opened:
            password = opened.read(_PASSWORD_LENGTH_MAX + 3).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(
            f"'{file}' cannot be read ({why})", where=where, todo="Correct the path."
        ) from None
    is_good = PASSWORD_LENGTH_MIN <= len(password) <= _PASSWORD_LENGTH_MAX
    if not is_good or not password.isprintable():
        raise InputError(
            f"'{file}' holds no password of {PASSWORD_LENGTH_MIN} to {_PASSWORD_LENGTH_MAX} "
            "characters",
            where=where,
            todo="Write one alone into the file, on one line, as 'openssl rand -hex 16' makes it.",
        )
    return password
