"""Whom an agent takes for its collector: whoever has a certificate of the pinned authority.

Pinned at the enrolment, into the agent's data folder, or named in its file; then nothing else is
believed, not even what the system trusts. Without either the system's authorities decide.
"""

from __future__ import annotations

import ssl
from pathlib import Path

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
        return pinned(authority.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise InputError(
            f"the collector's authority cannot be read ({why or 'no certificate in PEM'})",
            where=str(authority),
            todo="Put the file back (on the node: lineproof tls --data DIR), or enrol the agent "
            "again.",
        ) from None


def pinned(pem: str) -> ssl.SSLContext:
    """Trusts these certificates alone, also one that is no authority. Raises ValueError or
    ssl.SSLError (an OSError) where they are none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=pem)
    return context


def why_not_trusted(error: BaseException | None) -> str:
    """What is wrong with the certificate that was shown; empty where the error is another one."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return str(error.verify_message or error.reason)
        error = error.__cause__ or error.__context__
    return ""
