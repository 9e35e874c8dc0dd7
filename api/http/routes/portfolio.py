"""`GET portfolio`: all projects side by side; and what of it is for everybody to read."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from api import i18n
from api.documents.open_data import open_csv, open_iati, open_rows
from api.documents.portfolio import portfolio_json
from api.http.dependencies import SeenDep, ServicesDep
from api.http.paging import PageDep, json_answer
from api.http.project_answers import portfolio_rows
from api.http.routes import PREFIX

router = APIRouter(prefix=f"{PREFIX}/portfolio", tags=["grants"])
Lang = Annotated[str | None, Query(description="Language of names: en, zh-Hant, zh-Hans")]
Format = Annotated[Literal["csv", "json", "iati"], Query(description="Which form")]
NAME_LENGTH_MAX = 200
Organisation = Annotated[
    str,
    Query(
        max_length=NAME_LENGTH_MAX,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="Of IATI: the registered identifier of who reports",
    ),
]
Name = Annotated[
    str,
    Query(
        max_length=NAME_LENGTH_MAX, pattern=r"^[^\x00-\x1f]+$", description="Of IATI: who reports"
    ),
]


@router.get("", summary="All projects: verdicts, money, who is waited for, measured output")
async def all_projects(
    request: Request, services: ServicesDep, seen: SeenDep, page: PageDep, lang: Lang = None
) -> Response:
    """Totals are of all projects that the caller may see, `projects` is a page of them. Amounts in
    HKD."""
    projects = await run_in_threadpool(seen.projects)
    rows, too_dear = await portfolio_rows(request, services, projects)
    shown, next_key = page.part(rows)
    language = i18n.language(i18n.negotiate(lang, None, None))
    told = portfolio_json(rows, shown, too_dear, services.queries.now(), language.tag)
    return page.linked(json_answer(told), next_key)


@router.get("/open-data", summary="The portfolio without anything confidential")
async def open_data(
    request: Request,
    services: ServicesDep,
    seen: SeenDep,
    format: Format = "json",  # the name in the address
    organisation: Organisation = "HK-ITC",
    name: Name = "Innovation and Technology Commission",
) -> Response:
    """One row a project as CSV (RFC 4180) or JSON, or activities with results as IATI 2.03."""
    projects = await run_in_threadpool(seen.projects)
    rows, _ = await portfolio_rows(request, services, projects)
    if format == "csv":
        return _file(open_csv(rows).encode(), "text/csv; charset=utf-8", "csv")
    if format == "iati":
        return _file(open_iati(rows, organisation, name), "application/xml", "xml")
    return json_answer(open_rows(rows))


def _file(content: bytes, media_type: str, ending: str) -> Response:
    named = {"content-disposition": f'attachment; filename="portfolio.{ending}"'}
    return Response(content, media_type=media_type, headers=named)
