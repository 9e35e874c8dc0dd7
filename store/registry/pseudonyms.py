"""Pseudonyms of people, for who is not to read their names.

A name's code is the same each time, differs from plant to plant, and cannot be made, or be traced
back by trying names, without a key that never leaves the registry.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from sqlalchemy import select

from store.registry.database import RegistryDatabase
from store.registry.tables import pseudonym_key

_LETTERS = 6  # 30 bits: of a thousand people no two have one code, but for once in 2,000 plants


class Pseudonyms:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def of(self, plant: str, name: str) -> str:
        """As in 'Person 7F3KQ2'."""
        with self._database.reading() as connection:
            key: bytes = connection.execute(select(pseudonym_key.c.key)).scalar_one()
        text = f"{plant}\n{name}".encode("utf-8", "surrogatepass")
        code = base64.b32encode(hmac.digest(key, text, hashlib.sha256)).decode()
        return f"Person {code[:_LETTERS]}"
