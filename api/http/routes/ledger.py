"""`GET ledger/…`: the ledger's checkpoint, whom to trust, proofs, leaves; and since when it has a
project's terms.

What a checkpoint and a proof say is digests alone, so whoever may see the ledger sees it whole,
whatever the scope. Leaves name agents, as the batch ledger does, and ask for the same as that.
Checkpoint and tiles are where C2SP tlog-tiles has them, below the prefix `/api/v1/ledger`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter
from fastapi.responses import PlainTextResponse
from starlette.responses import Response

from api.documents.times import local_text
from api.http.dependencies import QueriesDep
from api.http.paging import PageDep, decode_cursor, json_answer
from api.http.routes import PREFIX
from api.queries.lines import Queries
from domain.errors import InputError
from domain.ledger.base64_lines import to_base64
from domain.ledger.tiles import ENTRIES, parse_tile
from store.ledger.ledger import Ledger
from store.node.witness_settings import own_policy, shown_checkpoint
from store.registry.registry import Registry

_NUMBER_MAX = (1 << 62) - 1
Place = Annotated[str, PathParameter(max_length=60)]
Number = Annotated[int, Query(ge=0, le=_NUMBER_MAX)]


class BytesResponse(Response):
    media_type = "application/octet-stream"


def ledger_router(ledger: Ledger, registry: Registry, witnesses: Path) -> APIRouter:
    """The routes over a node's ledger and registry; `witnesses`: the file that names them."""
    router = APIRouter(prefix=PREFIX, tags=["evidence"])

    @router.get(
        "/ledger/checkpoint",
        response_class=PlainTextResponse,
        summary="The newest signed checkpoint",
    )
    def checkpoint(witnessed: bool = False) -> PlainTextResponse:
        """A signed note (C2SP tlog-checkpoint), with the lines of the witnesses that cosigned it.
        Keep it: what comes later must go on from it. With `witnessed`, the newest one that a
        quorum of the witnesses saw, which may be an hour old."""
        return PlainTextResponse(shown_checkpoint(ledger, witnesses, witnessed=witnessed))

    @router.get(
        "/ledger/policy",
        response_class=PlainTextResponse,
        summary="By which key checkpoints are checked",
    )
    def policy() -> PlainTextResponse:
        """A C2SP tlog-policy that trusts this ledger, and asks for its witnesses where it has some.
        Compare the keys with those that you were given on another way: who could forge the ledger
        could forge this answer."""
        return PlainTextResponse(str(own_policy(ledger, witnesses)))

    @router.get(
        "/ledger/proof",
        response_class=PlainTextResponse,
        summary="That a leaf is in the newest checkpoint's tree",
    )
    def proof(leaf: Annotated[int, Query(ge=0, le=_NUMBER_MAX)]) -> PlainTextResponse:
        """A C2SP tlog-proof of the leaf with that index, from 0: up to the newest checkpoint that
        a quorum of the witnesses saw, where it has the leaf, else up to the newest one."""
        return PlainTextResponse(str(ledger.proof(leaf, own_policy(ledger, witnesses))))

    @router.get("/ledger/consistency", summary="That the ledger only grew between two sizes")
    def consistency(first: Number, second: Number) -> Response:
        """The hashes of the proof (RFC 6962, 2.1.2) in base64, from `first` leaves to `second`."""
        return json_answer([to_base64(it) for it in ledger.growth(first, second)])

    _add_tiles(router, ledger)

    @router.get("/ledger/leaves", summary="Leaves in their order")
    def leaves(page: PageDep, start: Number = 0) -> Response:
        """Each with its index, as the text whose bytes in UTF-8 are hashed."""
        begin = start if page.cursor is None else _place(page.cursor)
        found = ledger.leaves(begin, page.limit)
        rows: list[dict[str, Any]] = [
            {"index": index, "leaf": leaf.decode()} for index, leaf in found
        ]
        return page.answer(rows, [found[-1][0] + 1] if len(found) == page.limit else None)

    @router.get("/projects/{ref}/terms", summary="Since when the ledger has a project's terms")
    def terms(ref: str, queries: QueriesDep) -> Response:
        """Every version of each milestone's terms, with the leaf that tells it and when that leaf
        was made; null where it has none yet."""
        return json_answer(_terms(ref, queries, ledger, registry))

    return router


def _add_tiles(router: APIRouter, ledger: Ledger) -> None:
    @router.get(
        "/ledger/tile/entries/{place:path}",
        response_class=BytesResponse,
        summary="Up to 256 leaves, for mirrors",
    )
    def entries(place: Place) -> Response:
        """An entry bundle (C2SP tlog-tiles): leaves, each behind its length in two bytes."""
        return BytesResponse(ledger.tile(parse_tile(ENTRIES, place)))

    @router.get(
        "/ledger/tile/{level}/{place:path}",
        response_class=BytesResponse,
        summary="Up to 256 hashes of the tree, for mirrors",
    )
    def tile(level: Annotated[int, PathParameter(ge=0, le=63)], place: Place) -> Response:
        """A hash tile (C2SP tlog-tiles), as in `tile/0/x001/067` or `tile/1/000.p/17`."""
        return BytesResponse(ledger.tile(parse_tile(str(level), place)))


def _terms(ref: str, queries: Queries, ledger: Ledger, registry: Registry) -> list[dict[str, Any]]:
    zone = queries.project_zone(ref)
    rows = []
    for it in registry.recorded.terms(ref):
        found = ledger.leaf_of_record(it.entry)
        rows.append(
            {
                "milestone": it.milestone,
                "version": it.version,
                "terms_digest": it.digest,
                "applied_at": local_text(it.applied_at, zone),
                "leaf": found[0] if found else None,
                "in_ledger_since": local_text(found[1].at, zone) if found else None,
            }
        )
    return rows


def _place(cursor: str) -> int:
    key = decode_cursor(cursor)
    if len(key) != 1 or not isinstance(key[0], int) or not 0 <= key[0] <= _NUMBER_MAX:
        raise InputError("the cursor is of another list", where="cursor", todo="Leave it out.")
    return key[0]
