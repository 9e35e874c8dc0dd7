"""`GET /api/v1/projects/{ref}/dossier`: a project's evidence, taken from the running node.

Its intake is held while the evidence is written: agents keep what they have and send it again, so
nothing is lost, but pages stand still as long. So of a node with many batches none is made here.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.http.dependencies import LanesDep
from api.http.lanes import while_there
from domain.errors import BusyError, InputError
from lineproof.dossier.making import RunningNode, make_dossier
from lineproof.dossier.paths import LANGUAGES
from store.archive.blobs import storage_errors
from store.node.ledger_keeper import last_batches
from store.node.opening import Stores

HANDED_OUT_MAX = 50_000  # of all agents together: more would hold the intake for minutes
_TRIES = 3  # where somebody records something meanwhile


def dossier_router(
    stores: Stores,
    running: RunningNode,
    now: Callable[[], datetime],
    languages: Sequence[str] = LANGUAGES,
) -> APIRouter:
    """The route over the node's stores. `languages`: of the reports."""
    routes = APIRouter(tags=["evidence"])
    folder = stores.folder.path / "handed-out"
    shutil.rmtree(folder, ignore_errors=True)  # what an earlier run did not take away

    @routes.get(
        "/api/v1/projects/{ref}/dossier",
        response_class=FileResponse,
        summary="All that a project's verdicts rest on, as one zip",
    )
    async def dossier(ref: str, request: Request, lanes: LanesDep) -> FileResponse:
        """As `lineproof dossier` writes it, as of now. 503: come again."""

        def made() -> Path:
            return _made(stores, running, ref, folder, now, languages)

        # One at a time, because it reads every batch that there is.
        path = await while_there(request, lanes.checks.run(made))
        return FileResponse(
            path,
            media_type="application/zip",
            filename=f"{ref}.zip",
            background=BackgroundTask(path.unlink, missing_ok=True),
        )

    return routes


def _made(
    stores: Stores,
    running: RunningNode,
    ref: str,
    folder: Path,
    now: Callable[[], datetime],
    languages: Sequence[str],
) -> Path:
    stores.registry.projects.by_reference(ref)
    count = sum(it.number for it in last_batches(stores.telemetry))
    if count > HANDED_OUT_MAX:
        raise InputError(
            f"this node has {count} batches, and a running one hands out evidence of at most "
            f"{HANDED_OUT_MAX}",
            todo="Stop it and use 'lineproof dossier'.",
        )
    with storage_errors(folder):
        folder.mkdir(exist_ok=True)
    path = folder / f"{uuid4().hex}.zip"
    for left in reversed(range(_TRIES)):
        try:
            as_of = now().replace(microsecond=0)
            found = make_dossier(
                stores, ref, path, as_of, now, languages=languages, running=running
            )
        except BusyError:
            if not left:
                raise
        else:
            stores.registry.audit.tell_change(f"project {ref}", f"dossier {found.evidence} made")
            break
    return path
