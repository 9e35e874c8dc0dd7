"""The page and the metrics over HTTP, with all that guards them; and the page in a browser."""

from __future__ import annotations

import base64
import contextlib
import threading
from collections.abc import Iterator
from importlib.metadata import version
from zoneinfo import ZoneInfo

import httpx
import pytest
import uvicorn
from agent_statuses import NOW, agent_status, machine_status, troubled_status
from browser import chromium, visit
from fastapi import FastAPI
from peers import free_port, wait_until
from playwright.sync_api import Browser, ViewportSize
from readable import CONTRAST, SMALL_TARGETS

from lineproof.agent_status.app import status_app

PASSWORD = "a long word of the hall"
PHONE = 360  # px
SHOWN = (("en", "light"), ("zh-Hant", "dark"), ("zh-Hans", "light"))


def app(*, hosts: tuple[str, ...] = (), password: str | None = None) -> FastAPI:
    zone = ZoneInfo("Asia/Hong_Kong")
    return status_app(troubled_status, zone, lambda: NOW, hosts=hosts, password=password)


def client(made: FastAPI, url: str = "http://127.0.0.1:9090") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=made), base_url=url)


def basic(password: str, user: str = "anybody") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


async def test_browsers_are_told_to_run_nothing_and_to_keep_nothing() -> None:
    async with client(app()) as reader:
        page = await reader.get("/")
        metrics = await reader.get("/metrics")
    assert page.status_code == metrics.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in page.text
    assert f"This agent runs version {version('lineproof')}." in page.text
    assert page.headers["cache-control"] == "no-store"
    for answer in (page, metrics):
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert 'lineproof_agent_source_connected{agent="hall-2"' in metrics.text


async def test_only_known_hosts_are_answered() -> None:
    """A page of another site cannot read it by a name that it made point here (DNS rebinding)."""
    made = app(hosts=("agent.factory",))
    for host, status in (("agent.factory", 200), ("localhost", 200), ("evil.example", 421)):
        async with client(made, f"http://{host}:9090") as reader:
            for path in ("/", "/metrics", "/health", "/static/app.css"):
                assert (await reader.get(path)).status_code == status, (host, path)


async def test_nothing_can_be_changed() -> None:
    async with client(app()) as reader:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            for path in ("/", "/metrics", "/health"):
                assert (await reader.request(method, path)).status_code == 405


async def test_with_a_password_everything_asks_for_it() -> None:
    async with client(app(password=PASSWORD)) as reader:
        for path in ("/", "/metrics", "/health", "/static/app.css", "/nothing"):
            refused = await reader.get(path)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith("Basic ")
            assert "hall-2" not in refused.text
        for wrong in (
            basic(""),
            basic(PASSWORD[:-1]),
            basic(PASSWORD + " "),
            {"Authorization": PASSWORD},
            {"Authorization": "Basic"},
            {"Authorization": "Basic ?"},
            {"Authorization": "Basic " + base64.b64encode(PASSWORD.encode()).decode()},
            {"Authorization": f"Bearer {PASSWORD}"},
        ):
            assert (await reader.get("/", headers=wrong)).status_code == 401, wrong
        assert (await reader.get("/", headers=basic(PASSWORD))).status_code == 200
        assert (await reader.get("/metrics", headers=basic(PASSWORD, ""))).status_code == 200


async def test_names_that_somebody_made_up_are_text() -> None:
    odd = machine_status(machine="<b onload=x>", rejected=(("<script>alert(1)</script>", 1),))
    zone = ZoneInfo("Asia/Hong_Kong")
    async with client(status_app(lambda: agent_status(odd), zone, lambda: NOW)) as reader:
        text = (await reader.get("/")).text
    assert "<script" not in text
    assert "<b onload" not in text
    assert "&lt;script&gt;" in text


@contextlib.contextmanager
def served(made: FastAPI) -> Iterator[str]:
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(made, port=port, log_level="critical"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, "the server to start")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_on_a_phone_in_three_languages(browser: Browser) -> None:
    with served(app()) as url:
        for tag, scheme in SHOWN:
            size: ViewportSize = {"width": PHONE, "height": 740}
            with visit(browser, viewport=size, color_scheme=scheme) as seen:
                seen.page.goto(f"{url}/?lang={tag}")
                assert seen.page.locator("html").get_attribute("lang") == tag
                assert seen.page.evaluate(CONTRAST) == []
                assert seen.page.evaluate(SMALL_TARGETS) == []
                wide = seen.page.evaluate("document.documentElement.scrollWidth")
                assert wide <= PHONE, f"{wide} px"
                assert seen.hosts == {url.removeprefix("http://")}
                assert seen.complaints == []


def test_it_reloads_itself_in_the_language_that_was_chosen(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lineproof.agent_status.app.RELOAD_S", 1)
    with served(app()) as url, visit(browser) as seen:
        seen.page.goto(f"{url}/?lang=zh-Hant")
        with seen.page.expect_navigation():  # nobody does anything
            pass
        assert seen.page.locator("html").get_attribute("lang") == "zh-Hant"
