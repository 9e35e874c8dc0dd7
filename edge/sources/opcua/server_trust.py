"""Which certificate of an OPC UA server is believed, before anything secret is said to it.

One of three, and never anything less:

- `server_certificate`: exactly the one in that file;
- `trusted_servers`: those in that folder, and those that one of them issued;
- neither: the first that the server shows, which is kept in the agent's data folder. Another one
  later is refused until the kept one is removed there.
"""

from __future__ import annotations

from pathlib import Path

from asyncua.crypto.uacrypto import x509_from_der
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from domain.errors import StorageError
from domain.source_faults import Cause, FaultCode
from edge.sources.base import MisconfiguredError
from edge.sources.opcua.settings import OpcUaSettings
from edge.sources.runner import LinkError
from edge.whole_file import write_whole


def certificate_of(shown: bytes | None, settings: OpcUaSettings) -> x509.Certificate:
    """The one that the server shows; the first of a chain. Raises LinkError where there is none."""
    try:
        certificate = x509_from_der(shown)  # type: ignore[no-untyped-call]  # asyncua
    except (ValueError, IndexError) as error:
        certificate, why = None, f" ({error})"
    else:
        why = ""
    if not isinstance(certificate, x509.Certificate):
        raise LinkError(
            f"the server at {settings.url} shows no certificate that can be read{why}",
            todo="Give the server an application instance certificate.",
            fault=FaultCode.SECURITY_REFUSED,
            status=Cause.UNTRUSTED,
        )
    return certificate


def check_server(settings: OpcUaSettings, shown: x509.Certificate, kept: Path) -> None:
    """`kept`: the file of the first certificate, whether it is there yet or not.

    Raises LinkError for a certificate that is not believed, MisconfiguredError for a file that is
    no certificate.
    """
    if settings.server_certificate is not None:
        if _read(settings.server_certificate) != shown:
            raise _refused(
                settings,
                shown,
                f"than the one in {settings.server_certificate}",
                "If the server has a new one, put it there.",
            )
    elif settings.trusted_servers is not None:
        trusted = [_read(it) for it in sorted(settings.trusted_servers.iterdir()) if it.is_file()]
        if not any(it == shown or _issued(it, shown) for it in trusted):
            raise _refused(
                settings,
                shown,
                f"than those in {settings.trusted_servers}, and none of them issued it",
                "If it is the right one, put it there.",
            )
    elif kept.exists() and _read(kept) != shown:
        raise _refused(
            settings,
            shown,
            "than when the agent first met it",
            f"If the server has a new one, remove {kept}: then that is kept.",
        )


def keep_server(settings: OpcUaSettings, shown: x509.Certificate, kept: Path) -> None:
    """Where nothing else is named, the first that was shown is the server's from now on. Raises
    StorageError."""
    if settings.server_certificate or settings.trusted_servers or kept.exists():
        return
    try:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(kept, shown.public_bytes(Encoding.DER))
    except OSError as error:
        raise StorageError(
            f"the certificate of a server cannot be kept ({error.strerror})",
            where=str(kept),
            todo="Give the agent a data folder that it may write to.",
        ) from None


def _read(file: Path) -> x509.Certificate:
    """PEM or DER."""
    data = file.read_bytes()
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificate(data)
        return x509.load_der_x509_certificate(data)
    except ValueError as error:
        raise MisconfiguredError(
            f"this is no certificate ({error})",
            Cause.CERTIFICATE_UNREADABLE,
            where=str(file),
            todo="Give a PEM or DER file of one certificate, or remove it.",
        ) from None


def _issued(by: x509.Certificate, shown: x509.Certificate) -> bool:
    try:
        shown.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):
        return False
    try:
        constraints = by.extensions.get_extension_for_class(x509.BasicConstraints)
    except (ValueError, x509.ExtensionNotFound):
        return False
    return constraints.value.ca


def _refused(settings: OpcUaSettings, shown: x509.Certificate, than: str, todo: str) -> LinkError:
    digest = shown.fingerprint(hashes.SHA256()).hex()
    return LinkError(
        f"the server at {settings.url} shows another certificate (SHA-256 {digest[:16]}…) {than}",
        todo=todo,
        fault=FaultCode.SECURITY_REFUSED,
        status=Cause.UNTRUSTED,
    )
