"""`/reminders` and its JSON: what is due, what was sent to whom, in three languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from signing_in import PASSWORD, asking, sign_in
from web_plant import NOW, Clock, app_of, registry_of

from api.queries.lines import Queries
from api.queries.reminders import OtherDays, work_of
from domain.access import Assignment
from domain.reminders import standing_reminders
from store.registry.project_work.outbox import Channel, NewMessage, Recipient

REF = "NIFS-2025-017"


@pytest.fixture
def queries(own_plant: tuple[Queries, Clock]) -> Queries:
    """M1, M3 and M6 are overdue; one message was sent, one given up, one waits."""
    found = own_plant[0]
    registry = registry_of(found)
    for name, role in (
        ("boss", "administrator"), ("chan", "officer@scheme:NIFS"), ("far", "officer@scheme:NIAS"),
    ):  # fmt: skip
        registry.accounts.add(name, name.title(), [Assignment.parse(role)], found.now())
        registry.accounts.set_password(name, PASSWORD)
    work = work_of(found, found.project(REF)[1], OtherDays())
    standing = standing_reminders(work, NOW)
    keys = frozenset(it.key for it in standing)
    messages = [
        NewMessage(Recipient(Channel.MAIL, f"{who}@x.example", "en"), keys)
        for who in ("sent", "gone", "late")
    ]
    registry.outbox.tell(standing, messages, NOW)
    sent, gone, _ = registry.outbox.to_send(NOW, 10)
    registry.outbox.sent(sent, NOW + timedelta(minutes=1))
    registry.outbox.failed(gone, "550 <b>no such user</b>", NOW)
    return found


@pytest.fixture
async def client(queries: Queries) -> AsyncIterator[httpx.AsyncClient]:
    async with asking(app_of(queries, version="1", reminder_days=OtherDays())) as client:
        yield client


async def test_what_is_due_and_what_became_of_each_message(client: httpx.AsyncClient) -> None:
    await sign_in(client, "chan")
    for tag, words in (
        ("en", ("Milestone M1 of NIFS-2025-017 was due on", "the company,", "Given up", "Sent",
                "Waits to be sent")),
        ("zh-Hant", ("NIFS-2025-017 的里程碑 M1 已於", "審批人員", "已放棄發送", "等候發送")),
        ("zh-Hans", ("NIFS-2025-017 的里程碑 M1 已于", "审批人员", "已放弃发送", "等候发送")),
    ):  # fmt: skip
        page = (await client.get("/reminders", params={"lang": tag})).text
        for word in words:
            assert word in page
        assert f'href="/grants/{REF}/M3"' in page
        assert "&lt;b&gt;no such user" in page
        assert "sent@x.example" in page
    assert "This node tells nobody" not in page


async def test_the_same_as_json(client: httpx.AsyncClient) -> None:
    await sign_in(client, "chan")
    found = (await client.get("/api/v1/reminders")).json()
    assert {(it["milestone"], it["kind"]) for it in found["standing"]} == {
        ("M1", "overdue"), ("M3", "overdue"), ("M6", "overdue"),
    }  # fmt: skip
    assert {it["recipient"]: it["state"] for it in found["messages"]} == {
        "sent@x.example": "sent", "gone@x.example": "failed", "late@x.example": "waiting",
    }  # fmt: skip
    (sent,) = [it for it in found["messages"] if it["state"] == "sent"]
    assert sent["sent_at"] == (NOW + timedelta(minutes=1)).isoformat()
    assert [it["milestone"] for it in sent["tells"]] == ["M1", "M3", "M6"]
    assert {it["milestone"] for it in found["coming"]} == {"M1", "M3", "M6"}


async def test_nothing_of_projects_that_one_may_not_see(client: httpx.AsyncClient) -> None:
    await sign_in(client, "far")
    assert "x.example" not in (await client.get("/reminders")).text
    found = (await client.get("/api/v1/reminders")).json()
    assert found == {"standing": [], "coming": [], "messages": []}


async def test_a_node_that_tells_nobody_says_so(queries: Queries) -> None:
    async with asking(app_of(queries, version="1")) as client:
        await sign_in(client, "chan")
        assert "This node tells nobody" in (await client.get("/reminders")).text
