"""`POST /grants/{ref}/{milestone}/attachments`: the form by which a document is attached."""

from __future__ import annotations

from contextlib import AsyncExitStack

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from api.http.access.audit_trail import tell
from api.http.access.forms import FORM_FIELD, check_form_token
from api.http.dependencies import CallerDep, SeenDep, Services, ServicesDep
from api.http.form_parts import form_parts
from api.http.routes.attachments import arriving, kept
from api.pages.officer.milestone import refused
from api.queries.prices import ComeAgainError
from domain.access import Caller
from domain.errors import InputError, LineproofError
from domain.texts import N_
from store.registry.audit import Done, Event
from store.registry.project_work.attachments import ArrivingDocument, NewDocument

router = APIRouter()


@router.post("/grants/{ref}/{milestone}/attachments")
async def attach_to(
    ref: str,
    milestone: str,
    request: Request,
    services: ServicesDep,
    caller: CallerDep,
    seen: SeenDep,
) -> Response:
    """The form of the page: form_token, kind, other_kind (which goes before), and the file last."""
    place = f"/grants/{ref}/{milestone}"
    try:
        await _attached(request, services, caller, ref, milestone)
    except ComeAgainError:
        raise
    except LineproofError as error:
        tell(request, Event(Done.REFUSED, caller.name, place=f"{place}: attach"))
        return await refused(request, services, seen, caller, (ref, milestone), error)
    return RedirectResponse(request.url.path.removesuffix("/attachments"), status_code=303)


async def _attached(
    request: Request, services: Services, caller: Caller, ref: str, milestone: str
) -> None:
    fields: dict[str, str] = {}
    arrived: ArrivingDocument | None = None
    async with AsyncExitStack() as stack:
        async for part in form_parts(request):
            if part.file_name is None:
                fields[part.name] = part.data.decode("utf-8", "replace")
                continue
            if arrived is None:
                check_form_token(request, fields.get(FORM_FIELD, ""))
                if not part.file_name:
                    raise InputError(
                        N_("no file was chosen"), todo=N_("Choose one, and send it again.")
                    )
                kind = fields.get("other_kind", "").strip() or fields.get("kind", "")
                new = NewDocument(ref, milestone, part.file_name, caller.name, kind)
                arrived = await stack.enter_async_context(arriving(services, caller, new))
            if part.data:
                await run_in_threadpool(arrived.write, part.data)
        if arrived is None:
            check_form_token(request, fields.get(FORM_FIELD, ""))
            raise InputError(N_("no file was chosen"), todo=N_("Choose one, and send it again."))
        await kept(request, services, caller, arrived, new)
