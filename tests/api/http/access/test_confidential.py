"""What a plant keeps confidential: asked of every route and page, it reaches its own people alone.

Marks that stand nowhere else are put into samples, reasons and notes; then every route of the
application is asked as each reader, and its whole answer is searched for them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from browser import serving
from node_app import bearer, node_app, routes, told
from office_files import PDF
from peers import PATIENCE_S
from telemetry import batch
from web_plant import (
    NOW,
    PLANT,
    Clock,
    filled_queries,
    keep_facts,
    registry_of,
    sample_frame,
    spans,
    store_of,
)

from api.queries.board_keeper import BoardKeeper
from api.queries.lines import Queries
from api.records.corrections import Draft, record
from api.records.plan_changes import NewException, add_exception
from domain.access import Assignment, Role
from domain.attested_figures import AttestedFigure, AttestedKind
from domain.plant import Confidential
from domain.states import MachineState
from store.files.plant import read_plant

LINE = "filler-1"
# By what keeps them: marks of raw samples, of reasons and notes, of names.
MARKS = {
    Confidential.RAW_SAMPLES: (
        "ALARM-OF-MACHINE", "ORDER-OF-MACHINE", "PRODUCT-OF-MACHINE", "7.654321", "777.7",
    ),
    Confidential.REASONS: (
        "REASON-OF-MACHINE", "REASON-OF-NOW", "reason-of-person", "Reason by its name", "NOTE",
    ),
    Confidential.NAMES: ("Chan-Siu-Ming",),
}  # fmt: skip
EVERY = frozenset(Confidential)
# Of the routes that tell them, as many as tell all of them.
TELLING = [
    "/lines/{line}", "/api/v1/lines/{line}", "/api/v1/lines/{line}/states",
    "/api/v1/lines/{line}/stops", "/api/v1/lines/{line}/measurements/{name}/chart",
    "/api/v1/lines/{line}/corrections", "/api/v1/corrections/{identity}",
    "/api/v1/waiting-corrections", "/api/v1/lines/{line}/exceptions", "/lines/{line}/plan",
]  # fmt: skip
READERS = {
    "operator": ("operator@plant:tko-foods", False),
    "officer": ("officer", True),
    "auditor of a scheme": ("auditor@scheme:NIFS", True),
}
OUTSIDE = [name for name, (_, is_outside) in READERS.items() if is_outside]


@dataclass(frozen=True)
class Node:
    queries: Queries
    clock: Clock
    client: httpx.Client
    routes: set[tuple[str, str]]
    tokens: dict[str, str]
    corrections: list[str]
    board_keeper: BoardKeeper

    def keep(self, kept: frozenset[Confidential]) -> None:
        """The plant keeps these confidential from now on."""
        if registry_of(self.queries).plants.of_line(LINE).confidential != kept:
            apply(self.queries, kept)
            self.board_keeper.refresh()

    def answers(self, reader: str, of: Container[str] | None = None) -> dict[str, str]:
        """What every route that reads (or those `of` these paths) says to it, by path."""
        found = {}
        for path in sorted(path for method, path in self.routes if method == "GET"):
            if of is not None and path not in of:
                continue
            for identity in self.corrections if "{identity}" in path else [""]:
                named = {"line": LINE, "ref": "NIFS-2025-017", "milestone": "M1"}
                named |= {"identity": identity, "name": "weight", "label": "x"}
                named |= {"number": "1"}  # of a sample of milestones
                named |= {"vendor": "packml", "model": "opcua", "plant": "tko-foods"}
                named |= {"level": "0", "place": "000"}  # of a tile of the ledger
                named["sha256"] = hashlib.sha256(PDF).hexdigest()
                asked = self.client.build_request(
                    "GET",
                    path.replace(":path", "").format(**named),
                    params={"start": "2026-03-25T09:00", "end": "2026-03-25T14:05"}
                    | ({"tab": "stops", "format": "csv"} if path.endswith("/export") else {}),
                    headers=bearer(self.tokens[reader]) | {"accept": "*/*"},
                )
                status, found[path + identity] = told(self.client, asked)
                assert status != 500, path
        return found

    def told_to(self, reader: str, of: Container[str] | None = None) -> set[str]:
        """The marks that it can read anywhere, or on these paths."""
        every = "\n".join(self.answers(reader, of).values())
        return {mark for marks in MARKS.values() for mark in marks if mark in every}

    def json(self, path: str, reader: str, **asked: str) -> Any:
        answer = self.client.get(
            f"/api/v1/lines/{LINE}{path}", params=asked, headers=bearer(self.tokens[reader])
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


def apply(queries: Queries, kept: frozenset[Confidential]) -> None:
    """The plant with reasons and a measurement, which keeps these confidential."""
    text = PLANT.replace(
        "    roles: {state: filler, total_count: filler, good_count: filler, energy: meter}\n",
        "    roles: {state: filler, total_count: filler, good_count: filler, energy: meter}\n"
        "    measurements:\n"
        "      weight: {machine: filler, lower_limit: 700, upper_limit: 900, subgroup_size: 1}\n",
    )
    text += "reasons: {reason-of-person: {name: {en: Reason by its name}}}\n"
    text += f"confidential: [{', '.join(sorted(kept))}]\n"
    registry_of(queries).apply.plant(text, read_plant(text, "plant.yaml"), queries.now())


def tell_marks(queries: Queries) -> list[str]:
    """Into what machines and people say; the ids of the corrections."""
    ago = timedelta(minutes=2)
    fault = float(MachineState.FAULT.code)
    rows: list[dict[str, Any]] = [
        {"signal": "stop_reason", "time": NOW.replace(hour=11, minute=32), "text": "x"},
        {
            "signal": "state",
            "time": NOW.replace(hour=11, minute=35),
            "value": fault,
            "text": "fault",
        },
        {
            "signal": "stop_reason",
            "time": NOW.replace(hour=11, minute=35),
            "text": "REASON-OF-MACHINE",
        },
        {
            "signal": "state",
            "time": NOW.replace(hour=11, minute=50),
            "value": float(MachineState.PRODUCING.code),
            "text": "producing",
        },
        {"signal": "state", "time": NOW - ago, "value": fault, "text": "fault"},
        {"signal": "stop_reason", "time": NOW - ago, "text": "REASON-OF-NOW"},
        {"signal": "alarm", "time": NOW - ago, "text": "ALARM-OF-MACHINE"},
        {"signal": "order", "time": NOW - ago, "text": "ORDER-OF-MACHINE"},
        {"signal": "product", "time": NOW - ago, "text": "PRODUCT-OF-MACHINE"},
        {"signal": "speed", "time": NOW - ago, "value": 7.654321},
        *(
            {
                "signal": "measurement.weight",
                "time": NOW.replace(hour=12, minute=minute),
                "value": 777.7 + minute / 1000,
            }
            for minute in range(30)
        ),
    ]
    frame = sample_frame(LINE, "filler", rows)
    known = spans((LINE, "filler", NOW - ago, NOW))
    store_of(queries).append([batch(1, frame, known, agent="agent-marks")])
    keep_facts(queries)
    drafts = [
        Draft("reason", "Chan-Siu-Ming", "2026-03-25T09:10", "2026-03-25T09:35",
              reason="reason-of-person", comment="NOTE"),
        Draft("figure", "Chan-Siu-Ming", "2026-03-24T08:00", "2026-03-24T09:00",
              element="inspected_part_count", amount=10.0, comment="NOTE"),
    ]  # fmt: skip
    drafts.append(replace(drafts[1], start="2026-03-23T08:00", end="2026-03-23T09:00"))
    record_ = registry_of(queries).record
    closed = NewException("2026-03-26", "2026-03-26", "closed", "NOTE", "Chan-Siu-Ming")
    add_exception(queries, record_, LINE, closed, "e-1")
    place = ("NIFS-2025-017", "M1", "report", "report.pdf")
    registry_of(queries).attach.document(*place, PDF, NOW, attached_by="Chan-Siu-Ming")
    return [
        str(record(queries, record_, LINE, draft, f"c-{number}", may_approve=number < 2)["id"])
        for number, draft in enumerate(drafts)
    ]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    queries = filled_queries(tmp_path_factory.mktemp("confidential"), clock := Clock())
    registry = registry_of(queries)
    registry.accounts.add("boss", "", [Assignment(Role.ADMINISTRATOR)], queries.now())
    apply(queries, frozenset())
    corrections = tell_marks(queries)
    tokens = {
        name: registry.tokens.add(
            name.replace(" ", "-"), [Assignment.parse(role)], NOW + timedelta(days=1), NOW, by=""
        )
        for name, (role, _) in READERS.items()
    }
    app = node_app(queries, tmp_path_factory.mktemp("node"), live_interval_s=0.5)
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE_S) as client:
        board_keeper = app.state.board_keeper
        yield Node(queries, clock, client, routes(app), tokens, corrections, board_keeper)
    store_of(queries).close()
    registry.close()


def marks_but(kept: frozenset[Confidential]) -> set[str]:
    """Those that are shown where a plant keeps these. A code of a correction's author is a reason's
    and a name's."""
    shown = {mark for what, marks in MARKS.items() if what not in kept for mark in marks}
    return shown - set(MARKS[Confidential.NAMES] if Confidential.REASONS in kept else ())


