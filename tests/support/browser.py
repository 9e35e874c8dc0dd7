"""A real chromium for tests of the pages, and a server for it to look at.

Every request that the browser makes is recorded, so a test can say that none left the host.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI
from peers import PATIENCE_S, free_port, require, wait_until
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium without its windows, which takes a fifth less time, under playwright; skips
    the test where it is not installed."""
    program = require(program="chromium-headless-shell")
    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(program), args=CHROMIUM_FLAGS, timeout=PATIENCE_S * 1000
        )
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """A page with what it asked for and what its console complained about."""

    page: Page
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)


@contextlib.contextmanager
def visit(browser: Browser, **context: Any) -> Iterator[Visit]:
    """A fresh page; `context` as for playwright's `new_context` (locale, color_scheme, …)."""
    opened = browser.new_context(**context)
    opened.set_default_timeout(PATIENCE_S * 1000)
    seen = Visit(opened.new_page())

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            seen.complaints.append(message.text)

    seen.page.on("request", lambda request: seen.hosts.add(urlsplit(request.url).netloc))
    seen.page.on("console", console)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    try:
        yield seen
    finally:
        opened.close()


def screenshot(
    page_url: str,
    path: Path,
    *,
    browser: Browser | None = None,
    width: int = 1280,
    height: int = 800,
    full: bool = True,
    **context: Any,
) -> Path:
    """A picture of the page in a file, fonts loaded; `context` as for `visit`.

    Without `browser` one is started for it. `full`: the whole page, not only what fits.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    size = {"width": width, "height": height}
    own = chromium() if browser is None else contextlib.nullcontext(browser)
    with own as program, visit(program, viewport=size, **context) as seen:
        seen.page.goto(page_url)
        seen.page.evaluate("document.fonts.ready")
        seen.page.screenshot(path=path, full_page=full)
    return path


@contextlib.contextmanager
def serving(app: FastAPI, port: int | None = None) -> Iterator[str]:
    """The app on that loopback port, or a free one, in a thread; gives its address."""
    port = port or free_port()
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning")
    server, runner = uvicorn.Server(config), asyncio.Runner()
    loop = runner.get_loop()

    def run() -> None:
        with runner:
            runner.run(server.serve())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    wait_until(lambda: server.started or not thread.is_alive(), "the server to start")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(app.state.services.close(), loop).result(PATIENCE_S)
        server.should_exit = True
        thread.join(timeout=PATIENCE_S)
        assert not thread.is_alive(), "the server did not stop: an event stream holds it open"
