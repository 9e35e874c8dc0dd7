"""Whom an agent takes for its collector: whoever has a certificate of the pinned authority.

Pinned at the enrolment, into the agent's data folder, or named in its file; then nothing else is
believed, not even what the system trusts. Without either the system's authorities decide. Where the
file has changed, the next connection believes what is in it now too, without a restart.
"""

from __future__ import annotations

import contextlib
import ssl
from pathlib import Path
from typing import Any

from domain.errors import InputError

PINNED_FILE = "collector.pem"
NOT_TRUSTED = (
    "what answers at {url} is not the collector that this agent knows ({why}); nothing was sent to "
    "it. Find out who answers there; where the collector's authority was made anew, enrol the "
    "agent again."
)


def pinned_authority(data: Path, named: Path | None) -> Path | None:
    """The file that holds: the one that the agent's file names, or that of the enrolment."""
    enrolled = data / PINNED_FILE
    return named or (enrolled if enrolled.exists() else None)


def trust(authority: Path | None) -> ssl.SSLContext | bool:
    """For connections to the collector; True: what the system trusts. Raises InputError for a file
    without certificates."""
    if authority is None:
        return True
    try:
        return _FollowsFile.made(authority)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise InputError(
            f"the collector's authority cannot be read ({why or 'no certificate in PEM'})",
            where=str(authority),
            todo="Put the file back (on the node: lineproof tls --data DIR), or enrol the agent "
            "again.",
        ) from None


class _FollowsFile(ssl.SSLContext):
    """Looks at the file before each connection."""

    path: Path
    pem: str

    @classmethod
    def made(cls, path: Path) -> _FollowsFile:
        context = cls(ssl.PROTOCOL_TLS_CLIENT)
        context.path, context.pem = path, path.read_text(encoding="utf-8")
        _pin(context, context.pem)
        return context

    def wrap_bio(self, *given: Any, **named: Any) -> ssl.SSLObject:
        with contextlib.suppress(OSError, ValueError):  # what was believed before stays so
            pem = self.path.read_text(encoding="utf-8")
            if pem != self.pem:
                _pin(self, pem)
                self.pem = pem
        return super().wrap_bio(*given, **named)


def pinned(pem: str) -> ssl.SSLContext:
    """Trusts these certificates alone, also one that is no authority. Raises ValueError or
    ssl.SSLError (an OSError) where they are none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _pin(context, pem)
    return context


def _pin(context: ssl.SSLContext, pem: str) -> None:
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=pem)


def why_not_trusted(error: BaseException | None) -> str:
    """What is wrong with the certificate that was shown; empty where the error is another one."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return str(error.verify_message or error.reason)
        error = error.__cause__ or error.__context__
    return ""
