"""Whose password it is: counted where it is wrong, and one at a time."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.http.access.client_address import client_address
from api.http.dependencies import Services
from store.registry.accounts.accounts import Account
from store.registry.accounts.failed_tries import Counted, Try

# Hashing a password takes a core for a moment: no more than one at a time, so that pages go on.
ONE_AT_A_TIME = asyncio.Semaphore(1)


async def account_with_password(
    request: Request, services: Services, name: str, password: str
) -> Account | None:
    """Who signs in so. Raises TooManyTriesError unread where name or address has to wait, so that
    a wait does not tell a right password from a wrong one."""
    async with ONE_AT_A_TIME:
        return await run_in_threadpool(_checked, request, services, name, password)


def _checked(request: Request, services: Services, name: str, password: str) -> Account | None:
    registry, now = services.registry, services.queries.now()
    of_name = Try(Counted.NAME, name)
    tries = [of_name, Try(Counted.ADDRESS, client_address(request))]
    registry.failed_tries.check(tries, now)
    account = registry.accounts.with_password(name, password)
    if account is None:
        registry.failed_tries.failed(tries, now)
    else:
        registry.failed_tries.succeeded(of_name)
    return account
