"""The page of the audit, in three languages."""

from __future__ import annotations

import pytest
from signing_in import asking, sign_in, with_accounts
from web_plant import Clock, app_of

from api.queries.lines import Queries
from store.registry.audit import Done, Event


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            ("Audit", "Sign-in", "password was wrong", "nobody", "tablet-1 at 192.0.2.9"),
        ),
        ("zh-Hant", ("審計記錄", "登入", "名稱或密碼錯誤", "無人", "tablet-1（192.0.2.9）")),
        ("zh-Hans", ("审计记录", "登录", "名称或密码错误", "无人", "tablet-1（192.0.2.9）")),
    ],
)
async def test_it_says_who_did_what_and_what_was_typed_stays_text(
    own_plant: tuple[Queries, Clock], language: str, words: tuple[str, ...]
) -> None:
    registry = with_accounts(own_plant[0])
    registry.audit.add(Event(Done.CHANGE, "chan", place="<script>x</script>"), own_plant[1]())
    registry.audit.add(Event(Done.SIGN_IN, "chan", "tablet-1 at 192.0.2.9"), own_plant[1]())
    async with asking(app_of(own_plant[0], version="1"), "192.0.2.7") as client:
        await sign_in(client, "boss", password="wrong")
        await client.get("/floor")
        await client.get("/floor")
        await sign_in(client, "boss")
        page = (await client.get(f"/audit?lang={language}")).text
        assert all(word in page for word in (*words, "192.0.2.7", "&lt;script&gt;x"))
        assert "<script>x" not in page
        # The second visit of nobody was counted, and is told when somebody reads.
        assert page.count("GET /floor") == 2
        assert 'href="/audit"' in page


async def test_older_rows_follow_and_what_was_asked_stays_asked(
    own_plant: tuple[Queries, Clock],
) -> None:
    registry = with_accounts(own_plant[0])
    for number in range(150):
        registry.audit.add(Event(Done.CHANGE, "chan", place=f"[{number}]"), own_plant[1]())
    async with asking(app_of(own_plant[0], version="1")) as client:
        await sign_in(client, "boss")
        first = (await client.get("/audit?who=chan&what=change&day=2026-03-25")).text
        assert "[149]" in first
        assert "[49]" not in first
        older = first.rpartition('<a href="?who=')[2].partition('"')[0].replace("&amp;", "&")
        second = (await client.get(f"/audit?who={older}")).text
        assert "[49]" in second
        assert "[0]" in second
        assert (await client.get("/audit?before=x")).status_code == 422
        await sign_in(client, "chan")
        assert (await client.get("/audit")).status_code == 403
        assert 'href="/audit"' not in (await client.get("/floor")).text
