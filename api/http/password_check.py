"""Whose password it is: counted where it is wrong, and one at a time.

So many may wait for their turn and no more: who would wait long is told at once to come again.
"""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from api.http.access.client_address import client_address
from api.http.dependencies import Services
from api.http.lanes import RETRY_AFTER_S
from api.queries.prices import ComeAgainError
from domain.grants import Reason
from store.registry.accounts.accounts import Account
from store.registry.accounts.failed_tries import Counted, Try

WAITING_MAX = 100  # some seconds of hashing


class Turns:
    """One at a time; raises ComeAgainError where too many wait already. `here`: who has its turn or
    waits for it. For one event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)
        self.here = 0

    async def __aenter__(self) -> None:
        if self.here > WAITING_MAX:
            raise ComeAgainError(
                Reason("Too many people are signing in. Try again in a few seconds."),
                RETRY_AFTER_S,
            )
        self.here += 1
        try:
            await self._turn.acquire()
        except BaseException:  # who waited has left
            self.here -= 1
            raise

    async def __aexit__(self, *_: object) -> None:
        self.here -= 1
        self._turn.release()


# Hashing a password takes a core for a moment: no more than one at a time, so that pages go on.
ONE_AT_A_TIME = Turns()


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
