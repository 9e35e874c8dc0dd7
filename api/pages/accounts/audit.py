"""`/audit`: who did what, when and from where, the newest first."""

from __future__ import annotations

from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api.http.audit_questions import AuditQuestionDep
from api.http.routes import PREFIX
from api.i18n import Language
from api.pages.render import render
from api.pages.templates import language_of
from domain.texts import N_

router = APIRouter()
_ROWS = 100
_TABLET_AT = N_("%(device)s at %(address)s")


@router.get("/audit")
async def audit_page(
    request: Request, asked: AuditQuestionDep, before: int | None = None
) -> Response:
    language = language_of(request)
    found = await run_in_threadpool(
        lambda: asked.audit.page(asked.wanted, before=before, limit=_ROWS + 1)
    )
    given = {
        name: request.query_params[name]
        for name in ("who", "what", "day")
        if request.query_params.get(name)
    }
    rows = found[:_ROWS]
    older = urlencode(given | {"before": rows[-1].number}) if len(found) > _ROWS else ""
    files = [
        (it, f"{PREFIX}/audit?{urlencode(given | {'format': it})}") for it in ("csv", "ndjson")
    ]
    return render(
        request,
        "audit.html",
        rows=[
            (it, language.moment(it.at, asked.zone), _address(it.event.address, language))
            for it in rows
        ],
        given=given,
        older=older,
        files=files,
        zone=asked.zone.key,
    )


def _address(address: str, language: Language) -> str:
    """Where it came from; of a shared tablet its name, too (`api.http.access.client_address`)."""
    device, _, at = address.partition(" at ")
    return language.text(_TABLET_AT, device=device, address=at) if at else address
