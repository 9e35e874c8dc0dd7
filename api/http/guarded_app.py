"""An application with what every one of ours has, whichever part of a plant's node it serves.

One error style (RFC 9457), the guards of `api.http.security`, the question who asks and whether it
may (`api.http.access.callers`), request counts, lanes for questions.
The whole node, the API alone and the collector alone are all built on it.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Depends, FastAPI

from api.http import problems
from api.http.access.audit_trail import AuditTrail, Refusals
from api.http.access.callers import Callers, guard
from api.http.bodies import BodyLimits
from api.http.lanes import Lanes
from api.http.metrics import RequestCounts, RequestMetrics
from api.http.openapi import describe_answers
from api.http.routes import PREFIX
from api.http.security import CrossSiteGuard, HostGuard, SecurityHeaders


def guarded_app(
    title: str,
    version: str,
    *,
    callers: Callers,
    counts: RequestCounts,
    lanes: Lanes,
    hosts: Sequence[str] = (),
    page: problems.ErrorPage | None = None,
) -> FastAPI:
    """`hosts`: names besides loopback that Host may carry. `page`: of an error, for
    browsers; without it they get the problem document too."""
    app = FastAPI(
        title=title,
        version=version,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,  # the stock pages load their scripts from outside the machine
        redoc_url=None,
        dependencies=[Depends(guard)],
    )
    app.state.callers = callers
    app.state.lanes = lanes
    problems.install(app, page)
    describe_answers(app)
    app.add_middleware(problems.PanicsAsErrors)
    app.add_middleware(BodyLimits)
    # Added last, run first: nothing answers a strange host, and refusals are counted too.
    app.state.refusals = Refusals()
    app.add_middleware(CrossSiteGuard, hosts=hosts)
    app.add_middleware(HostGuard, hosts=hosts)
    app.add_middleware(AuditTrail, callers=callers, refusals=app.state.refusals)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestMetrics, counts=counts)
    return app