@pytest.mark.parametrize("reader", READERS)
def test_no_route_tells_who_is_outside_what_the_plant_keeps(node: Node, reader: str) -> None:
    node.keep(EVERY)
    assert node.told_to(reader) == marks_but(EVERY if reader in OUTSIDE else frozenset())


@pytest.mark.parametrize("kept", Confidential)
def test_each_is_kept_for_itself(node: Node, kept: Confidential) -> None:
    node.keep(frozenset({kept}))
    assert node.told_to("officer", TELLING) == marks_but(frozenset({kept}))


def test_what_is_left_out_is_named(node: Node) -> None:
    """So that nobody takes it for something that nobody said; figures stand."""
    node.keep(EVERY)
    window = {"start": "2026-03-25T09:00", "end": "2026-03-25T13:00"}
    kept = sorted(EVERY)
    inside, outside = (node.json("/stops", it, **window) for it in ("operator", "officer"))
    assert (inside.get("withheld"), outside["withheld"]) == (None, kept)
    assert [it["duration_s"] for it in inside["stops"]] == [
        it["duration_s"] for it in outside["stops"]
    ]
    assert {it["by"] for it in outside["pareto"]} == {"state"}
    assert outside["losses"] == inside["losses"]
    live = node.json("", "officer")
    assert (live["withheld"], live["total_counter"], live["state"]) == (kept, None, "fault")
    assert live["kpis"] == node.json("", "operator")["kpis"]
    row = node.json("/corrections", "officer")[0]
    assert (row["withheld"], row["author"], row["comment"]) == (kept, None, None)
    assert (row["start"], row["in_force"]) == ("2026-03-25T09:10:00+08:00", True)
    kpis = [node.json("/kpis", it, **window) for it in ("operator", "officer")]
    assert kpis[0] == kpis[1]


