"""Corrections that wait, as a line's page shows them."""

from __future__ import annotations

import httpx
import pytest
from signing_in import PAGE
from web_plant import Clock, app_of, registry_of

from api.queries.lines import Queries
from api.records.approvals import Decision, decide
from api.records.corrections import Draft, record

SPLIT = Draft(kind="split", author="wong", start="2026-03-24T09:20", comment="two causes")


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("en", "Corrections that wait for approval"),
        ("zh-Hant", "等待批准的更正"),
        ("zh-Hans", "等待批准的更正"),
    ],
)
async def test_the_page_of_the_line_shows_what_waits_and_not_what_is_decided(
    own_plant: tuple[Queries, Clock], tag: str, words: str
) -> None:
    queries, _ = own_plant
    recording = registry_of(queries).record
    record(queries, recording, "filler-1", SPLIT, "c1", may_approve=False)
    app = app_of(queries, version="1")
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers=PAGE
    ) as client:
        page = (
            await client.get("/lines/filler-1", params={"lang": tag, "tab": "corrections"})
        ).text
        assert words in page
        assert "wong" in page
        assert "two causes" in page
        assert "form_token" not in page.partition('id="waiting"')[2].partition("</section>")[0]
        assert (
            words
            not in (
                await client.get("/lines/packer-1", params={"lang": tag, "tab": "corrections"})
            ).text
        )
        decide(queries, recording, "c1", Decision(False, "chan", "no"), "c2")
        assert (
            words
            not in (
                await client.get("/lines/filler-1", params={"lang": tag, "tab": "corrections"})
            ).text
        )
    await app.state.services.close()
