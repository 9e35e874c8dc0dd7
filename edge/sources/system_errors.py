"""Names of what the system says of a connection, so that it can be said in any language."""

from __future__ import annotations

import errno
import re
import socket
import ssl

from domain.source_faults import Cause

_RESOLVER = {
    socket.EAI_NONAME: "EAI_NONAME",
    socket.EAI_AGAIN: "EAI_AGAIN",
    socket.EAI_FAIL: "EAI_FAIL",
}
_NUMBER = re.compile(r"\[Errno (-?\d+)\]")  # of several addresses that were tried, the first


def system_status(error: BaseException) -> str:
    """ECONNREFUSED and the like, or a `Cause`; empty where it says nothing that has a name."""
    if isinstance(error, TimeoutError):
        return Cause.NO_ANSWER
    if not isinstance(error, OSError) or isinstance(error, ssl.SSLError):  # numbers of its own
        return ""
    if isinstance(error, socket.gaierror):
        return _RESOLVER.get(error.errno or 0, "")
    number = error.errno
    if number is None and (found := _NUMBER.search(str(error))):
        number = int(found[1])
    if number is None:
        return Cause.CLOSED if isinstance(error, ConnectionError) else ""
    return errno.errorcode.get(number, "")
