"""Errors: problem documents for programs, pages for browsers, never a trace."""

from __future__ import annotations

import io

import httpx
import polars as pl
import pytest
from bad_batches import panicking_stream
from fastapi import FastAPI
from web_plant import app_of

from api.http.access.permissions import PERMISSIONS
from api.queries.lines import Queries
from domain.errors import StorageError

KPIS = "/api/v1/lines/filler-1/kpis"
DAY = {"start": "2026-03-25", "end": "2026-03-26"}


@pytest.mark.parametrize(
    ("path", "query", "status", "words"),
    [
        ("/api/v1/lines/nope", {}, 404, ["nope", "filler-1"]),
        ("/api/v1/lines/nope/live", {}, 404, ["nope"]),
        ("/api/v1/lines/nope/kpis", DAY, 404, ["nope"]),
        ("/api/v1/projects/NIFS-1/milestones", {}, 404, ["NIFS-1", "NIFS-2025-017"]),
        ("/api/v1/nothing", {}, 404, ["/api/v1/nothing"]),
        (KPIS, {"start": "yesterday", "end": "2026-03-26"}, 422, ["start", "yesterday"]),
        (KPIS, {"start": "2026-03-26", "end": "2026-03-25"}, 422, ["not after its start"]),
        (KPIS, {"start": "2026-03-26"}, 422, ["end"]),
        (KPIS, {**DAY, "by": "fortnight"}, 422, ["fortnight", "shift"]),
        (KPIS, {**DAY, "method": "magic"}, 422, ["magic", "iso22400"]),
        ("/api/v1/lines", {"limit": "0"}, 422, ["limit"]),
        ("/api/v1/lines", {"cursor": "%%%"}, 422, ["cursor"]),
        ("/api/v1/batches", {"cursor": "WzFd"}, 422, ["cursor"]),
        ("/api/v1/projects/NIFS-2025-017/milestones", {"as_of": "soon"}, 422, ["as_of", "soon"]),
    ],
)
async def test_problem_documents(
    client: httpx.AsyncClient, path: str, query: dict[str, str], status: int, words: list[str]
) -> None:
    answer = await client.get(path, params=query)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["title"]
    for word in words:
        assert word in document["detail"]


async def test_a_validation_error_names_the_field(client: httpx.AsyncClient) -> None:
    document = (await client.get(KPIS, params={"start": "2026-03-26"})).json()
    assert document["errors"] == [{"field": "end", "detail": "Field required"}]


async def test_the_wrong_method_says_which_are_allowed(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/lines")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/lines/nope", "/grants/nope", "/nothing", "/grants/x/M1"])
async def test_a_browser_gets_a_page_in_its_language(client: httpx.AsyncClient, path: str) -> None:
    headers = {"accept": "text/html,*/*;q=0.8", "accept-language": "zh-HK"}
    answer = await client.get(path, headers=headers)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "此頁不存在" in answer.text
    assert '<html lang="zh-Hant">' in answer.text


async def test_what_was_asked_for_cannot_break_out_of_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/lines/<script>alert(1)<%2Fscript>", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text


async def test_an_unforeseen_error_tells_nothing_of_the_inside(
    filled: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    app: FastAPI = app_of(filled, version="1")
    for name in ("broken", "panic", "full"):
        monkeypatch.setitem(PERMISSIONS, ("GET", f"/api/v1/{name}"), None)

    @app.get("/api/v1/broken")
    async def broken() -> None:
        raise RuntimeError("secret of the inside")

    @app.get("/api/v1/panic")
    def panic() -> None:
        pl.read_ipc_stream(io.BytesIO(panicking_stream()))

    @app.get("/api/v1/full")
    async def full() -> None:
        raise StorageError("the disk is full", where="/data", todo="Free some space.")

    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/api/v1/broken")
        assert answer.status_code == 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert "secret" not in answer.text
        gave_up = await client.get("/api/v1/panic")
        assert gave_up.status_code == 500
        assert gave_up.json()["detail"] == answer.json()["detail"]
        full_disk = await client.get("/api/v1/full")
        assert full_disk.status_code == 507
        assert full_disk.json()["detail"] == "/data: the disk is full. Free some space."
