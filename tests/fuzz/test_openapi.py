"""Every operation of the OpenAPI document, asked by everybody: schemathesis makes the questions.

Whoever asks, whatever is asked: no fault of the server's, no answer but those that the document
describes, and nothing of another's lines and projects. Each question is asked by all roles of one
line's scope and by nobody; those who see everything only look.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fuzzing import inputs
from hypothesis import given
from hypothesis import strategies as st
from node_app import bearer, node_app
from peers import PATIENCE_S
from role_tokens import LINE, PROJECT, close_with_tokens
from running_server import running_server
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from web_plant import Clock, filled_queries, registry_of, store_of

from api.http.access.permissions import PERMISSIONS
from api.queries.lines import Queries
from api.records.corrections import Draft, record
from api.records.milestone_steps import NewStep, declare_conflict, take_step
from domain.access import Assignment, Role
from lineproof.run.web_server import LOOPBACK, bind
from store.files.grant import read_grant
from store.registry.audit import Done, Event

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
API = sorted(
    (method, path.replace(":path}", "}"))  # as the document writes it
    for method, path in PERMISSIONS
    if path.startswith("/api/") or path == "/metrics"
)
OTHER_LINE, OTHER_PROJECT = "packer-1", "OTHER-2026-1"
GRANT = f"""\
project: {OTHER_PROJECT}
scheme: NIFS
plant: tko-foods
lines: [{OTHER_LINE}]
approved_cost_hkd: 54000000
approved_on: 2025-01-15
start: 2026-03-02
end: 2027-01-31
milestones:
  - {{id: M1, clause: "Sentinel clause", due: 2026-12-31, title: {{en: Sentinel title}},
     terms: {{kind: document, document: audited_accounts}}}}
