"""`GET batches`, `GET rejections`: the batch ledger, and what could not be used."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.http.dependencies import QueriesDep
from api.http.paging import Limit, PageDep, decode_cursor, json_answer
from api.http.routes import PREFIX
from domain.errors import InputError
from store.telemetry.protocol import BatchRecord

router = APIRouter(prefix=PREFIX, tags=["intake"])


@router.get("/batches", summary="Accepted batches in the order of agent and number")
def batches(
    queries: QueriesDep,
    page: PageDep,
    agent: Annotated[str | None, Query(description="Only this agent's")] = None,
) -> Response:
    found = queries.intake.batches(agent, _place(page.cursor), page.limit + 1)
    given = found[: page.limit]
    more = [given[-1].agent, given[-1].number] if len(found) > page.limit else None
    return page.answer([_batch_json(record) for record in given], more)


@router.get("/rejections", summary="How many readings and rows could not be used, and why")
def rejections(queries: QueriesDep) -> Response:
    return json_answer(queries.intake.rejection_counts())


@router.get("/quarantine", summary="Batches that were refused, newest first")
def quarantine(queries: QueriesDep, limit: Limit = 100) -> Response:
    """What is refused is kept with its reason until somebody has looked at it."""
    return json_answer(
        [{**asdict(it), "path": str(it.path)} for it in queries.intake.quarantine(limit)]
    )


def _place(cursor: str | None) -> tuple[str, int] | None:
    if cursor is None:
        return None
    key = decode_cursor(cursor)
    if len(key) != 2 or not isinstance(key[0], str) or not isinstance(key[1], int):
        raise InputError("the cursor is of another list", where="cursor", todo="Leave it out.")
    return key[0], key[1]


def _batch_json(record: BatchRecord) -> dict[str, Any]:
    return asdict(record)
