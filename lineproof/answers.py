"""Where a command's figures come from: a data folder of this machine, or a running node.

Both give the same documents: the local one asks `api.queries`, the remote one asks the HTTP
routes, which ask the same queries. Commands never know which of the two it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx

from api.context import instant_of, window_of
from api.queries import Queries
from api.stops import StopsQuestion, stops
from domain.errors import InputError, LineproofError, NotFoundError, StorageError
from store.opening import open_stores

_TIMEOUT_S = 120.0  # years of hours take a while to compute


class Answers(Protocol):
    """The documents of the contract. Raises LineproofError with a sentence."""

    def kpis(
        self, line: str, start: str, end: str, by: str | None, method: str
    ) -> list[dict[str, Any]]: ...

    def stops(self, line: str, start: str, end: str, question: StopsQuestion) -> dict[str, Any]: ...

    def milestones(self, project: str, as_of: str | None) -> dict[str, Any]: ...


class LocalAnswers:
    """Asks the stores of a data folder."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def kpis(
        self, line: str, start: str, end: str, by: str | None, method: str
    ) -> list[dict[str, Any]]:
        plant, _ = self._queries.line(line)
        return self._queries.kpis(line, window_of(start, end, plant.zone), by, method)

    def stops(self, line: str, start: str, end: str, question: StopsQuestion) -> dict[str, Any]:
        plant, _ = self._queries.line(line)
        return stops(self._queries, line, window_of(start, end, plant.zone), question)

    def milestones(self, project: str, as_of: str | None) -> dict[str, Any]:
        zone = self._queries.project_zone(project)
        at = instant_of(as_of, zone, "--as-of") if as_of else None
        return self._queries.milestones_json(project, at)


class RemoteAnswers:
    """Asks a running node by HTTP."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def kpis(
        self, line: str, start: str, end: str, by: str | None, method: str
    ) -> list[dict[str, Any]]:
        query = {"start": start, "end": end, "method": method} | ({"by": by} if by else {})
        rows: list[dict[str, Any]] = self._get(f"lines/{quote(line, safe='')}/kpis", query)
        return rows

    def stops(self, line: str, start: str, end: str, question: StopsQuestion) -> dict[str, Any]:
        asked = {"start": start, "end": end, **question.parameters()}
        document: dict[str, Any] = self._get(f"lines/{quote(line, safe='')}/stops", asked)
        return document

    def milestones(self, project: str, as_of: str | None) -> dict[str, Any]:
        document: dict[str, Any] = self._get(
            f"projects/{quote(project, safe='')}/milestones", {"as_of": as_of} if as_of else {}
        )
        return document

    def _get(self, path: str, query: dict[str, str]) -> Any:
        try:
            response = self._client.get(f"/api/v1/{path}", params=query)
        except httpx.HTTPError as error:
            raise StorageError(
                f"the node does not answer ({str(error) or type(error).__name__})",
                where=str(self._client.base_url),
                todo="Check the address and that the node is running.",
            ) from None
        if response.is_success:
            return response.json()
        raise _as_error(response)


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


@contextlib.contextmanager
def answers(data: Path | None, url: str | None, token: str | None) -> Iterator[Answers]:
    """Answers from the one source that the user named. Raises InputError without or with both."""
    if (data is None) == (url is None):
        raise InputError(
            "one source of data must be named",
            todo="Give --data with a data folder, or --url with the address of a running node.",
        )
    if url is not None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT_S) as client:
            yield RemoteAnswers(client)
        return
    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        yield LocalAnswers(Queries(stores.telemetry, stores.registry, utc_now))


def utc_now() -> datetime:
    """The clock of the command line and of the node."""
    return datetime.now(UTC)
