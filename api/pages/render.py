"""Templates to answers of a node.

A page's language is named in the answer; `?lang=` is kept in a cookie.
"""

from __future__ import annotations

import hashlib
from time import monotonic
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from api import i18n
from api.http.access.callers import SESSION_COOKIE, Seen
from api.http.access.forms import form_token, keep_form_token
from api.http.dependencies import Services
from api.i18n import LANGUAGES, Language
from api.pages.refusals import refusal_of
from api.pages.templates import environment, language_of
from domain.access import Action, Caller
from domain.errors import LineproofError, StorageError
from domain.grants import Reason
from store.registry.accounts.sign_ons import SIGN_ON_IDLE_MAX

ALERTS_KEPT_S = 2.0
COOKIE_MAX_AGE_S = 365 * 24 * 3600


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The page in the request's language."""
    language = language_of(request)
    caller = getattr(request.state, "caller", None)  # none where a guard answers before
    demo_people = request.app.state.services.demo_people
    text = (
        environment(language.tag)
        .get_template(template)
        .render(
            path=request.url.path,
            language_links=_language_links(request),
            caller=caller,
            may_see_lines=caller is not None and caller.may(Action.SEE_LINES),
            alerts_waiting=_alerts_waiting(request, caller),
            may_see_checks=caller is not None and caller.may(Action.SEE_CHECKS),
            may_see_node=caller is not None and caller.may(Action.SEE_NODE),
            may_see_profiles=caller is not None and caller.may(Action.SEE_PROFILES),
            may_edit_plants=caller is not None and caller.may(Action.EDIT_PLANT),
            may_see_audit=caller is not None and caller.may(Action.SEE_AUDIT),
            may_approve=caller is not None and caller.may(Action.APPROVE),
            may_manage_accounts=caller is not None and caller.may(Action.MANAGE_ACCOUNTS),
            may_see_grants=caller is None or caller.may(Action.SEE_GRANTS),
            demo_people=demo_people,
            viewer=_viewer(request, caller),
            form_token=form_token(request),
            # Once more than that, because a use is noted no finer than a minute.
            sign_on_idle_s=int(SIGN_ON_IDLE_MAX.total_seconds()) + 90,
            **context,
        )
    )
    answer = HTMLResponse(
        text,
        status,
        {
            "content-language": language.tag,
            "vary": "accept-language, cookie",
            "cache-control": "no-store",
        },
    )
    if caller is not None and (not caller.is_open or demo_people):
        keep_form_token(request, answer)
    if i18n.match(request.query_params.get("lang") or ""):
        answer.set_cookie(
            i18n.COOKIE, language.tag, max_age=COOKIE_MAX_AGE_S, samesite="lax", httponly=True
        )
    return answer


def error_page(request: Request, status: int, wrong: str | Reason | LineproofError) -> HTMLResponse:
    """The page of an error, in the request's language."""
    said = refusal_of(wrong, language_of(request), status)
    return render(request, "error.html", status=status, code=status, wrong=said)


def _alerts_waiting(request: Request, caller: Caller | None) -> int:
    """Alerts that nobody has acknowledged, of the lines that the caller may see; as they were up to
    ALERTS_KEPT_S ago, or when anything was recorded last."""
    if caller is None or not caller.may(Action.SEE_LINES):
        return 0
    services: Services = request.app.state.services
    stamp = (services.queries.version, int(monotonic() / ALERTS_KEPT_S))
    try:
        waiting = services.feed.part(
            "alerts that wait", stamp, services.registry.alerts.unacknowledged
        )
    except StorageError:  # the page of that very error has to be made
        return 0
    if not waiting or caller.is_open:
        return sum(waiting.values())
    mine = {line.id for _, line in Seen(caller, services.queries).lines()}
    return sum(count for line, count in waiting.items() if line in mine)


def _viewer(request: Request, caller: Caller | None) -> str:
    """Who looks, as a word that nobody can sign in by: tabs of one viewer share a stream."""
    who = (request.cookies.get(SESSION_COOKIE), caller and caller.name)
    return hashlib.sha256(repr(who).encode()).hexdigest()[:16]


def _language_links(request: Request) -> list[tuple[Language, str]]:
    """Every language with this page's address in it."""
    return [
        (i18n.language(tag), f"?{request.url.include_query_params(lang=tag).query}")
        for tag in LANGUAGES
    ]
