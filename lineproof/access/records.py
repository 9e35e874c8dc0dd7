"""What people record of a line (corrections, frozen periods): in a data folder or a running node.

Both give the same documents and the same refusals. Ids and the clock of a data folder are made
here, a node makes its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote
from uuid import uuid4

from api.queries.lines import Queries
from api.queries.times import instant_of
from api.records.accepted_periods import freeze, frozen_json
from api.records.approvals import Decision, decide, waiting_json
from api.records.corrections import Draft, corrections_json, record
from api.records.plan_changes import (
    NewException,
    add_exception,
    exceptions_json,
    withdraw_exception,
)
from lineproof.access.figures import check_one_source
from lineproof.clock import utc_now
from store.node.opening import open_stores
from store.registry.audit import Audit
from store.registry.line_records import Recording

if TYPE_CHECKING:
    from lineproof.access.node_client import NodeClient

Document = dict[str, Any]


class Records(Protocol):
    """The documents of the routes of the same names. Raises LineproofError with a sentence."""

    def correct(self, line: str, draft: Draft) -> Document: ...

    def withdraw(self, identity: str, author: str, comment: str) -> Document: ...

    def corrections(self, line: str, known_at: str | None) -> list[Document]: ...

    def decide(self, identity: str, decision: Decision) -> Document: ...

    def waiting(self) -> list[Document]: ...

    def add_exception(self, line: str, new: NewException) -> Document: ...

    def withdraw_exception(
        self, line: str, identity: str, author: str, comment: str
    ) -> Document: ...

    def exceptions(self, line: str) -> list[Document]: ...

    def freeze(self, line: str, start: str, end: str, author: str) -> Document: ...

    def frozen(self, line: str) -> list[Document]: ...


class LocalRecords:
    """Those of a data folder."""

    def __init__(self, queries: Queries, recording: Recording, audit: Audit) -> None:
        self._queries = queries
        self._recording = recording
        self._audit = audit

    def correct(self, line: str, draft: Draft) -> Document:
        identity = str(uuid4())
        document = record(self._queries, self._recording, line, draft, identity)
        self._audit.tell_change(f"line {line}", f"{draft.kind} recorded as {identity}")
        return document

    def withdraw(self, identity: str, author: str, comment: str) -> Document:
        line = self._queries.records.correction(identity).line
        return self.correct(line, _withdrawal(identity, author, comment))

    def corrections(self, line: str, known_at: str | None) -> list[Document]:
        queries = self._queries
        if known_at is not None:
            zone = queries.line(line)[0].zone
            queries = queries.as_known_at(instant_of(known_at, zone, "--as-known-at"))
        return corrections_json(queries, line)

    def decide(self, identity: str, decision: Decision) -> Document:
        document = decide(self._queries, self._recording, identity, decision, str(uuid4()))
        self._audit.tell_change(f"correction {identity}", "decided")
        return document

    def waiting(self) -> list[Document]:
        lines = [line.id for _, line in self._queries.lines()]
        return [row for line in lines for row in waiting_json(self._queries, line)]

    def add_exception(self, line: str, new: NewException) -> Document:
        made = str(uuid4())
        document = add_exception(self._queries, self._recording, line, new, made)
        self._audit.tell_change(f"line {line}", f"exception entered as {made}")
        return document

    def withdraw_exception(self, line: str, identity: str, author: str, comment: str) -> Document:
        said = (author, comment)
        document = withdraw_exception(
            self._queries, self._recording, line, identity, said, str(uuid4())
        )
        self._audit.tell_change(f"line {line}", f"exception {identity} withdrawn")
        return document

    def exceptions(self, line: str) -> list[Document]:
        return exceptions_json(self._queries, line)

    def freeze(self, line: str, start: str, end: str, author: str) -> Document:
        document = freeze(self._queries, self._recording, line, start, end, author)
        self._audit.tell_change(f"line {line}", f"accepted from {start} to {end}")
        return document

    def frozen(self, line: str) -> list[Document]:
        return frozen_json(self._queries, line)


class RemoteRecords:
    """Those of a running node, by HTTP."""

    def __init__(self, client: NodeClient) -> None:
        self._client = client

    def correct(self, line: str, draft: Draft) -> Document:
        given = {name: value for name, value in asdict(draft).items() if value is not None}
        del given["device"]  # at which tablet somebody is, the node knows by itself
        document: Document = self._client.post(_of(line, "corrections"), given)
        return document

    def withdraw(self, identity: str, author: str, comment: str) -> Document:
        line = self._client.get(f"corrections/{quote(identity, safe='')}", {})["line"]
        return self.correct(line, _withdrawal(identity, author, comment))

    def corrections(self, line: str, known_at: str | None) -> list[Document]:
        query = {"as_known_at": known_at} if known_at is not None else {}
        return self._client.rows(_of(line, "corrections"), query)

    def decide(self, identity: str, decision: Decision) -> Document:
        what = "approval" if decision.approves else "refusal"
        given = {"author": decision.author or None, "comment": decision.comment}
        path = f"corrections/{quote(identity, safe='')}/{what}"
        document: Document = self._client.post(path, given)
        return document

    def waiting(self) -> list[Document]:
        return self._client.rows("waiting-corrections", {})

    def add_exception(self, line: str, new: NewException) -> Document:
        given = {
            "start": new.start,
            "end": new.end,
            "class": new.kind,
            "reason": new.reason,
            "author": new.author or None,
        }
        document: Document = self._client.post(_of(line, "exceptions"), given)
        return document

    def withdraw_exception(self, line: str, identity: str, author: str, comment: str) -> Document:
        path = f"{_of(line, 'exceptions')}/{quote(identity, safe='')}/withdrawal"
        given = {"author": author or None, "comment": comment}
        document: Document = self._client.post(path, given)
        return document

    def exceptions(self, line: str) -> list[Document]:
        return self._client.rows(_of(line, "exceptions"), {})

    def freeze(self, line: str, start: str, end: str, author: str) -> Document:
        given = {"start": start, "end": end, "author": author}
        document: Document = self._client.post(_of(line, "frozen"), given)
        return document

    def frozen(self, line: str) -> list[Document]:
        return self._client.rows(_of(line, "frozen"), {})


@contextlib.contextmanager
def line_records(data: Path | None, url: str | None, token: str | None) -> Iterator[Records]:
    """Of the one source that the user named. Raises InputError without or with both."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            yield RemoteRecords(client)
        return
    assert data is not None
    with open_stores(data, must_exist=True) as stores:
        queries = Queries(stores.telemetry, stores.registry, utc_now)
        yield LocalRecords(queries, stores.registry.record, stores.registry.audit)


def _withdrawal(identity: str, author: str, comment: str) -> Draft:
    return Draft(kind="withdrawal", author=author, withdraws=identity, comment=comment)


def _of(line: str, what: str) -> str:
    return f"lines/{quote(line, safe='')}/{what}"
