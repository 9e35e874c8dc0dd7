"""Steps of milestones over HTTP, by persons with roles: who may, what is kept, what is frozen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from node_app import bearer
from web_plant import GRANT, NOW, PLANT, ZONE, Clock, app_of, gap_told, registry_of, store_of

from api.queries.lines import Queries
from api.records.accepted_periods import freeze
from api.records.milestone_steps import NewStep, declare_conflict, take_step
from domain.access import Assignment
from domain.errors import InputError, NotAllowedError
from store.files.grant import read_grant
from store.files.plant import read_plant
from store.registry.audit import AuditFilter

REF = "NIFS-2025-017"
PROJECT = f"/api/v1/projects/{REF}"
MEASURED = ("status", "value", "low", "high", "coverage", "flags", "evidence", "window")
# Who they are, by token: a supervisor and officers of the project, and others.
ROLES = {
    "lee": "supervisor@line:filler-1",
    "chan": "officer@scheme:NIFS",
    "wong": "officer@project:NIFS-2025-017",
    "aud": "auditor",
    "adm": "administrator",
    "far": "officer@scheme:NIAS",
}


class Asked:
    """A node with those people."""

    def __init__(self, client: httpx.AsyncClient, secrets: dict[str, str]) -> None:
        self._client = client
        self._secrets = secrets

    async def post(self, who: str, path: str, **given: str) -> httpx.Response:
        headers = bearer(self._secrets[who])
        return await self._client.post(f"{PROJECT}/{path}", json=given, headers=headers)

    async def step(self, who: str, milestone: str, action: str, **given: str) -> Any:
        """It is taken; its document."""
        answer = await self.refused(who, milestone, action, **given)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def refused(self, who: str, milestone: str, action: str, **given: str) -> httpx.Response:
        said = {"action": action, "reason": "as was seen", **given}
        return await self.post(who, f"milestones/{milestone}/decisions", **said)

    async def get(self, path: str, who: str = "aud", **query: str) -> Any:
        headers = bearer(self._secrets[who])
        answer = await self._client.get(path, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def milestone(self, name: str, **query: str) -> Any:
        document = await self.get(f"{PROJECT}/milestones", **query)
        return next(it for it in document["milestones"] if it["id"] == name)

    async def history(self, milestone: str, who: str = "aud") -> Any:
        return await self.get(f"{PROJECT}/milestones/{milestone}/decisions", who)

    async def recommended(self, milestone: str) -> None:
        await self.step("lee", milestone, "submit")
        await self.step("chan", milestone, "take")
        await self.step("chan", milestone, "recommend")


@pytest.fixture
def queries(own_plant: tuple[Queries, Clock]) -> Queries:
    return own_plant[0]


@pytest.fixture
async def asked(queries: Queries) -> AsyncIterator[Asked]:
    registry, now = registry_of(queries), queries.now()
    registry.accounts.add("boss", "", [Assignment.parse("administrator")], now)
    secrets = {
        name: registry.tokens.add(
            name, [Assignment.parse(role)], now + timedelta(days=300), now, by="boss"
        )
        for name, role in ROLES.items()
    }
    app = app_of(queries, version="1")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield Asked(client, secrets)
    await app.state.services.close()


async def test_a_life_from_draft_to_closed_is_told_with_who_when_and_why(
    asked: Asked, own_plant: tuple[Queries, Clock]
) -> None:
    told = await asked.milestone("M1")
    assert (told["state"], told["allowed"], told["decision"]) == ("draft", ["submit"], None)
    steps = [
        ("lee", "submit", "submitted"), ("chan", "take", "in_check"), ("chan", "query", "query"),
        ("lee", "answer", "in_check"), ("chan", "recommend", "recommended"),
        ("wong", "accept", "accepted"), ("chan", "close", "closed"),
    ]  # fmt: skip
    for hour, (who, action, state) in enumerate(steps):
        own_plant[1].now = NOW + timedelta(hours=hour)
        done = await asked.step(who, "M1", action, reason=f"reason {hour}")
        told = await asked.milestone("M1")
        assert (done["state"], told["state"]) == (state, state)
        assert done["allowed"] == told["allowed"]
    rows = await asked.history("M1")
    assert [(it["author"], it["action"], it["state"]) for it in rows] == [
        (f"token:{who}", action, state) for who, action, state in steps
    ]
    assert [it["reason"] for it in rows] == [f"reason {it}" for it in range(7)]
    assert [it["at"] for it in rows] == [(NOW + timedelta(hours=it)).isoformat() for it in range(7)]
    assert told["decision"] == rows[5]
    assert told["allowed"] == []


async def test_a_step_that_the_table_does_not_allow_is_409_with_those_that_it_does(
    asked: Asked,
) -> None:
    await asked.step("lee", "M1", "submit")
    answer = await asked.refused("wong", "M1", "accept")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["state"], problem["allowed"]) == ("submitted", ["take"])
    assert (
        "milestone M1 is 'submitted', and 'accept' is no step from there. It allows: take."
        in (problem["detail"])
    )
    assert [it["action"] for it in await asked.history("M1")] == ["submit"]


@pytest.mark.parametrize(
    ("who", "action", "status"),
    [
        ("lee", "submit", 201),
        ("lee", "take", 403),
        ("lee", "accept", 403),
        ("chan", "submit", 403),
        ("chan", "answer", 403),
        ("chan", "take", 409),
        ("aud", "take", 403),
        ("adm", "take", 403),
        ("adm", "submit", 403),
        ("far", "take", 404),  # of another scheme: the project is not there
    ],
)
async def test_submitting_is_the_companys_and_deciding_an_officers(
    asked: Asked, who: str, action: str, status: int
) -> None:
    answer = await asked.refused(who, "M1", action)
    assert answer.status_code == status, answer.text
    assert len(await asked.history("M1")) == (status == 201)


async def test_who_recommends_does_not_decide(asked: Asked) -> None:
    """The grant is 15,000,000: from 1,000,000 on two persons decide."""
    await asked.recommended("M1")
    answer = await asked.refused("chan", "M1", "accept")
    assert answer.status_code == 403
    assert "'token:chan' recommended it, and here two persons decide" in answer.json()["detail"]
    await asked.step("wong", "M1", "reject")


async def test_of_a_small_grant_one_person_decides(asked: Asked, queries: Queries) -> None:
    small = GRANT.replace("approved_cost_hkd: 54000000", "approved_cost_hkd: 2900000")
    assert small != GRANT
    registry_of(queries).apply.project(small, read_grant(small, "grant.yaml"), NOW)
    await asked.recommended("M1")
    await asked.step("chan", "M1", "waive")


async def test_a_declared_conflict_of_interest_keeps_a_person_out(asked: Asked) -> None:
    assert (await asked.post("lee", "conflicts")).status_code == 403
    answer = await asked.post("wong", "conflicts", reason="a sister works there")
    assert answer.status_code == 201
    assert answer.json() == {
        "project": REF, "author": "token:wong", "at": NOW.isoformat(),
        "reason": "a sister works there",
    }  # fmt: skip
    assert await asked.get(f"{PROJECT}/conflicts") == [answer.json()]
    again = await asked.post("wong", "conflicts")
    assert (again.status_code, "already" in again.json()["detail"]) == (422, True)
    await asked.step("lee", "M1", "submit")
    refused = await asked.refused("wong", "M1", "take")
    assert refused.status_code == 403
    assert "declared a conflict of interest" in refused.json()["detail"]
    await asked.step("chan", "M1", "take")


async def test_nor_does_that_person_accept_figures_of_the_projects_line_otherwise(
    queries: Queries,
) -> None:
    recording, taking = registry_of(queries).record, registry_of(queries).take
    declare_conflict(queries, taking, REF, "", "Wong")
    with pytest.raises(NotAllowedError, match=f"conflict of interest with project {REF}"):
        freeze(queries, recording, "filler-1", "2026-03-09", "2026-03-14", "wong")
    freeze(queries, recording, "packer-1", "2026-03-09", "2026-03-14", "wong")  # of no project
    freeze(queries, recording, "filler-1", "2026-03-09", "2026-03-14", "chan")


async def test_accepting_keeps_the_verdict_and_later_data_show_beside_it(
    asked: Asked, own_plant: tuple[Queries, Clock]
) -> None:
    """M3 asks for the availability of the second week; its gap is told late."""
    queries, clock = own_plant
    before = await asked.milestone("M3")
    await asked.recommended("M3")
    done = await asked.step("wong", "M3", "accept")
    kept = done["verdict"]
    assert {it: kept[it] for it in MEASURED} == {it: before[it] for it in MEASURED}
    assert kept["due"] == "2026-03-14"
    (period,) = registry_of(queries).records.frozen("filler-1")
    assert kept["frozen"] == [
        {
            "line": "filler-1",
            "start": "2026-03-09T00:00:00+08:00",
            "end": "2026-03-15T00:00:00+08:00",
            "facts_digest": period.digest,
        }
    ]
    assert (period.author, period.frozen_at) == ("token:wong", NOW.astimezone(UTC))
    clock.now = NOW + timedelta(hours=1)
    store_of(queries).append([gap_told(1, clock.now)])
    after = await asked.milestone("M3")
    assert {it: after[it] for it in MEASURED} == {it: before[it] for it in MEASURED}
    assert after["restated"]["coverage"] == 1.0
    assert after["decision"]["verdict"] == kept
    assert (await asked.history("M3"))[-1]["verdict"] == kept


async def test_what_is_frozen_already_stays_and_the_rest_is_frozen(
    asked: Asked, queries: Queries
) -> None:
    """M4 looks at all days from 2 March on; those up to yesterday are over. M3's week is frozen."""
    await asked.recommended("M3")
    await asked.step("wong", "M3", "accept")
    await asked.recommended("M4")
    await asked.step("wong", "M4", "accept_in_part")
    days = [
        tuple(it.astimezone(ZONE).date().isoformat() for it in (period.start, period.end))
        for period in registry_of(queries).records.frozen("filler-1")
    ]
    assert days == [
        ("2026-03-02", "2026-03-09"),
        ("2026-03-09", "2026-03-15"),
        ("2026-03-15", "2026-03-25"),
    ]


