"""What a reverse proxy says of the request that it passes on: from whom, by which scheme and host.

It is believed of the proxies that are named, and of nobody else; with proxies named, nobody else
but programs of this machine is answered, so that the proxy cannot be gone around.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.problem_document import problem

_Address = IPv4Address | IPv6Address
_SCHEMES = ("http", "https")
_HOST_MAX = 255


class ForwardedHeaders:
    """Puts X-Forwarded-For, -Proto and -Host of a named proxy in the place of its own."""

    def __init__(self, app: ASGIApp, proxies: Iterable[str]) -> None:
        self._app = app
        self._proxies = frozenset(filter(None, map(_address, proxies)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        client = scope.get("client")
        address = _address(client[0]) if client else None
        if address in self._proxies:
            self._believe(scope)
        elif address is None or not address.is_loopback:
            refusal = problem(
                403,
                "This node answers the reverse proxy before it, and nobody else. Ask at the "
                "proxy's address.",
            )
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _believe(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        # Each proxy adds whom it heard at the end: the last one who is no proxy of ours asked.
        for told in reversed(",".join(headers.getlist("x-forwarded-for")).split(",")):
            address = _address(told.strip())
            if address is None:
                break
            scope["client"] = (str(address), 0)
            if address not in self._proxies:
                break
        scheme = headers.get("x-forwarded-proto", "").strip().lower()
        if scheme in _SCHEMES:
            scope["scheme"] = scheme
        host = headers.get("x-forwarded-host", "").strip()
        if host and len(host) <= _HOST_MAX and "," not in host:
            MutableHeaders(scope=scope)["host"] = host


def _address(text: str) -> _Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
