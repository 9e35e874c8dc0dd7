"""What an error of the library says: to a person, and as a name that others can translate."""

from __future__ import annotations

from asyncua import ua
from asyncua.ua.uaerrors import UaStatusCodeError

from edge.sources.system_errors import system_status


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
