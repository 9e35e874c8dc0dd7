"""What people do with milestones: in a data folder, or at a running node.

Both give the same documents and the same refusals; with a data folder nobody is asked for a role.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from api.queries.lines import Queries
from api.records.milestone_steps import (
    NewStep,
    conflicts_json,
    declare_conflict,
    steps_json,
    take_step,
)
from lineproof.access.figures import check_one_source
from lineproof.clock import utc_now
from store.node.opening import open_stores
from store.registry.registry import Registry

if TYPE_CHECKING:
    from lineproof.access.node_client import NodeClient


class MilestoneRecords(Protocol):
    """The documents of the routes of the same names. Raises LineproofError with a sentence."""

    def take(self, project: str, milestone: str, new: NewStep) -> dict[str, Any]: ...

    def steps(self, project: str, milestone: str) -> list[dict[str, Any]]: ...

    def declare(self, project: str, reason: str, author: str) -> dict[str, Any]: ...

    def conflicts(self, project: str) -> list[dict[str, Any]]: ...


class LocalMilestones:
    """Those of a data folder."""

    def __init__(self, queries: Queries, registry: Registry) -> None:
        self._queries = queries
        self._registry = registry

    def take(self, project: str, milestone: str, new: NewStep) -> dict[str, Any]:
        document = take_step(self._queries, self._registry.take, project, milestone, new)
        self._registry.audit.tell_change(f"milestone {milestone} of {project}", new.action)
        return document

    def steps(self, project: str, milestone: str) -> list[dict[str, Any]]:
        return steps_json(self._queries, project, milestone)

    def declare(self, project: str, reason: str, author: str) -> dict[str, Any]:
        document = declare_conflict(self._queries, self._registry.take, project, reason, author)
        self._registry.audit.tell_change(f"project {project}", "conflict of interest declared")
        return document

    def conflicts(self, project: str) -> list[dict[str, Any]]:
        return conflicts_json(self._queries, project)


class RemoteMilestones:
    """Those of a running node, by HTTP."""

    def __init__(self, client: NodeClient) -> None:
        self._client = client

    def take(self, project: str, milestone: str, new: NewStep) -> dict[str, Any]:
        given = {
            "action": new.action,
            "reason": new.reason,
            "due": new.due or None,
            "author": new.author or None,
        }
        document: dict[str, Any] = self._client.post(_decisions(project, milestone), given)
        return document

    def steps(self, project: str, milestone: str) -> list[dict[str, Any]]:
        return self._client.rows(_decisions(project, milestone), {})

    def declare(self, project: str, reason: str, author: str) -> dict[str, Any]:
        given = {"reason": reason, "author": author or None}
        document: dict[str, Any] = self._client.post(f"{_of(project)}/conflicts", given)
        return document

    def conflicts(self, project: str) -> list[dict[str, Any]]:
        return self._client.rows(f"{_of(project)}/conflicts", {})


@contextlib.contextmanager
def milestone_records(
    data: Path | None, url: str | None, token: str | None
) -> Iterator[MilestoneRecords]:
    """Of the one source that the user named. Raises InputError without or with both."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            yield RemoteMilestones(client)
        return
    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        queries = Queries(stores.telemetry, stores.registry, utc_now)
        yield LocalMilestones(queries, stores.registry)


def _of(project: str) -> str:
    return f"projects/{quote(project, safe='')}"


def _decisions(project: str, milestone: str) -> str:
    return f"{_of(project)}/milestones/{quote(milestone, safe='')}/decisions"
