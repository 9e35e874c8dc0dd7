"""From where a request comes: for counts of wrong tries, and for the audit."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from starlette.requests import HTTPConnection

from domain.access import Caller

UNKNOWN = "unknown"
_NETWORK = 64  # bits of an IPv6 address; whoever has one has all the others of its network


def client_address(request: HTTPConnection) -> str:
    """The client's IP address; of IPv6 its network, as in 2001:db8:0:1::/64."""
    try:
        address = ip_address(request.client.host if request.client else "")
    except ValueError:
        return UNKNOWN
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        rest = 128 - _NETWORK
        return f"{IPv6Address(int(address) >> rest << rest)}/{_NETWORK}"
    return str(address)


def from_where(request: HTTPConnection, caller: Caller | None) -> str:
    """For the audit: the shared tablet, where it is one, and its address."""
    address = client_address(request)
    return f"{caller.device} at {address}" if caller is not None and caller.device else address


def is_on_this_machine(request: HTTPConnection) -> bool:
    try:
        return ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False