@pytest.mark.parametrize("action", ["waive", "reject", "extend"])
async def test_other_decisions_keep_the_verdict_and_freeze_nothing(
    asked: Asked, queries: Queries, action: str
) -> None:
    await asked.recommended("M3")
    due = {"due": "2026-09-30"} if action == "extend" else {}
    done = await asked.step("wong", "M3", action, **due)
    assert done["verdict"]["status"] == "not_provable"
    assert done["verdict"]["frozen"] == []
    assert registry_of(queries).records.frozen("filler-1") == []


async def test_a_document_is_accepted_without_days_to_freeze(
    asked: Asked, queries: Queries
) -> None:
    await asked.recommended("M5")
    assert (await asked.step("wong", "M5", "accept"))["verdict"]["frozen"] == []
    assert registry_of(queries).records.frozen("filler-1") == []


async def test_an_extension_after_the_due_day_moves_it_and_tells_the_agreed_one(
    asked: Asked, own_plant: tuple[Queries, Clock]
) -> None:
    """M2 would be missed on 1 July; it is extended on the 2nd, and is under way again."""
    queries, clock = own_plant
    clock.now = datetime(2026, 7, 2, 9, tzinfo=ZONE)
    before = await asked.milestone("M2")
    assert "overdue" in before["flags"]
    assert (before["due"], before["agreed_due"]) == ("2026-06-30", "2026-06-30")
    await asked.recommended("M2")
    for due in ("", "2026-06-30", "2026-02-30", "soon"):
        refused = await asked.refused("wong", "M2", "extend", due=due)
        assert (refused.status_code, refused.json()["where"]) == (422, "due")
    done = await asked.step("wong", "M2", "extend", due="2026-12-31")
    assert (done["due"], done["verdict"]["due"]) == ("2026-12-31", "2026-06-30")
    after = await asked.milestone("M2")
    assert (after["due"], after["agreed_due"]) == ("2026-12-31", "2026-06-30")
    assert after["state"] == "extended"
    assert "overdue" not in after["flags"]
    assert after["status"] != before["status"]
    assert after["evidence"]["terms_digest"] == before["evidence"]["terms_digest"]
    then = await asked.milestone("M2", as_known_at="2026-07-02T08:59")
    assert (then["due"], then["state"]) == ("2026-06-30", "draft")
    clock.now += timedelta(days=1)
    await asked.recommended("M2")
    refused = await asked.refused("wong", "M2", "extend", due="2026-11-30")
    assert "not after the due day so far, 2026-12-31" in refused.json()["detail"]
    registry_of(queries).apply.project(
        GRANT + "\n", read_grant(GRANT + "\n", "grant.yaml"), clock.now
    )
    assert (await asked.milestone("M2"))["due"] == "2026-12-31"


