"""Lists by cursor: plain JSON arrays, the way to the next page in a Link header (RFC 8288).

A cursor names the last row that was given, so rows that arrive meanwhile
neither shift nor repeat others. It is opaque to clients.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Depends, Query, Request
from starlette.responses import Response

from api.queries.prices import PAGE_ROWS_MAX
from domain.errors import InputError

Row = TypeVar("Row")
LIMIT_MAX = PAGE_ROWS_MAX
Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Rows a page")]
Cursor = Annotated[str | None, Query(description="From the Link header of the page before")]


def encode_cursor(key: list[Any]) -> str:
    return urlsafe_b64encode(orjson.dumps(key)).decode().rstrip("=")


def decode_cursor(cursor: str) -> list[Any]:
    """The key inside a cursor. Raises InputError when it is none of ours."""
    try:
        key = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        key = None
    if not isinstance(key, list):
        raise InputError(
            "the cursor cannot be read",
            where="cursor",
            todo="Take it from the Link header of the page before, or leave it out.",
        )
    return key


def json_answer(content: Any) -> Response:
    """JSON by orjson: answers may hold thousands of rows."""
    return Response(orjson.dumps(content), media_type="application/json")


@dataclass(frozen=True, slots=True)
class Page:
    """The part of a list that a request asks for: at most `limit` rows behind the cursor."""

    request: Request
    cursor: str | None
    limit: int

    def of(self, rows: list[Any]) -> Response:
        """Of a list that is at hand in its stable order; the cursor is a position in it."""
        return self.answer(*self.part(rows))

    def part(self, rows: Sequence[Row]) -> tuple[list[Row], list[Any] | None]:
        """The rows of such a list, and the key of the next page when there is one."""
        start = 0
        if self.cursor is not None:
            key = decode_cursor(self.cursor)
            if len(key) != 1 or not isinstance(key[0], int) or key[0] < 0:
                raise InputError(
                    "the cursor is of another list", where="cursor", todo="Leave it out."
                )
            start = key[0]
        end = start + self.limit
        return list(rows[start:end]), [end] if end < len(rows) else None

    def answer(self, rows: list[Any], next_key: list[Any] | None) -> Response:
        """These rows; `next_key` is the key of the last of them when more may follow."""
        return self.linked(json_answer(rows), next_key)

    def linked(self, answer: Response, next_key: list[Any] | None) -> Response:
        """The answer, which leads to the next page when more may follow."""
        if next_key is not None:
            url = self.request.url.include_query_params(cursor=encode_cursor(next_key))
            answer.headers["link"] = f'<{url.path}?{url.query}>; rel="next"'
        return answer


async def _page(request: Request, cursor: Cursor = None, limit: Limit = 100) -> Page:
    return Page(request, cursor, limit)


async def _long_page(request: Request, cursor: Cursor = None, limit: Limit = LIMIT_MAX) -> Page:
    return Page(request, cursor, limit)


async def _asked_page(
    request: Request,
    cursor: Cursor = None,
    limit: Annotated[
        int | None, Query(ge=1, le=LIMIT_MAX, description="Rows a page; all rows without it")
    ] = None,
) -> Page | None:
    if cursor is None and limit is None:
        return None
    return Page(request, cursor, limit or LIMIT_MAX)


PageDep = Annotated[Page, Depends(_page)]
LongPageDep = Annotated[Page, Depends(_long_page)]  # of rows that are read many at a time
AskedPageDep = Annotated[Page | None, Depends(_asked_page)]  # None: the whole answer is asked for
