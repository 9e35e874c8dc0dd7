"""What an error of the library says: to a person, with what to do on the server, and as a name that
others can translate."""

from __future__ import annotations

from typing import Final

from asyncua import ua
from asyncua.ua.uaerrors import UaStatusCodeError

from edge.sources.system_errors import system_status

_TIME = (
    "Set the server's clock: by it our certificate is not valid. If the clock is right, give the "
    "agent another certificate."
)
_UNFIT = (
    "Have the server take such a certificate (its key, signature, uses), or give the agent another."
)
_REVOCATION = "Give the server the revocation list of the authority that issued our certificate."
_REVOKED = "Give the agent a certificate that is not revoked."
_SECURITY = "Allow the named security on the server, or name another one as 'security'."
_BUSY = "End what nobody uses on the server, or let it take more."
_STOPPED = "Start the server, or wait until it has started."
# By the name of the status code (OPC 10000-4, 7.39).
_REMEDIES: Final = {
    "BadCertificateTimeInvalid": _TIME,
    "BadCertificateIssuerTimeInvalid": _TIME,
    "BadCertificateInvalid": _UNFIT,
    "BadCertificateUriInvalid": _UNFIT,
    "BadCertificateHostNameInvalid": _UNFIT,
    "BadCertificateUseNotAllowed": _UNFIT,
    "BadCertificateIssuerUseNotAllowed": _UNFIT,
    "BadCertificatePolicyCheckFailed": _UNFIT,
    "BadCertificateRevocationUnknown": _REVOCATION,
    "BadCertificateIssuerRevocationUnknown": _REVOCATION,
    "BadCertificateRevoked": _REVOKED,
    "BadCertificateIssuerRevoked": _REVOKED,
    "BadCertificateChainIncomplete":
        "Give the server the certificate of the authority that issued ours.",
    "BadSecurityPolicyRejected": _SECURITY,
    "BadSecurityModeRejected": _SECURITY,
    "BadSecurityModeInsufficient": _SECURITY,
    "BadTooManySessions": _BUSY,
    "BadTooManySubscriptions": _BUSY,
    "BadTooManyMonitoredItems": _BUSY,
    "BadMaxConnectionsReached": _BUSY,
    "BadTcpServerTooBusy": _BUSY,
    "BadTcpNotEnoughResources": _BUSY,
    "BadServerHalted": _STOPPED,
    "BadShutdown": _STOPPED,
}  # fmt: skip
_OF_SECURITY = ("BadCertificate", "BadSecurity")


def reason(error: BaseException) -> str:
    """A few words for a person."""
    if isinstance(error, UaStatusCodeError):
        status = ua.StatusCode(ua.UInt32(error.code))
        return f"{status.name} ({status.doc})"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__


def status_of(error: BaseException) -> str:
    """The name of OPC UA's status code or of the system's error, or a `Cause`; empty for others."""
    if isinstance(error, UaStatusCodeError):
        return str(ua.StatusCode(ua.UInt32(error.code)).name)
    return system_status(error)


def remedy(error: BaseException, otherwise: str = "") -> str:
    """What to do, most of it on the server."""
    return _REMEDIES.get(status_of(error), otherwise)


def is_of_security(error: BaseException) -> bool:
    """Whether a certificate or the encryption is refused."""
    return status_of(error).startswith(_OF_SECURITY)
