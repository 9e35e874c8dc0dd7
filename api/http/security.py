"""Guards around every request: the Host header, who may write, and what a page may load.

A web site that a person visits could point its own name at this server and read the pages through
the browser (DNS rebinding), where nothing is asked while there is no account; such a request
carries the site's name in Host and is refused. It could also send a form or a script's request here
without reading the answer (cross-site request forgery); a browser says so in Sec-Fetch-Site and
Origin, and what would change something is refused. The headers keep pages from loading or being
framed by anything from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problem_document import problem

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^\s:/@\[\]]*)(?::[0-9]{1,5})?")
_ORIGIN = re.compile(r"https?://([^\s/@]+)")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


# What browsers keep in mind: for a year, to come by TLS alone. Not of loopback, where other
# programs of the machine may answer in the open.
STRICT_TRANSPORT = ("strict-transport-security", "max-age=31536000")


class HostGuard:
    """Answers 421 to a request whose Host is none of ours (loopback and those configured)."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = {host.lower() for host in (*LOOPBACK_HOSTS, *hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = _without_port(Headers(scope=scope).get("host", ""))
            if host not in self._hosts:
                refusal = problem(
                    421,
                    f"This server does not answer for the host '{host}'. Open it by a loopback "
                    "address, or name the host in its configuration.",
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


class CrossSiteGuard:
    """Answers 403 to a request that would change something and comes from another site's page.

    Programs that are no browsers send neither Sec-Fetch-Site nor Origin and pass.
    """

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            site = headers.get("sec-fetch-site", "same-origin")
            if site not in ("same-origin", "none") or not self._is_ours(headers):
                refusal = problem(
                    403,
                    "A page of another site sent this request. Send it from a page of this "
                    "server, or from a program.",
                )
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        """Whether the page that sent it, if one did, is of the host that was asked (or, behind
        a proxy that asks by another name, of one that is configured)."""
        origin = headers.get("origin")
        if origin is None:
            return True
        found = _ORIGIN.fullmatch(origin.lower())
        if found is None:  # 'null', or nothing that a browser sends
            return False
        host = found[1]
        return host == headers.get("host", "").lower() or _without_port(host) in self._hosts


class SecurityHeaders:
    """Adds SECURITY_HEADERS to every answer that does not set them itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        secured = scope.get("scheme") == "https" and (
            _without_port(Headers(scope=scope).get("host", "")) not in LOOPBACK_HOSTS
        )

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if secured:
                    headers.setdefault(*STRICT_TRANSPORT)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def _without_port(host: str) -> str:
    """'localhost:8080' → 'localhost', '[::1]:8080' → '[::1]', in lower case; what is no host with
    or without a port stays as it is, and is nobody's name."""
    found = _HOST.fullmatch(host.lower())
    return host if found is None else found[1]
