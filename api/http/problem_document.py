"""A problem document (RFC 9457): what every refusal answers. Knows nothing but HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int, detail: str, *, headers: dict[str, str] | None = None, **members: Any
) -> Response:
    """A problem document; `members` are its extension members (RFC 9457 3.2)."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    return Response(orjson.dumps(document), status, headers, media_type=MEDIA_TYPE)
