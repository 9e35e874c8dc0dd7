"""Every route and page, asked as every role, within its own scope and within a foreign one.

The routes are those of the application itself. What a role may is written here once more, in the
words of its users, so that a wrong table does not pass for a right one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from browser import serving
from fastapi import FastAPI
from node_app import bearer, node_app, routes, told
from peers import PATIENCE_S
from role_tokens import LINE, PROJECT, SCOPES, Tokens, close_with_tokens
from web_plant import Clock, filled_queries, registry_of, store_of

from api.http.access.permissions import PERMISSIONS
from api.queries.lines import Queries
from api.records.corrections import Draft, record
from domain.access import Role

# Who may: o(perator), s(upervisor), i(ntegrator), O(fficer), a(uditor), A(dministrator).
_API = "/api/v1"
MAY = {
    ("GET", "/floor"): "osiOaA",
    ("GET", "/floor/events"): "osiOaA",
    ("GET", "/floor/export"): "osiOaA",
    ("GET", "/events"): "osiOaA",
    ("GET", "/wall"): "osiOaA",
    ("GET", "/wall/events"): "osiOaA",
    ("GET", "/lines/{line}"): "osiOaA",
    ("GET", "/data-quality"): "osiOaA",
    ("GET", "/data-quality/{line}"): "osiOaA",
    ("GET", "/lines/{line}/events"): "osiOaA",
    ("GET", "/lines/{line}/export"): "osiOaA",
    ("GET", f"{_API}/lines"): "osiOaA",
    ("GET", f"{_API}/lines/{{line}}"): "osiOaA",
    ("GET", f"{_API}/lines/{{line}}/live"): "osiOaA",
    ("GET", f"{_API}/lines/{{line}}/kpis"): "osiOaA",
    ("GET", f"{_API}/lines/{{line}}/states"): "osiOaA",
    ("GET", f"{_API}/lines/{{line}}/stops"): "osiOaA",
    ("GET", f"{_API}/lines/{{line}}/measurements"): "osiOaA",
    ("GET", f"{_API}/lines/{{line}}/measurements/{{name}}/chart"): "osiOaA",
    ("GET", f"{_API}/lines/{{line}}/corrections"): "osiOaA",
    ("GET", f"{_API}/corrections/{{identity}}"): "osiOaA",
    ("GET", f"{_API}/lines/{{line}}/frozen"): "osiOaA",
    ("POST", f"{_API}/lines/{{line}}/corrections"): "os",
    ("POST", f"{_API}/corrections/{{identity}}/approval"): "s",
    ("POST", f"{_API}/corrections/{{identity}}/refusal"): "s",
    ("GET", f"{_API}/waiting-corrections"): "osiOaA",
    ("GET", f"{_API}/alerts"): "osiOaA",
    ("POST", f"{_API}/alerts/{{number}}/acknowledgement"): "os",
    ("GET", "/alerts"): "osiOaA",
    ("POST", "/alerts"): "os",
    ("GET", f"{_API}/lines/{{line}}/exceptions"): "osiOaA",
    ("POST", f"{_API}/lines/{{line}}/exceptions"): "s",
    ("POST", f"{_API}/lines/{{line}}/exceptions/{{name}}/withdrawal"): "s",
    ("GET", "/lines/{line}/stops"): "osiOaA",
    ("GET", "/lines/{line}/stops/events"): "osiOaA",
    ("POST", "/lines/{line}/stops"): "os",
    ("GET", f"{_API}/lines/{{line}}/handover"): "osiOaA",
    ("POST", f"{_API}/lines/{{line}}/handover/notes"): "os",
    ("POST", f"{_API}/lines/{{line}}/handover/signatures"): "os",
    ("GET", "/lines/{line}/handover"): "osiOaA",
    ("POST", "/lines/{line}/handover"): "os",
    ("GET", "/lines/{line}/plan"): "osiOaA",
    ("POST", "/lines/{line}/plan"): "s",
    ("GET", "/approvals"): "s",
    ("POST", "/approvals"): "s",
    ("POST", f"{_API}/lines/{{line}}/frozen"): "O",
    ("GET", "/grants"): "sOaA",
    ("GET", "/checks"): "OaA",
    ("POST", "/checks"): "O",
    ("GET", f"{_API}/checks/samples"): "OaA",
    ("GET", f"{_API}/checks/samples/{{number}}"): "OaA",
    ("POST", f"{_API}/checks/samples"): "O",
    ("POST", f"{_API}/checks/samples/{{number}}/seed"): "O",
    ("POST", f"{_API}/checks/samples/{{number}}/results"): "O",
    ("GET", f"{_API}/checks/risks"): "OaA",
    ("GET", "/grants/{ref}"): "sOaA",
    ("GET", "/grants/{ref}/{milestone}"): "sOaA",
    ("GET", "/grants/{ref}/{milestone}/export"): "sOaA",
    ("POST", "/grants/{ref}/{milestone}"): "sO",
    ("POST", "/grants/{ref}/{milestone}/attachments"): "sO",
    ("POST", "/grants/{ref}/{milestone}/visits"): "O",
    ("POST", "/grants/{ref}/{milestone}/withdrawals"): "O",
    ("GET", f"{_API}/projects"): "sOaA",
    ("GET", f"{_API}/projects/{{ref}}/dossier"): "sOaA",
    ("GET", f"{_API}/projects/{{ref}}/smart-line"): "sOaA",
    ("GET", f"{_API}/portfolio"): "sOaA",
    ("GET", f"{_API}/portfolio/open-data"): "sOaA",
    ("GET", "/portfolio"): "sOaA",
    ("GET", "/portfolio/export"): "sOaA",
    ("GET", f"{_API}/projects/{{ref}}/milestones"): "sOaA",
    # Each of the two takes steps of their own: tests/api/records/test_milestone_steps.py.
    ("POST", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/decisions"): "sO",
    ("GET", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/decisions"): "sOaA",
    ("POST", f"{_API}/projects/{{ref}}/conflicts"): "O",
    ("GET", f"{_API}/projects/{{ref}}/conflicts"): "sOaA",
    ("GET", f"{_API}/projects/{{ref}}/change-requests"): "sOaA",
    ("POST", f"{_API}/projects/{{ref}}/change-requests"): "s",
    ("POST", f"{_API}/projects/{{ref}}/change-requests/{{number}}/approval"): "O",
    ("POST", f"{_API}/projects/{{ref}}/change-requests/{{number}}/refusal"): "O",
    ("GET", "/changes/{ref}"): "sOaA",
    ("GET", "/reminders"): "sOaA",
    ("GET", f"{_API}/reminders"): "sOaA",
    ("POST", "/changes/{ref}"): "sO",
    ("GET", f"{_API}/projects/{{ref}}/visits"): "sOaA",
    ("POST", f"{_API}/projects/{{ref}}/visits"): "O",
    ("POST", f"{_API}/projects/{{ref}}/visits/{{number}}/withdrawal"): "O",
    ("GET", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/visits"): "sOaA",
    ("POST", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/visits"): "O",
    ("GET", f"{_API}/projects/{{ref}}/attested"): "sOaA",
    ("GET", f"{_API}/projects/{{ref}}/attachments"): "sOaA",
    ("GET", f"{_API}/projects/{{ref}}/attachments/{{sha256}}"): "sOaA",
    ("POST", f"{_API}/projects/{{ref}}/attachments/{{sha256}}/hold"): "OA",
    ("POST", f"{_API}/projects/{{ref}}/attachments/{{sha256}}/release"): "OA",
    ("POST", f"{_API}/projects/{{ref}}/milestones/{{milestone}}/attachments"): "sO",
    ("GET", "/profiles"): "iaA",
    ("GET", "/profiles/{vendor}/{model}"): "iaA",
    ("GET", f"{_API}/profiles"): "iaA",
    ("GET", f"{_API}/projects/{{ref}}/terms"): "sOaA",
    ("GET", f"{_API}/ledger/checkpoint"): "siOaA",
    ("GET", f"{_API}/ledger/policy"): "siOaA",
    ("GET", f"{_API}/ledger/proof"): "siOaA",
    ("GET", f"{_API}/ledger/consistency"): "siOaA",
    ("GET", f"{_API}/ledger/leaves"): "iaA",
    ("GET", f"{_API}/ledger/tile/entries/{{place:path}}"): "iaA",
    ("GET", f"{_API}/ledger/tile/{{level}}/{{place:path}}"): "siOaA",
    ("GET", f"{_API}/batches"): "iaA",
    ("GET", f"{_API}/rejections"): "iaA",
    ("GET", f"{_API}/quarantine"): "iaA",
    ("GET", f"{_API}/health/findings"): "iaA",
    ("GET", "/agents"): "iaA",
    ("GET", "/connect"): "iA",
    ("POST", "/connect"): "iA",
    ("GET", "/plants"): "iA",
    ("GET", "/plants/{plant}"): "iA",
    ("POST", "/plants/{plant}"): "iA",
    ("POST", "/plants/{plant}/check"): "iA",
    ("GET", "/plants/{plant}/difference"): "iA",
    ("GET", "/plants/{plant}/versions/{number}"): "iA",
    ("GET", "/agents/enrolled"): "iaA",
    ("POST", "/agents/enrolled"): "iA",
    ("GET", "/metrics"): "iaA",
    ("GET", f"{_API}/audit"): "aA",
    ("GET", "/audit"): "aA",
    ("GET", f"{_API}/agents"): "iaA",
    ("POST", f"{_API}/agents/{{name}}/code"): "iA",
    ("POST", f"{_API}/agents/{{name}}/revocation"): "iA",
    ("GET", f"{_API}/users"): "A",
    ("POST", f"{_API}/users"): "A",
    ("POST", f"{_API}/users/{{name}}/disable"): "A",
    ("POST", f"{_API}/users/{{name}}/enable"): "A",
    ("POST", f"{_API}/users/{{name}}/reset"): "A",
    ("POST", f"{_API}/users/{{name}}/roles"): "A",
    ("POST", f"{_API}/users/{{name}}/pin"): "A",
    ("POST", f"{_API}/users/{{name}}/badge"): "A",
    ("GET", f"{_API}/users/{{name}}/data"): "A",
    ("POST", f"{_API}/users/{{name}}/erase"): "A",
    ("GET", f"{_API}/tokens"): "A",
    ("POST", f"{_API}/tokens"): "A",
    ("POST", f"{_API}/tokens/{{label}}/revoke"): "A",
    ("GET", "/users"): "A",
    ("POST", "/users"): "A",
}
# Forms of pages: who may send one is told that what it sent is none of ours.
FORMS = {
    ("POST", "/users"),
    ("POST", "/lines/{line}/plan"),
    ("POST", "/lines/{line}/handover"),
    ("POST", "/lines/{line}/stops"),
    ("POST", "/alerts"),
    ("POST", "/approvals"),
    ("POST", "/grants/{ref}/{milestone}"),
    ("POST", "/grants/{ref}/{milestone}/visits"),
    ("POST", "/grants/{ref}/{milestone}/withdrawals"),
    ("POST", "/changes/{ref}"),
    ("POST", "/checks"),
    ("POST", "/agents/enrolled"),
    ("POST", "/connect"),
    ("POST", "/plants/{plant}"),
    ("POST", "/plants/{plant}/check"),
}
OPEN_TO_ALL = {
    *(("GET", it) for it in ("/", "/account", "/cut-off", "/glossary", "/sign-in", "/sign-on")),
    ("GET", f"{_API}/health/live"),
    ("GET", f"{_API}/health/ready"),
    ("POST", f"{_API}/batches"),
    ("POST", f"{_API}/live-frames"),
    ("GET", f"{_API}/agents/authority"),
    ("POST", f"{_API}/agents/enrol"),
    ("POST", f"{_API}/agents/{{name}}/keys"),
    ("POST", "/account"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/demo"),
    ("GET", "/sign-in/provider"),
    ("GET", "/sign-in/returned"),
    ("POST", "/sign-on"),
    ("POST", "/sign-out"),
}
OF_THE_NODE = {route for route, who in MAY.items() if not {"o", "s", "O"} & set(who)}
LETTERS = dict(zip("osiOaA", Role, strict=True))
WINDOW = {"start": "2026-03-25", "end": "2026-03-26"}
BODIES: dict[str, dict[str, Any]] = {
    "corrections": {
        "kind": "figure",
        "element": "inspected_part_count",
        "amount": 10,
        "start": "2026-03-24T08:00",
        "end": "2026-03-24T09:00",
    },
    "frozen": {"start": "2026-03-02", "end": "2026-03-02"},
    "seed": {"value": "1"},
    "results": {"project": PROJECT, "milestone": "M1", "is_error": False},
}


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    queries = filled_queries(tmp_path_factory.mktemp("closed"), Clock())
    yield queries
    store_of(queries).close()
    registry_of(queries).close()


@pytest.fixture(scope="module")
def tokens(closed: Queries) -> Tokens:
    return close_with_tokens(closed)


@pytest.fixture(scope="module")
def correction(closed: Queries) -> str:
    """The id of a correction of the line."""
    draft = Draft(author="somebody", **BODIES["corrections"])
    record(closed, registry_of(closed).record, LINE, draft, "a-correction")
    return "a-correction"


@pytest.fixture(scope="module")
def app(
    closed: Queries, tokens: Tokens, correction: str, tmp_path_factory: pytest.TempPathFactory
) -> FastAPI:
    return node_app(closed, tmp_path_factory.mktemp("node"))


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """Over a real server, because streams of events never end by themselves."""
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE_S) as found:
        yield found


def test_every_route_of_the_application_is_in_the_table_and_in_this_test(app: FastAPI) -> None:
    assert routes(app) == set(PERMISSIONS)
    assert set(MAY) | OPEN_TO_ALL == set(PERMISSIONS)
    assert {it for it, action in PERMISSIONS.items() if action is None} == OPEN_TO_ALL


# All read before anybody writes: whatever is recorded lets every answer be computed anew.
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_role_may_what_it_is_for_where_it_is_for(
    client: httpx.Client,
    tokens: Tokens,
    correction: str,
    method: str,
    role: Role,
    scope: str,
) -> None:
    headers = bearer(tokens[role, scope])
    wrong = {}
    for (method_of_route, path), who in MAY.items():
        if method_of_route != method:
            continue
        names_a_place = "{" in path and "/ledger/" not in path
        if role not in [LETTERS[letter] for letter in who] or (
            (method, path) in OF_THE_NODE and scope != "everything"
        ):
            expected = {403}
        elif names_a_place and scope == "foreign":
            expected = {404}
        else:
            # It is there, or what was asked is told to be wrong; nothing has the name x.
            unknown = any(it in path for it in ("{name}", "{label}", "{sha256}", "{number}"))
            expected = {200, 201, 303, 409, 422, *([404] if unknown else [])}
        status, body = ask(client, method, path, correction, headers)
        if (method, path) in FORMS and "this form was not sent from a page" in body:
            status = 200
        is_told = LINE in paths_left_out(body).replace(f"no line '{LINE}'", "")
        if status not in expected or (scope == "foreign" and is_told):
            wrong[method, path] = (status, body[:300])
    assert not wrong


def paths_left_out(body: str) -> str:
    """Without the paths that were asked, which name the line."""
    return body.replace(f"/lines/{LINE}", "").replace(f"/data-quality/{LINE}", "")


def ask(
    client: httpx.Client, method: str, path: str, correction: str, headers: dict[str, str]
) -> tuple[int, str]:
    """The status and the text; of a stream nothing."""
    named = {"line": LINE, "ref": PROJECT, "milestone": "M1", "identity": correction}
    named |= {"name": "x", "label": "x", "sha256": "x", "number": "99", "plant": "tko-foods"}
    named |= {"level": "0", "place": "000.p/1", "vendor": "packml", "model": "opcua"}
    body = next((it for end, it in BODIES.items() if path.endswith(end)), {})
    asked = client.build_request(
        method,
        path.replace(":path}", "}").format(**named),
        params={} if method == "POST" else WINDOW,
        json=body if method == "POST" else None,
        headers=headers,
    )
    return told(client, asked, events=0)


@pytest.mark.parametrize("route", sorted(MAY))
def test_without_a_sign_in_nothing_is_told(
    client: httpx.Client, correction: str, route: tuple[str, str]
) -> None:
    status, body = ask(client, *route, correction, {})
    assert status == 401
    assert LINE not in paths_left_out(body)  # the path that was asked


def test_a_line_that_one_may_not_see_is_as_if_it_were_not_there(
    client: httpx.Client, tokens: Tokens
) -> None:
    headers = bearer(tokens["operator", "foreign"])
    hidden, missing = (
        client.get(f"/api/v1/lines/{name}", headers=headers).json()["detail"]
        for name in (LINE, "filler-9")
    )
    assert hidden == missing.replace("filler-9", LINE)
    assert "packer-1" in missing


def test_lists_hold_what_one_may_see(client: httpx.Client, tokens: Tokens) -> None:
    def names(path: str, key: str, role: Role, scope: str) -> list[str]:
        rows = client.get(path, headers=bearer(tokens[role, scope])).json()
        return [row[key] for row in rows]

    lines, projects = "/api/v1/lines", "/api/v1/projects"
    assert names(lines, "line", Role.OPERATOR, "own") == [LINE]
    assert names(lines, "line", Role.OPERATOR, "foreign") == ["packer-1"]
    assert len(names(lines, "line", Role.OPERATOR, "everything")) == 4
    assert names(projects, "project", Role.OFFICER, "own") == [PROJECT]
    assert names(projects, "project", Role.OFFICER, "foreign") == []


def test_a_floor_shows_the_cards_and_counts_the_states_of_what_one_may_see(
    client: httpx.Client, tokens: Tokens
) -> None:
    """Two who look at one moment are not shown the same."""
    pages = {
        scope: client.get("/floor", headers=bearer(tokens["operator", scope])).text
        for scope in ("everything", "own", "foreign")
    }
    shown = {
        scope: [line for line in (LINE, "packer-1") if f"/lines/{line}" in page]
        for scope, page in pages.items()
    }
    assert shown == {"everything": [LINE, "packer-1"], "own": [LINE], "foreign": ["packer-1"]}


def test_a_token_that_is_none_is_told(client: httpx.Client) -> None:
    answer = client.get("/api/v1/lines", headers=bearer("lineproof_" + "x" * 43))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "this token is none" in answer.json()["detail"]


def test_who_is_signed_in_is_the_author_and_nobody_else(
    client: httpx.Client, tokens: Tokens
) -> None:
    path, headers = f"/api/v1/lines/{LINE}/corrections", bearer(tokens["operator", "own"])
    body = BODIES["corrections"] | {"start": "2026-03-23T08:00", "end": "2026-03-23T09:00"}
    answer = client.post(path, json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    assert answer.json()["author"] == "token:operator-own"
    named = body | {"author": "somebody else"}
    answer = client.post(path, json=named, headers=headers)
    assert answer.status_code == 422
    assert "'somebody else' is named as the author" in answer.json()["detail"]


def test_readiness_keeps_machines_to_itself(client: httpx.Client, tokens: Tokens) -> None:
    path = "/api/v1/health/ready"
    assert client.get(path).json() == {"status": "ok"}
    assert "faults" in client.get(path, headers=bearer(tokens["auditor", "everything"])).json()
