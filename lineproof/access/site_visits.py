"""Site visits: in a data folder, or at a running node.

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
from api.records.site_visits import NewVisit, enter_visit, visits_json, withdraw_visit
from lineproof.access.figures import check_one_source
from lineproof.clock import utc_now
from store.node.opening import open_stores
from store.registry.registry import Registry

if TYPE_CHECKING:
    from lineproof.access.node_client import NodeClient


class SiteVisitRecords(Protocol):
    """The documents of the routes of the same names; `milestone` empty: of the whole project.
    Raises LineproofError with a sentence."""

    def enter(self, project: str, milestone: str, new: NewVisit) -> dict[str, Any]: ...

    def withdraw(self, project: str, number: int, reason: str, author: str) -> dict[str, Any]: ...

    def of(self, project: str, milestone: str) -> list[dict[str, Any]]: ...


class LocalSiteVisits:
    """Those of a data folder."""

    def __init__(self, queries: Queries, registry: Registry) -> None:
        self._queries = queries
        self._registry = registry

    def enter(self, project: str, milestone: str, new: NewVisit) -> dict[str, Any]:
        document = enter_visit(self._queries, self._registry.visit, project, milestone, new)
        place = f"line {new.line} of project {project}"
        self._registry.audit.tell_change(place, "site visit entered")
        return document

    def withdraw(self, project: str, number: int, reason: str, author: str) -> dict[str, Any]:
        entering = self._registry.visit
        document = withdraw_visit(self._queries, entering, project, number, reason, author)
        self._registry.audit.tell_change(f"visit {number} of {project}", "site visit withdrawn")
        return document

    def of(self, project: str, milestone: str) -> list[dict[str, Any]]:
        return visits_json(self._queries, project, milestone)


class RemoteSiteVisits:
    """Those of a running node, by HTTP."""

    def __init__(self, client: NodeClient) -> None:
        self._client = client

    def enter(self, project: str, milestone: str, new: NewVisit) -> dict[str, Any]:
        given = asdict(new) | {"author": new.author or None}
        document: dict[str, Any] = self._client.post(_visits(project, milestone), given)
        return document

    def withdraw(self, project: str, number: int, reason: str, author: str) -> dict[str, Any]:
        path = f"{_visits(project, '')}/{number}/withdrawal"
        given = {"reason": reason, "author": author or None}
        document: dict[str, Any] = self._client.post(path, given)
        return document

    def of(self, project: str, milestone: str) -> list[dict[str, Any]]:
        return self._client.rows(_visits(project, milestone), {})


@contextlib.contextmanager
def site_visit_records(
    data: Path | None, url: str | None, token: str | None
) -> Iterator[SiteVisitRecords]:
    """Of the one source that the user named. Raises InputError without or with both."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            yield RemoteSiteVisits(client)
        return
    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        yield LocalSiteVisits(Queries(stores.telemetry, stores.registry, utc_now), stores.registry)


def _visits(project: str, milestone: str) -> str:
    of = f"/milestones/{quote(milestone, safe='')}" if milestone else ""
    return f"projects/{quote(project, safe='')}{of}/visits"
