"""The ledger of a data folder or of a running node: both give the same notes, proofs and leaves."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from domain.errors import NotFoundError
from domain.ledger.tiles import Tile
from lineproof.access.figures import check_one_source
from store.ledger.ledger import Ledger
from store.node.data_folder import DataFolder
from store.node.witness_settings import own_policy, shown_checkpoint

if TYPE_CHECKING:
    from lineproof.access.node_client import NodeClient


class LedgerAnswers(Protocol):
    """Texts as the routes give them. Raises LineproofError with a sentence."""

    def checkpoint(self, *, witnessed: bool = False) -> str: ...

    def policy(self) -> str: ...

    def proof(self, leaf: int) -> str: ...

    def leaf(self, index: int) -> str: ...

    def tile(self, tile: Tile) -> bytes: ...


class LocalLedger:
    """`witnesses`: the file that names them."""

    def __init__(self, ledger: Ledger, witnesses: Path) -> None:
        self._ledger = ledger
        self._witnesses = witnesses

    def checkpoint(self, *, witnessed: bool = False) -> str:
        return shown_checkpoint(self._ledger, self._witnesses, witnessed=witnessed)

    def policy(self) -> str:
        return str(own_policy(self._ledger, self._witnesses))

    def proof(self, leaf: int) -> str:
        return str(self._ledger.proof(leaf, own_policy(self._ledger, self._witnesses)))

    def leaf(self, index: int) -> str:
        for _, leaf in self._ledger.leaves(index, 1):
            return leaf.decode()
        raise _no_leaf(index)

    def tile(self, tile: Tile) -> bytes:
        return self._ledger.tile(tile)


class RemoteLedger:
    def __init__(self, client: NodeClient) -> None:
        self._client = client

    def checkpoint(self, *, witnessed: bool = False) -> str:
        return self._client.text("ledger/checkpoint", {"witnessed": str(witnessed).lower()})

    def policy(self) -> str:
        return self._client.text("ledger/policy", {})

    def proof(self, leaf: int) -> str:
        return self._client.text("ledger/proof", {"leaf": str(leaf)})

    def leaf(self, index: int) -> str:
        for row in self._client.get("ledger/leaves", {"start": str(index), "limit": "1"}):
            return str(row["leaf"])
        raise _no_leaf(index)

    def tile(self, tile: Tile) -> bytes:
        return self._client.content(f"ledger/{tile.path}")


@contextlib.contextmanager
def ledger_answers(
    data: Path | None, url: str | None, token: str | None
) -> Iterator[LedgerAnswers]:
    """Of the one source that the user named. Raises InputError without or with both."""
    check_one_source(data, url)
    if url is not None:
        from lineproof.access.node_client import node_client  # loads an HTTP client

        with node_client(url, token) as client:
            yield RemoteLedger(client)
        return
    assert data is not None
    with (
        DataFolder(data, must_exist=True) as folder,
        contextlib.closing(Ledger(folder.ledger)) as ledger,
    ):
        yield LocalLedger(ledger, folder.witnesses)


def _no_leaf(index: int) -> NotFoundError:
    return NotFoundError(f"there is no leaf {index}", todo="'lineproof ledger show' says how many.")
