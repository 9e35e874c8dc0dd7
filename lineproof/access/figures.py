"""Where a command's figures come from: a data folder of this machine, or a running node.

Both give the same documents: the local one asks `api.queries.lines`, the remote one asks the HTTP
routes, which ask the same queries. Commands never know which of the two it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

from api.documents.control_chart import control_chart_document
from api.documents.kpi_rows import kpis_document
from api.documents.milestones import milestones_document
from api.documents.stops import stops_document
from api.queries.lines import Queries
from api.queries.measurements import ChartQuestion
from api.queries.stops import StopsQuestion
from api.queries.times import instant_of, past_window_of
from domain.errors import InputError
from lineproof.clock import utc_now
from store.node.covering import CoveringCheckpoints
from store.node.opening import open_stores

if TYPE_CHECKING:
    from lineproof.access.node_client import NodeClient


class Answers(Protocol):
    """The documents of the contract. Raises LineproofError with a sentence."""

    def kpis(
        self, lines: Sequence[str], start: str, end: str, by: str | None, method: Sequence[str]
    ) -> list[dict[str, Any]]:
        """The rows of each line, one after the other; of all lines where none is named."""
        ...

    def stops(self, line: str, start: str, end: str, question: StopsQuestion) -> dict[str, Any]: ...

    def control_chart(
        self, line: str, measurement: str, start: str, end: str, question: ChartQuestion
    ) -> dict[str, Any]: ...

    def milestones(self, project: str, as_of: str | None) -> dict[str, Any]: ...


class LocalAnswers:
    """Asks the stores of a data folder; with `known_at` as they would have answered then."""

    def __init__(self, queries: Queries, known_at: str | None = None) -> None:
        self._queries = queries
        self._known_at = known_at

    def kpis(
        self, lines: Sequence[str], start: str, end: str, by: str | None, method: Sequence[str]
    ) -> list[dict[str, Any]]:
        named = lines or [line.id for _, line in self._queries.lines()]
        rows: list[dict[str, Any]] = []
        # Times without offset are in the plant's zone.
        for zone, of_zone in groupby(named, key=lambda line: self._queries.line(line)[0].zone):
            window = past_window_of(start, end, zone, self._queries.now())
            rows += kpis_document(self._known(zone), list(of_zone), window, by, method)
        return rows

    def stops(self, line: str, start: str, end: str, question: StopsQuestion) -> dict[str, Any]:
        plant, _ = self._queries.line(line)
        window = past_window_of(start, end, plant.zone, self._queries.now())
        return stops_document(self._known(plant.zone), line, window, question)

    def control_chart(
        self, line: str, measurement: str, start: str, end: str, question: ChartQuestion
    ) -> dict[str, Any]:
        plant, _ = self._queries.line(line)
        window = past_window_of(start, end, plant.zone, self._queries.now())
        return control_chart_document(self._known(plant.zone), line, measurement, window, question)

    def milestones(self, project: str, as_of: str | None) -> dict[str, Any]:
        zone = self._queries.project_zone(project)
        at = instant_of(as_of, zone, "--as-of") if as_of else None
        return milestones_document(self._known(zone), project, at)

    def _known(self, zone: ZoneInfo) -> Queries:
        if self._known_at is None:
            return self._queries
        return self._queries.as_known_at(instant_of(self._known_at, zone, "--as-known-at"))


class RemoteAnswers:
    """Asks a running node by HTTP; with `known_at` as it would have answered then."""

    def __init__(self, client: NodeClient, known_at: str | None = None) -> None:
        self._client = client
        self._known = {"as_known_at": known_at} if known_at is not None else {}

    def kpis(
        self, lines: Sequence[str], start: str, end: str, by: str | None, method: Sequence[str]
    ) -> list[dict[str, Any]]:
        query: dict[str, str | Sequence[str]] = {"start": start, "end": end, "method": method}
        query |= {"by": by} if by else {}
        named = lines or [str(row["line"]) for row in self._client.rows("lines", {})]
        rows: list[dict[str, Any]] = []
        for line in named:
            rows += self._get(f"lines/{quote(line, safe='')}/kpis", query)
        return rows

    def stops(self, line: str, start: str, end: str, question: StopsQuestion) -> dict[str, Any]:
        asked = {"start": start, "end": end, **question.parameters()}
        document: dict[str, Any] = self._get(f"lines/{quote(line, safe='')}/stops", asked)
        return document

    def control_chart(
        self, line: str, measurement: str, start: str, end: str, question: ChartQuestion
    ) -> dict[str, Any]:
        asked = {"start": start, "end": end, **question.parameters()}
        path = f"lines/{quote(line, safe='')}/measurements/{quote(measurement, safe='')}/chart"
        document: dict[str, Any] = self._get(path, asked)
        return document

    def milestones(self, project: str, as_of: str | None) -> dict[str, Any]:
        document: dict[str, Any] = self._get(
            f"projects/{quote(project, safe='')}/milestones", {"as_of": as_of} if as_of else {}
        )
        return document

    def _get(self, path: str, query: Mapping[str, str | Sequence[str]]) -> Any:
        return self._client.get(path, {**query, **self._known})


@contextlib.contextmanager
def answers(
    data: Path | None, url: str | None, token: str | None, known_at: str | None = None
) -> Iterator[Answers]:
    """Answers from the one source that the user named, as at `known_at` (None: now). Raises
    InputError without or with both sources."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            yield RemoteAnswers(client, known_at)
        return
    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        covering = CoveringCheckpoints(stores.ledger, stores.registry, stores.telemetry, utc_now)
        queries = Queries(stores.telemetry, stores.registry, utc_now, checkpoints=covering)
        yield LocalAnswers(queries, known_at)


def check_one_source(data: Path | None, url: str | None) -> None:
    """Raises InputError unless exactly one is named."""
    if (data is None) == (url is None):
        raise InputError(
            "one source of data must be named",
            todo="Give --data with a data folder, or --url with the address of a running node.",
        )