def test_beside_the_dossier_stands_that_raw_data_stay_at_the_factory(node: Node) -> None:
    says = []
    for kept in (frozenset({Confidential.RAW_SAMPLES}), frozenset()):
        node.keep(kept)
        (page,) = node.answers("officer", ["/grants/{ref}"]).values()
        assert "Take the evidence away" in page
        says.append("Raw data stay at the factory" in page)
    assert says == [True, False]


def test_raw_samples_are_refused_with_why(node: Node) -> None:
    node.keep(EVERY)
    for path in ("/states", "/measurements/weight/chart"):
        answer = node.client.get(
            f"/api/v1/lines/{LINE}{path}",
            params={"start": "2026-03-25T09:00", "end": "2026-03-25T13:00"},
            headers=bearer(node.tokens["officer"]),
        )
        assert answer.status_code == 403
        assert "may not see raw samples of line filler-1" in answer.json()["detail"]
        assert "Its plant keeps them confidential" in answer.json()["detail"]


def test_an_earlier_view_shows_no_more_than_the_present_one(node: Node) -> None:
    """The plant kept nothing then."""
    asked = {"start": "2026-03-25T09:00", "end": "2026-03-25T13:00"}
    node.keep(frozenset())
    before = node.queries.now()
    node.clock.now += timedelta(minutes=1)
    node.keep(EVERY)
    found = node.json("/stops", "officer", **asked, as_known_at=before.isoformat())
    assert found["withheld"] == sorted(EVERY)
    assert {it["reason"] for it in found["stops"]} == {None}
    for row in node.json("/corrections", "officer", as_known_at=before.isoformat()):
        assert (row["reason"], row["comment"]) == (None, None)


def test_a_name_has_one_code_in_a_plant(node: Node) -> None:
    node.keep(frozenset({Confidential.NAMES}))
    codes = {it["author"] for it in node.json("/corrections", "officer")}
    assert len(codes) == 1
    assert re.fullmatch("Person [A-Z2-7]{6}", codes.pop())
    assert {it["author"] for it in node.json("/corrections", "operator")} == {"Chan-Siu-Ming"}


def test_who_attested_a_figure_is_told_by_a_code(node: Node) -> None:
    """Of all that routes tell, a name that only a project's figures have."""
    registry = registry_of(node.queries)
    paid = AttestedFigure(
        "NIFS-2025-017", 0, AttestedKind.REFUND, NOW, "Chan-Siu-Ming", "", Decimal(1), NOW.date()
    )
    registry.attest.add(paid, "paid.pdf", PDF)
    path = "/api/v1/projects/{ref}/attested"
    node.keep(frozenset())
    figure = json.loads(node.answers("officer", [path])[path])[-1]
    assert figure["attested_by"] == "Chan-Siu-Ming"
    node.keep(frozenset({Confidential.NAMES}))
    figure = json.loads(node.answers("officer", [path])[path])[-1]
    assert figure["attested_by"] == registry.pseudonyms.of("tko-foods", "Chan-Siu-Ming")
