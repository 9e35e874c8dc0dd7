"""How far the ledger had come when leaves were added last, kept apart from the ledger itself.

So a ledger that was put back from an older copy, taken away or begun anew is seen, and nothing is
signed that differs from what was signed before. Knows nothing of trees and keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from store.registry.database import RegistryDatabase
from store.registry.tables import ledger_end


@dataclass(frozen=True, slots=True)
class LedgerEnd:
    """`root`: of the tree of `size` leaves."""

    verifier_key: str
    size: int
    root: bytes


class LedgerEnds:
    def __init__(self, database: RegistryDatabase) -> None:
        self._database = database

    def last(self) -> LedgerEnd | None:
        """None where no leaf was ever added."""
        with self._database.reading() as connection:
            row = connection.execute(select(ledger_end)).first()
        if row is None:
            return None
        # Other hands may have written anything there: then it is the end of no ledger.
        root = bytes.fromhex(row.root) if _is_hex(row.root) else b""
        size = row.size if isinstance(row.size, int) and row.size > 0 else 0
        return LedgerEnd(str(row.verifier_key), size, root)

    def keep(self, end: LedgerEnd) -> None:
        """From now on this is the last one."""
        with self._database.writing(visible=False) as connection:
            connection.execute(delete(ledger_end))
            connection.execute(
                insert(ledger_end).values(
                    id=1, verifier_key=end.verifier_key, size=end.size, root=end.root.hex()
                )
            )


def _is_hex(text: object) -> bool:
    return isinstance(text, str) and not set(text) - set("0123456789abcdef") and len(text) == 64
