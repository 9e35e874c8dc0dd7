"""Change requests: in a data folder, or at a running node.

Both give the same documents and the same refusals; with a data folder nobody is asked for a role.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from api.queries.lines import Queries
from api.records.change_requests import (
    NewChange,
    ask_change,
    change_requests_json,
    decide_change,
)
from domain.change_requests import ChangeDecision
from lineproof.access.figures import check_one_source
from lineproof.clock import utc_now
from store.node.opening import open_stores
from store.registry.registry import Registry

if TYPE_CHECKING:
    from lineproof.access.node_client import NodeClient


class ChangeRecords(Protocol):
    """The documents of the routes of the same names. Raises LineproofError with a sentence."""

    def ask(self, project: str, new: NewChange) -> dict[str, Any]: ...

    def decide(self, project: str, number: int, new: ChangeDecision) -> dict[str, Any]: ...

    def of(self, project: str) -> list[dict[str, Any]]: ...


class LocalChanges:
    """Those of a data folder."""

    def __init__(self, queries: Queries, registry: Registry) -> None:
        self._queries = queries
        self._registry = registry

    def ask(self, project: str, new: NewChange) -> dict[str, Any]:
        document = ask_change(self._queries, self._registry.ask, project, new)
        self._registry.audit.tell_change(f"project {project}", "change asked for")
        return document

    def decide(self, project: str, number: int, new: ChangeDecision) -> dict[str, Any]:
        document = decide_change(self._queries, self._registry.ask, project, number, new)
        place = f"change request {number} of {project}"
        self._registry.audit.tell_change(place, str(document["state"]))
        return document

    def of(self, project: str) -> list[dict[str, Any]]:
        return change_requests_json(self._queries, project)


class RemoteChanges:
    """Those of a running node, by HTTP."""

    def __init__(self, client: NodeClient) -> None:
        self._client = client

    def ask(self, project: str, new: NewChange) -> dict[str, Any]:
        given = asdict(new) | {"author": new.author or None}
        document: dict[str, Any] = self._client.post(_requests(project), given)
        return document

    def decide(self, project: str, number: int, new: ChangeDecision) -> dict[str, Any]:
        how = "approval" if new.approved else "refusal"
        given = {"reason": new.reason, "author": new.author or None}
        path = f"{_requests(project)}/{number}/{how}"
        document: dict[str, Any] = self._client.post(path, given)
        return document

    def of(self, project: str) -> list[dict[str, Any]]:
        return self._client.rows(_requests(project), {})


@contextlib.contextmanager
def change_records(
    data: Path | None, url: str | None, token: str | None
) -> Iterator[ChangeRecords]:
    """Of the one source that the user named. Raises InputError without or with both."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            yield RemoteChanges(client)
        return
    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        yield LocalChanges(Queries(stores.telemetry, stores.registry, utc_now), stores.registry)


def _requests(project: str) -> str:
    return f"projects/{quote(project, safe='')}/change-requests"
