"""Where a node may look for machines, for people who type an address into a page.

An address that somebody types in makes this computer connect to it, so it must not be any: only
machines' protocols, and only networks that the node's settings name. A name is looked up once and
what is connected to is the address that was allowed, so nobody can let it mean another one
meanwhile. Only mqtts keeps its name, which the broker's certificate has to prove.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from domain.errors import InputError, NotAllowedError

_PORTS = {"opc.tcp": 4840, "mqtt": 1883, "mqtts": 8883}
_URL_MAX = 300  # characters
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def network(text: str) -> Network:
    """Raises ValueError for a text that is none."""
    try:
        return ipaddress.ip_network(text)
    except ValueError:
        raise ValueError(f"'{text}' is no network as in 10.0.0.0/8 or 10.0.0.5/32") from None


def pinned(url: str, networks: Sequence[Network]) -> str:
    """The URL to connect to, which names the address itself.

    Raises InputError for a URL that is none of a machine or whose name is not known,
    NotAllowedError for one outside of the networks.
    """
    parts, port = _parts(url)
    host = str(parts.hostname)
    found = _addresses(host, port)
    outside = [it for it in found if not any(_is_in(it, each) for each in networks)]
    if outside:
        raise NotAllowedError(
            f"this node may not look at {host}",
            todo=f"It may look in {', '.join(map(str, networks)) or 'no network'}. Add others to "
            "machine_networks in its settings' file.",
        )
    if parts.scheme == "mqtts":
        return url
    address = f"[{found[0]}]" if found[0].version == 6 else str(found[0])
    return f"{parts.scheme}://{address}:{port}{parts.path}"


def _parts(url: str) -> tuple[SplitResult, int]:
    todo = "Write it as in opc.tcp://10.0.0.5:4840, mqtt://10.0.0.9:1883 or mqtts://broker:8883."
    try:
        if len(url) > _URL_MAX or not url.isprintable() or " " in url:
            raise ValueError
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise InputError("this is no address of a machine", where="url", todo=todo) from None
    if not parts.hostname or parts.query or parts.fragment:
        raise InputError("this is no address of a machine", where="url", todo=todo)
    if parts.username is not None or parts.password is not None:
        raise InputError(
            "the address contains a user name or password",
            where="url",
            todo="Write them into their own fields: addresses are shown.",
        )
    return parts, port


def _addresses(host: str, port: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise InputError(
            f"nobody knows the name '{host}'", where="url", todo="Check it, or write its address."
        ) from None
    found = (ipaddress.ip_address(str(it[4][0]).partition("%")[0]) for it in rows)
    return [getattr(it, "ipv4_mapped", None) or it for it in found]


def _is_in(address: ipaddress.IPv4Address | ipaddress.IPv6Address, given: Network) -> bool:
    return address.version == given.version and address in given
