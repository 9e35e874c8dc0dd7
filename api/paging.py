"""Lists by cursor: plain JSON arrays, the way to the next page in a Link header (RFC 8288).

A cursor names the last row that was given, so rows that arrive meanwhile
neither shift nor repeat others. It is opaque to clients.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any

import orjson
from fastapi import Query, Request
from starlette.responses import Response

from domain.errors import InputError

LIMIT_MAX = 1000
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


def page_answer(request: Request, rows: list[Any], next_key: list[Any] | None) -> Response:
    """A page of rows; `next_key` is the key of its last row when more may follow."""
    answer = json_answer(rows)
    if next_key is not None:
        url = request.url.include_query_params(cursor=encode_cursor(next_key))
        answer.headers["link"] = f'<{url.path}?{url.query}>; rel="next"'
    return answer


def slice_page(request: Request, rows: list[Any], cursor: str | None, limit: int) -> Response:
    """A page of a list that is at hand in its stable order; the cursor is a position in it."""
    start = 0
    if cursor is not None:
        key = decode_cursor(cursor)
        if len(key) != 1 or not isinstance(key[0], int) or key[0] < 0:
            raise InputError("the cursor is of another list", where="cursor", todo="Leave it out.")
        start = key[0]
    end = start + limit
    return page_answer(request, rows[start:end], [end] if end < len(rows) else None)