@pytest.mark.parametrize(
    ("milestone", "given", "status", "said"),
    [
        ("M99", {"action": "submit"}, 404, "has no milestone 'M99'"),
        ("M1", {"action": "sumbit"}, 422, "Did you mean 'submit'?"),
        ("M1", {"action": "submit", "reason": "x" * 4001}, 422, "4001 characters"),
        ("M1", {"action": "submit", "due": "2027-01-01"}, 422, "Only 'extend' moves it"),
        ("M1", {"action": "submit", "author": "chan"}, 422, "named as the author"),
        ("M1", {"action": "submit", "more": "x"}, 422, "more"),
        ("M1", {}, 422, "action"),
    ],
)
async def test_what_cannot_be_used_is_told(
    asked: Asked, milestone: str, given: dict[str, str], status: int, said: str
) -> None:
    answer = await asked.post("lee", f"milestones/{milestone}/decisions", **given)
    assert answer.status_code == status
    assert said in answer.json()["detail"]
    assert await asked.history("M1") == []


async def test_names_of_the_companys_people_are_codes_where_its_plant_keeps_them(
    asked: Asked, queries: Queries
) -> None:
    kept = PLANT.replace("plant: tko-foods\n", "plant: tko-foods\nconfidential: [names]\n")
    assert kept != PLANT
    registry_of(queries).apply.plant(kept, read_plant(kept, "plant.yaml"), NOW)
    await asked.recommended("M1")
    inside, outside = [
        [it["author"] for it in await asked.history("M1", who)] for who in ("lee", "wong")
    ]
    assert inside == ["token:lee", "token:chan", "token:chan"]
    assert outside[1:] == ["token:chan", "token:chan"]
    assert "lee" not in outside[0]


async def test_the_audit_tells_the_steps(asked: Asked, queries: Queries) -> None:
    await asked.step("lee", "M1", "submit")
    (row,) = registry_of(queries).audit.page(AuditFilter(who="token:lee", what="change"))
    assert row.event.place == f"POST {PROJECT}/milestones/M1/decisions"


@pytest.mark.parametrize("author", ["", " ", "x" * 201])
def test_on_an_open_node_and_by_hand_somebody_is_named(queries: Queries, author: str) -> None:
    taking = registry_of(queries).take
    with pytest.raises(InputError, match="author"):
        take_step(queries, taking, REF, "M1", NewStep("submit", author))
    with pytest.raises(InputError, match="author"):
        declare_conflict(queries, taking, REF, "", author)
