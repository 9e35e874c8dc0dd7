"""The web application: API under /api/v1, pages, metrics, one error style, two guards.

Built by the composition root, which gives the queries, what else is to be
mounted (the collector's intake) and the host names besides loopback that the
server answers for. Before the server stops, call `app.state.services.close()`: it ends
the event streams, which otherwise hold the server open, and all work for questions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.http.access.callers import Callers
from api.http.access.open_id import OpenId, OpenIdSettings
from api.http.dependencies import DemoPerson, Services
from api.http.guarded_app import guarded_app
from api.http.lanes import Lanes
from api.http.live_feed import LiveFeed
from api.http.metrics import Metrics
from api.http.routes import (
    accounts,
    alerts,
    attachments,
    audit,
    batches,
    change_requests,
    checks,
    corrections,
    decisions,
    exceptions,
    frozen,
    handovers,
    health,
    kpis,
    lines,
    measurements,
    personal_data,
    portfolio,
    profiles,
    projects,
    reminders,
    stops,
    visits,
)
from api.http.uploads import Uploads
from api.pages import events, glossary
from api.pages.accounts import account, sign_in, sign_on, users
from api.pages.accounts import audit as audit_pages
from api.pages.integrator import connect, data_quality, plant_file
from api.pages.integrator import profiles as profile_pages
from api.pages.officer import (
    attaching,
    changes,
    grants,
    milestone,
    milestone_export,
    milestone_visits,
    portfolio_export,
)
from api.pages.officer import checks as check_pages
from api.pages.officer import portfolio as portfolio_page
from api.pages.officer import reminders as reminder_pages
from api.pages.operator import alerts as alert_pages
from api.pages.operator import (
    approvals,
    cut_off,
    floor,
    floor_export,
    handover,
    line,
    line_export,
    plan,
    wall,
)
from api.pages.operator import stops as stop_pages
from api.pages.render import error_page
from api.pages.templates import STATIC
from api.queries.connecting.looker import Looker
from api.queries.connecting.looks import Looks
from api.queries.lines import Queries
from api.queries.profiles.known_profiles import KnownProfiles
from api.queries.reminders import OtherDays
from store.registry.registry import Registry

_ROUTES = (
    lines,
    kpis,
    stops,
    measurements,
    corrections,
    exceptions,
    handovers,
    alerts,
    frozen,
    projects,
    portfolio,
    checks,
    decisions,
    attachments,
    visits,
    change_requests,
    reminders,
    profiles,
    batches,
    audit,
    health,
    accounts,
    personal_data,
)
_PAGES = (
    cut_off,
    events,
    floor,
    floor_export,
    wall,
    line,
    line_export,
    stop_pages,
    handover,
    alert_pages,
    plan,
    grants,
    portfolio_page,
    portfolio_export,
    check_pages,
    milestone,
    milestone_export,
    attaching,
    milestone_visits,
    changes,
    reminder_pages,
    profile_pages,
    data_quality,
    connect,
    plant_file,
    approvals,
    audit_pages,
    users,
    account,
    sign_in,
    sign_on,
    glossary,
)


def create_app(
    queries: Queries,
    registry: Registry,
    *,
    live: Queries | None = None,
    version: str,
    hosts: Sequence[str] = (),
    open_id: OpenIdSettings | None = None,
    demo_people: Sequence[DemoPerson] = (),
    extra_routers: Sequence[APIRouter] = (),
    extra_metrics: Sequence[CollectorRegistry] = (),
    live_interval_s: float = 1.0,
    new_id: Callable[[], str] = lambda: str(uuid4()),
    reminder_days: OtherDays | None = None,
    own_profiles: Path | None = None,
    looker: Looker | None = None,
) -> FastAPI:
    """The application. `live`: asked for what lines do now, told before it is sealed; figures that
    count come from `queries`. `hosts`: names besides loopback that Host may carry;
    `open_id`: the provider through which people sign in, besides passwords. `demo_people`: whom a
    visitor can be by a click; the demo alone gives some. `reminder_days`: instead of those of
    schemes, where reminders are told to somebody. `own_profiles`: the folder of the node's own
    device profiles. `looker`: looks at machines that are to be connected; None: nobody does.

    `extra_routers` carry their own full paths; `extra_metrics` are told at /metrics too.
    """
    lanes = Lanes()
    live = live or queries
    metrics = Metrics(live, lanes, extra_metrics)
    app = guarded_app(
        "Lineproof",
        version,
        callers=Callers(registry, queries.now, is_demo=bool(demo_people)),
        counts=metrics.counts,
        lanes=lanes,
        hosts=hosts,
        page=error_page,
    )
    app.state.services = Services(
        queries,
        live,
        registry,
        lanes,
        LiveFeed(live, live_interval_s, lanes),
        metrics,
        Uploads(),
        new_id,
        None if open_id is None else OpenId(open_id),
        tuple(demo_people),
        reminder_days,
        KnownProfiles(own_profiles),
        Looks(looker),
    )
    for module in _ROUTES:
        app.include_router(module.router)
    app.include_router(health.metrics_router)
    for router in extra_routers:
        app.include_router(router)
    for page in _PAGES:
        app.include_router(page.router, include_in_schema=False)
    app.add_api_route("/", _home, include_in_schema=False)
    app.mount("/static", _Assets(directory=STATIC))
    return app


async def _home() -> RedirectResponse:
    return RedirectResponse("/floor", status_code=307)


class _Assets(StaticFiles):
    """Static files; under their digest (?v=) they never change, so they may be kept."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        versioned = b"v=" in scope.get("query_string", b"")
        answer.headers["cache-control"] = (
            "public, max-age=31536000, immutable" if versioned else "no-cache"
        )
        if path == "cut_off_worker.js":  # it serves pages that lie elsewhere than itself
            answer.headers["service-worker-allowed"] = "/lines/"
        return answer
