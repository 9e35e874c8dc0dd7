"""A running node asked over HTTP: documents out, its problem documents as our own errors."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import httpx

from domain.access import is_bearer_token
from domain.errors import InputError, LineproofError, NotFoundError, StorageError

_TIMEOUT_S = 120.0  # years of hours take a while to compute


class NodeClient:
    """Paths are those behind /api/v1/. Raises LineproofError with the node's sentence."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str, query: Mapping[str, str | Sequence[str]]) -> Any:
        return self._answer("GET", path, params=dict(query)).json()

    def text(self, path: str, query: Mapping[str, str]) -> str:
        return self._answer("GET", path, params=dict(query)).text

    def content(self, path: str) -> bytes:
        return self._answer("GET", path).content

    def rows(self, path: str, query: Mapping[str, str]) -> list[Any]:
        """All rows of a list that is paged by cursor."""
        response = self._answer("GET", path, params=dict(query))
        found: list[Any] = response.json()
        while "next" in response.links:
            response = self._answer("GET", "", url=response.links["next"]["url"])
            found += response.json()
        return found

    def whole(self, path: str, query: Mapping[str, str], rows: str) -> dict[str, Any]:
        """A document of which the list under `rows` comes in pages, with all of them."""
        response = self._answer("GET", path, params=dict(query))
        document: dict[str, Any] = response.json()
        while "next" in response.links:
            response = self._answer("GET", "", url=response.links["next"]["url"])
            document[rows] += response.json()[rows]
        return document

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._answer("POST", path, json=dict(body)).json()

    def upload(self, path: str, query: Mapping[str, str], pieces: Iterable[bytes]) -> Any:
        """Bytes as they are, piece by piece."""
        return self._answer("POST", path, params=dict(query), content=pieces).json()

    def _answer(self, method: str, path: str, url: str = "", **content: Any) -> httpx.Response:
        try:
            response = self._client.request(method, url or f"/api/v1/{path}", **content)
        except httpx.HTTPError as error:
            raise StorageError(
                f"the node does not answer ({str(error) or type(error).__name__})",
                where=str(self._client.base_url),
                todo="Check the address and that the node is running.",
            ) from None
        if response.is_success:
            return response
        raise _as_error(response)


@contextlib.contextmanager
def node_client(url: str, token: str | None) -> Iterator[NodeClient]:
    """Raises InputError when the address is none, or the token cannot be one."""
    if token and not is_bearer_token(token):
        raise InputError(
            "the token has characters that no token has",
            where="--token or LINEPROOF_TOKEN",
            todo="Copy it again: whole, and nothing but it.",
        )
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    address = _address(url)
    # To load whom to trust takes longer than most answers, and plain HTTP asks nobody.
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if address.scheme == "http" else True
    with httpx.Client(
        base_url=address, headers=headers, timeout=_TIMEOUT_S, verify=trust
    ) as client:
        yield NodeClient(client)


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in ("http", "https") or not address.host:
        raise InputError(
            f"'{url}' is not the address of a node",
            where="--url",
            todo="Write it as in http://127.0.0.1:8080.",
        )
    return address


def _as_error(response: httpx.Response) -> LineproofError:
    """The node's problem document (RFC 9457) as the error that it was there."""
    try:
        body = response.json()
    except ValueError:
        body = {}
    detail = str(body.get("detail") or response.reason_phrase) if isinstance(body, dict) else ""
    if response.status_code == httpx.codes.NOT_FOUND:
        return NotFoundError(detail)
    if response.is_client_error:
        return InputError(detail)
    return StorageError(detail, where=str(response.url.copy_with(query=None)))
