"""`GET ledger/…`: the ledger's checkpoint, whom to trust, proofs, leaves; and since when it has a
project's terms.

What a checkpoint and a proof say is digests alone, so whoever may see the ledger sees it whole,
whatever the scope. Leaves name agents, as the batch ledger does, and ask for the same as that.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse
from starlette.responses import Response

from api.documents.times import local_text
from api.http.dependencies import QueriesDep
from api.http.paging import PageDep, decode_cursor, json_answer
from api.http.routes import PREFIX
from domain.errors import InputError
from domain.ledger.base64_lines import to_base64
from domain.ledger.policies import TrustPolicy
from store.ledger.ledger import Ledger
from store.registry.registry import Registry

_NUMBER_MAX = (1 << 62) - 1
Number = Annotated[int, Query(ge=0, le=_NUMBER_MAX)]


def ledger_router(ledger: Ledger, registry: Registry) -> APIRouter:
    """The routes over a node's ledger and registry."""
    router = APIRouter(prefix=PREFIX, tags=["evidence"])

    @router.get(
        "/ledger/checkpoint",
        response_class=PlainTextResponse,
        summary="The newest signed checkpoint",
    )
    def checkpoint() -> PlainTextResponse:
        """A signed note (C2SP tlog-checkpoint). Keep it: what comes later must go on from it."""
        return PlainTextResponse(ledger.checkpoint_note())

    @router.get(
        "/ledger/policy",
        response_class=PlainTextResponse,
        summary="By which key checkpoints are checked",
    )
    def policy() -> PlainTextResponse:
        """A C2SP tlog-policy that trusts this ledger alone. Compare the key with one that you were
        given on another way: who could forge the ledger could forge this answer."""
        ledger.checkpoint_note()  # of one that was not begun there is no key
        return PlainTextResponse(str(TrustPolicy((ledger.verifier_key(),))))

    @router.get(
        "/ledger/proof",
        response_class=PlainTextResponse,
        summary="That a leaf is in the newest checkpoint's tree",
    )
    def proof(leaf: Annotated[int, Query(ge=0, le=_NUMBER_MAX)]) -> PlainTextResponse:
        """A C2SP tlog-proof of the leaf with that index, from 0."""
        return PlainTextResponse(str(ledger.proof(leaf)))

    @router.get("/ledger/consistency", summary="That the ledger only grew between two sizes")
    def consistency(first: Number, second: Number) -> Response:
        """The hashes of the proof (RFC 6962, 2.1.2) in base64, from `first` leaves to `second`."""
        return json_answer([to_base64(it) for it in ledger.growth(first, second)])

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
        return json_answer(rows)

    return router


def _place(cursor: str) -> int:
    key = decode_cursor(cursor)
    if len(key) != 1 or not isinstance(key[0], int) or not 0 <= key[0] <= _NUMBER_MAX:
        raise InputError("the cursor is of another list", where="cursor", todo="Leave it out.")
    return key[0]
