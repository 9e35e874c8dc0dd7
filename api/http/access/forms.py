"""Forms of pages: read with a limit, and only where our own page was filled in.

Each form carries a token that is in a cookie too. A page of another site can make a browser send
the form, and its cookie with it, but it cannot read the cookie to write the token (cross-site
request forgery).
"""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.responses import Response

from api.http.access.refusals import RefusedError
from domain.errors import InputError
from domain.grants import Reason

FORM_COOKIE = "lineproof_form"
FORM_FIELD = "form_token"
_BODY_MAX = 16_384
_FIELDS_MAX = 50
_COOKIE_MAX_AGE_S = 24 * 3600


def form_token(request: Request) -> str:
    """What the forms of this page carry: as in the cookie that the browser has, or a new one."""
    if not hasattr(request.state, "form_token"):
        kept = request.cookies.get(FORM_COOKIE)
        request.state.form_token = kept or secrets.token_urlsafe(24)
    token: str = request.state.form_token
    return token


def keep_form_token(request: Request, answer: Response) -> None:
    """Put it into the answer's cookie."""
    set_cookie(request, answer, FORM_COOKIE, form_token(request), _COOKIE_MAX_AGE_S)


def set_cookie(
    request: Request, answer: Response, name: str, value: str, max_age_s: int | None = None
) -> None:
    """A cookie that no script reads and no other site's form brings along; over TLS it never goes
    without."""
    answer.set_cookie(
        name,
        value,
        max_age=max_age_s,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


async def read_form(request: Request, *, most: int = _BODY_MAX) -> dict[str, str]:
    """The fields of a form of ours, of so many bytes at most. Raises InputError for a body that is
    none, NotAllowedError where the token is not that of the cookie."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise InputError(f"a form has at most {most} bytes", todo="Send less.")
    try:
        fields = dict(
            parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS_MAX)
        )
    except ValueError:
        raise InputError("this is no form", todo="Send it from the page.") from None
    check_form_token(request, fields.pop(FORM_FIELD, ""))
    return fields


def check_form_token(request: Request, given: str) -> None:
    """Raises NotAllowedError where the token is not that of the cookie."""
    kept = request.cookies.get(FORM_COOKIE, "")
    if not kept or not secrets.compare_digest(given.encode(), kept.encode()):
        raise RefusedError(
            Reason(
                "this form was not sent from a page of this server, or the page was open for long. "
                "Open the page again and send it from there."
            )
        )