"""
# What is nobody's of filler-1's scope; none of it is in a question.
SENTINELS = {
    "the name of the other line": "Case packer",
    "the reason of a stop there": "Glue nozzle blocked",
    "a correction there": "Sentinel comment",
    "the other project's milestone": "Sentinel title",
    "what its company said of it": "Sentinel submission",
    "a conflict of interest with it": "Sentinel cousin",
    "somebody's account": "Sentinel Person",
    "somebody's token": "sentinel-token",
    "a document attached there": "sentinel-accounts.pdf",
    "its bytes": "Sentinel bytes",
    "a row of the audit": "192.0.2.99",
}
DOCUMENT = b"%PDF-1 Sentinel bytes"
TIMES = {"start": "2026-03-24", "end": "2026-03-26"}
PLACES: tuple[dict[str, str], ...] = (
    {"line": LINE, "ref": PROJECT, "milestone": "M1"},
    {"line": OTHER_LINE, "ref": OTHER_PROJECT, "milestone": "M1"},
    {},
)


@dataclass
class Asked:
    """A served node and its document."""

    client: httpx.Client
    document: Any
    callers: dict[str, dict[str, str]]  # headers of everybody who asks
    seeing: dict[str, dict[str, str]]  # and of those who see everything, and only look
    faults: list[object]
    strategies: dict[tuple[str, str], st.SearchStrategy[Any]] = field(default_factory=dict)


def _make_sentinels(queries: Queries) -> None:
    registry, now = registry_of(queries), queries.now()
    registry.apply.project(GRANT, read_grant(GRANT, "other.yaml"), now)
    registry.attach.document(
        OTHER_PROJECT, "M1", "audited_accounts", "sentinel-accounts.pdf",
        DOCUMENT, now,
        attached_by="Sentinel Person",
    )  # fmt: skip
    draft = Draft(
        "figure", "Sentinel Person", start="2026-03-24T08:00", end="2026-03-24T09:00",
        element="inspected_part_count", amount=1.0, comment="Sentinel comment",
    )  # fmt: skip
    record(queries, registry.record, OTHER_LINE, draft, "sentinel-id")
    submit = NewStep("submit", "Sentinel Person", "Sentinel submission")
    take_step(queries, registry.take, OTHER_PROJECT, "M1", submit)
    declare_conflict(queries, registry.take, OTHER_PROJECT, "Sentinel cousin", "Sentinel Person")
    registry.accounts.add("sentinel", "Sentinel Person", [Assignment(Role.AUDITOR)], now)
    ends = now + timedelta(days=1)
    registry.tokens.add("sentinel-token", [Assignment(Role.AUDITOR)], ends, now, by="x")
    registry.audit.add(Event(Done.SIGN_IN, "sentinel", "192.0.2.99"), now)


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    in_memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(dir=in_memory if in_memory.is_dir() else None))
    queries = filled_queries(folder, Clock())
    tokens = close_with_tokens(queries)
    _make_sentinels(queries)
    app = node_app(queries, folder)
    callers = {role: bearer(tokens[role, "own"]) for role in Role} | {"nobody": {}}
    seeing = {it: bearer(tokens[it, "everything"]) for it in ("auditor", "administrator")}
    with (
        running_server(app, bind(LOOPBACK, 0), closing=app.state.services.close) as server,
        httpx.Client(base_url=f"http://{LOOPBACK}:{server.port}", timeout=PATIENCE_S) as client,
    ):
        document = schemathesis.openapi.from_dict(app.openapi())
        yield Asked(client, document, callers, seeing, server.faults)
    assert server.faults == []
    store_of(queries).close()
    registry_of(queries).close()
    shutil.rmtree(folder)


def _strategy(asked: Asked, route: tuple[str, str]) -> st.SearchStrategy[Any]:
    """Cases of an operation: of our line, of the other one, of places that nobody named; half of
    them with times that there are."""
    if route in asked.strategies:
        return asked.strategies[route]
    method, path = route
    operation = asked.document[path][method]
    named = [it.name for it in operation.path_parameters]
    timed = {"start", "end"} <= {it.name for it in operation.query}
    kinds = [(GenerationMode.POSITIVE, place, TIMES if timed else {}) for place in PLACES]
    kinds.append((GenerationMode.NEGATIVE, {}, {}))
    asked.strategies[route] = st.one_of(
        operation.as_strategy(
            generation_mode=mode,
            path_parameters={key: it for key, it in place.items() if key in named} or None,
            query=query or None,
        )
        for mode, place, query in kinds
    )
    return asked.strategies[route]


@pytest.mark.parametrize("route", API, ids=" ".join)
@inputs(2, parts=len(API))
@given(data=st.data())
def test_no_answer_is_a_fault_or_undescribed_or_tells_of_others(
    asked: Asked, route: tuple[str, str], data: st.DataObject
) -> None:
    case = data.draw(_strategy(asked, route))
    for who, headers in asked.callers.items():
        told = _told(asked, case, headers)
        shown = [what for what, text in SENTINELS.items() if text in told]
        assert not shown, (who, case.as_curl_command(), told[:500])
    if route[0] == "GET":
        for headers in asked.seeing.values():
            _told(asked, case, headers)


def test_what_is_of_others_is_there_and_shown_to_those_who_may_see_it(asked: Asked) -> None:
    """Asked by the names of the other line and project: else silence would prove nothing."""

    def told(headers: dict[str, str]) -> str:
        found = ""
        for method, path in API:
            if method == "GET" and not path.endswith("/live"):
                sha256 = hashlib.sha256(DOCUMENT).hexdigest()
                others = {"name": "x", "identity": "sentinel-id", "sha256": sha256}
                others |= {"level": "0", "place": "000.p/1", "number": "1"}
                named = path.format(**PLACES[1], **others)
                # Of the audit all: by now many asked for something, and it is the newest first.
                whole = {"format": "ndjson"} if path.endswith("/audit") else {}
                found += asked.client.get(named, params=TIMES | whole, headers=headers).text
        return found

    seen = "".join(map(told, asked.seeing.values()))
    assert [what for what, text in SENTINELS.items() if text not in seen] == []
    for who, headers in asked.callers.items():
        shown = told(headers)
        assert [what for what, text in SENTINELS.items() if text in shown] == [], who


def _told(asked: Asked, case: Any, headers: dict[str, str]) -> str:
    """What came, after it was held against the document; of a stream of events the first one."""
    given = case.as_transport_kwargs(base_url=str(asked.client.base_url))
    request = asked.client.build_request(
        given["method"],
        given["url"],
        params=given.get("params"),
        headers={**(given.get("headers") or {}), **headers},
        cookies=given.get("cookies"),
        json=given.get("json"),
        content=given.get("data"),
    )
    answer = asked.client.send(request, stream=True)
    try:
        if answer.headers.get("content-type", "").startswith("text/event-stream"):
            text, pieces = "", answer.iter_text()
            while "\r\n\r\n" not in text:
                text += next(pieces)
            return text
        answer.read()
        case.validate_response(answer, checks=CHECKS)
        return answer.text
    finally:
        answer.close()
