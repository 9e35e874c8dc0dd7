"""All projects side by side, what is due in them, and which milestones to check more closely: in a
data folder, or at a running node.

Both give the same documents and the same refusals; with a data folder nobody is asked for a role.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from api import i18n
from api.documents.audit_samples import sample_json
from api.documents.checks import risk_json
from api.documents.open_data import open_csv, open_iati, open_rows
from api.documents.portfolio import portfolio_json
from api.documents.reminders import reminders_document
from api.queries.lines import Queries
from api.queries.portfolio import PortfolioRow, portfolio_row, ranked_risks
from api.records.audit_samples import (
    NewResult,
    NewSample,
    announce_sample,
    enter_result,
    enter_seed,
)
from lineproof.access.figures import check_one_source
from lineproof.clock import utc_now
from store.node.opening import open_stores
from store.registry.registry import Registry

if TYPE_CHECKING:
    from lineproof.access.node_client import NodeClient


class Portfolios(Protocol):
    """The documents of the routes `portfolio`, `reminders` and `checks`. Raises LineproofError with
    a sentence."""

    def portfolio(self, lang: str) -> dict[str, Any]: ...

    def open_data(self, form: str, organisation: str, name: str) -> str: ...

    def reminders(self) -> dict[str, Any]: ...

    def risks(self, scheme: str, lang: str) -> dict[str, Any]:
        """`scheme` empty: of all."""
        ...

    def samples(self) -> list[dict[str, Any]]: ...

    def announce(self, new: NewSample) -> dict[str, Any]: ...

    def seed(self, number: int, value: str, author: str) -> dict[str, Any]: ...

    def result(self, number: int, new: NewResult) -> dict[str, Any]: ...


class LocalPortfolios:
    """Those of a data folder."""

    def __init__(self, queries: Queries, registry: Registry) -> None:
        self._queries = queries
        self._registry = registry

    def portfolio(self, lang: str) -> dict[str, Any]:
        rows = self._rows()
        return portfolio_json(rows, rows, [], self._queries.now(), i18n.language(lang).tag)

    def open_data(self, form: str, organisation: str, name: str) -> str:
        rows = self._rows()
        if form == "csv":
            return open_csv(rows)
        if form == "iati":
            return open_iati(rows, organisation, name).decode()
        return orjson.dumps(open_rows(rows)).decode()

    def reminders(self) -> dict[str, Any]:
        return reminders_document(
            self._queries, self._queries.projects(), self._registry.outbox.all()
        )

    def risks(self, scheme: str, lang: str) -> dict[str, Any]:
        language = i18n.language(lang)
        found = ranked_risks(self._rows(scheme))
        return {
            "milestones": [risk_json(project, it, language) for project, it in found],
            "not_computed": [],
        }

    def samples(self) -> list[dict[str, Any]]:
        kept = self._registry.audit_samples
        return [sample_json(it, kept.results(it.number)) for it in kept.all()]

    def announce(self, new: NewSample) -> dict[str, Any]:
        made = announce_sample(self._queries, self._registry.audit_samples, new)
        return self._told(made.number, "announced")

    def seed(self, number: int, value: str, author: str) -> dict[str, Any]:
        enter_seed(self._queries, self._registry.audit_samples, number, value, author)
        return self._told(number, "drawn")

    def result(self, number: int, new: NewResult) -> dict[str, Any]:
        enter_result(self._queries, self._registry.audit_samples, number, new)
        return self._told(number, "result entered")

    def _rows(self, scheme: str = "") -> list[PortfolioRow]:
        projects = [it for it in self._queries.projects() if scheme in ("", it.scheme)]
        return [portfolio_row(self._queries, it) for it in projects]

    def _told(self, number: int, what: str) -> dict[str, Any]:
        self._registry.audit.tell_change(f"sample {number}", what)
        return next(it for it in self.samples() if it["number"] == number)


class RemotePortfolios:
    """Those of a running node, by HTTP: of what the token's owner may see."""

    def __init__(self, client: NodeClient) -> None:
        self._client = client

    def portfolio(self, lang: str) -> dict[str, Any]:
        return self._client.whole("portfolio", {"lang": lang}, "projects")

    def open_data(self, form: str, organisation: str, name: str) -> str:
        asked = {"format": form, "organisation": organisation, "name": name}
        return self._client.text("portfolio/open-data", asked)

    def reminders(self) -> dict[str, Any]:
        document: dict[str, Any] = self._client.get("reminders", {})
        return document

    def risks(self, scheme: str, lang: str) -> dict[str, Any]:
        asked = {"lang": lang, **({"scheme": scheme} if scheme else {})}
        return self._client.whole("checks/risks", asked, "milestones")

    def samples(self) -> list[dict[str, Any]]:
        return self._client.rows("checks/samples", {})

    def announce(self, new: NewSample) -> dict[str, Any]:
        given = asdict(new)
        return self._post("checks/samples", {**given.pop("precision"), **given})

    def seed(self, number: int, value: str, author: str) -> dict[str, Any]:
        return self._post(f"checks/samples/{number}/seed", {"value": value, "author": author})

    def result(self, number: int, new: NewResult) -> dict[str, Any]:
        return self._post(f"checks/samples/{number}/results", asdict(new))

    def _post(self, path: str, given: dict[str, Any]) -> dict[str, Any]:
        document: dict[str, Any] = self._client.post(
            path, {**given, "author": given["author"] or None}
        )
        return document


@contextlib.contextmanager
def portfolios(data: Path | None, url: str | None, token: str | None) -> Iterator[Portfolios]:
    """Of the one source that the user named. Raises InputError without or with both."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            yield RemotePortfolios(client)
        return
    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        queries = Queries(stores.telemetry, stores.registry, utc_now)
        yield LocalPortfolios(queries, stores.registry)
