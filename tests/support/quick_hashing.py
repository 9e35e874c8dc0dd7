"""Passwords and PINs of tests are hashed by argon2id at the least cost it has.

The cost that people's secrets get keeps a core busy for 30 ms and more, and tests hash some
thousand times; what a hash cost stands in it. A test about that cost asks for it: `at_full_cost`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from argon2 import PasswordHasher

from store.registry.accounts import secrets

_FULL = secrets._HASHER
_LEAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # KiB


def install() -> None:
    secrets._HASHER = _LEAST


@contextlib.contextmanager
def at_full_cost() -> Iterator[None]:
    secrets._HASHER = _FULL
    try:
        yield
    finally:
        secrets._HASHER = _LEAST
