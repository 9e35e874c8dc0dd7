"""What listens for a time is asked for longer and longer: on a busy machine things come late."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

TIMES_S = (0.5, 2.0, 8.0, 32.0)
Told = TypeVar("Told")


async def longer(
    ask: Callable[[float], Awaitable[Told]], is_enough: Callable[[Told], bool]
) -> Told:
    """The first answer that is enough, else the last."""
    for seconds in TIMES_S:
        told = await ask(seconds)
        if is_enough(told):
            break
    return told
