"""Signing in at an application, by its own page."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator

import httpx
from fastapi import FastAPI
from web_plant import registry_of

from api.queries.lines import Queries
from domain.access import Assignment
from store.registry.registry import Registry

PASSWORD = "plover plinth plenty"
PAGE = {"accept": "text/html"}


def with_accounts(queries: Queries) -> Registry:
    """Its registry, with an administrator and an operator."""
    found = registry_of(queries)
    for name, role in (("boss", "administrator"), ("chan", "operator@line:filler-1")):
        found.accounts.add(name, name.title(), [Assignment.parse(role)], queries.now())
        found.accounts.set_password(name, PASSWORD)
    return found


@contextlib.asynccontextmanager
async def asking(app: FastAPI, address: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A browser at that address."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=(address, 50_000))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers=PAGE
    ) as client:
        yield client
    await app.state.services.feed.close()


async def send(client: httpx.AsyncClient, page: str, to: str = "", **fields: str) -> httpx.Response:
    """The form of that page, filled in; it goes `to` there, or to the page itself."""
    html = (await client.get(page)).text
    found = re.search(r'name="form_token" value="([^"]+)"', html)
    assert found is not None
    return await client.post(to or page, data={"form_token": found[1], **fields})


async def sign_in(client: httpx.AsyncClient, name: str = "chan", **fields: str) -> httpx.Response:
    given = {"name": name, "password": PASSWORD, **fields}
    return await send(client, "/sign-in", "/sign-in", **given)
