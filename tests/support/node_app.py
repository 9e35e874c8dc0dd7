"""The application with all that a node serves, and asking it as programs do, with a token."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import httpx
from agent_statuses import troubled_status
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from web_plant import FIRST, app_of, registry_of, store_of

from api.http.routes.ledger import ledger_router
from api.queries.board import Board
from api.queries.board_keeper import BoardKeeper
from api.queries.lines import Queries
from collector.intake.collector import Collector
from collector.intake.http import router
from lineproof.dossier.making import RunningNode
from lineproof.run.agents_routes import agents_router
from lineproof.run.dossier_route import dossier_router
from lineproof.run.enrolled_agents import enrolled_agents_router
from lineproof.run.findings_route import findings_router
from lineproof.run.own_agents import own_agents_router
from store.archive.sealed_batches import Archive
from store.node.data_folder import DataFolder
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import Stores
from store.telemetry.unsealed import Unsealed

EVENTS = 2  # of a stream that are read: the two parts of a page


def node_app(queries: Queries, folder: Path, *, live_interval_s: float = 1.0) -> FastAPI:
    """Over the queries; what else it needs lies in the folder. Its board is as of now, or
    as of when `app.state.board_keeper` was refreshed: until something is recorded, what is made of
    the lines is made once for all who ask. A dossier is as
    of the first morning of the history: one of three weeks takes ten times as long."""
    registry, archive = registry_of(queries), Archive(folder / "archive")
    telemetry, keys = store_of(queries), registry.agents
    collector = Collector(telemetry, archive, keys, queries.now, unsealed=Unsealed())
    stores = Stores(DataFolder(folder), store_of(queries), registry, archive, ExitStack())
    board = Board()
    board_keeper = BoardKeeper(telemetry, registry.facts_basis, board, queries.now)
    board_keeper.refresh()
    shown = Queries(telemetry, registry, queries.now, archive, board=board)
    keeper = LedgerKeeper(stores.ledger, registry, stores.telemetry, queries.now)
    keeper.refresh()
    routers = [
        router(collector),
        findings_router(stores, queries.now),
        agents_router(registry, queries.now),
        own_agents_router(lambda: [troubled_status()], queries.now),
        enrolled_agents_router(queries.now),
        ledger_router(stores.ledger, registry, stores.folder.witnesses),
        dossier_router(stores, RunningNode(keeper, collector.held), _first_morning, languages=()),
    ]
    app = app_of(shown, version="1", extra_routers=routers, live_interval_s=live_interval_s)
    app.state.board_keeper = board_keeper
    return app


def _first_morning() -> datetime:
    return FIRST + timedelta(hours=5)


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of each."""
    found = set()
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            found |= {(method, str(context.path)) for method in context.methods or ()}
    return found


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def told(client: httpx.Client, asked: httpx.Request, *, events: int = EVENTS) -> tuple[int, str]:
    """The status and what came: of a stream of events its first ones."""
    answer = client.send(asked, stream=True)
    try:
        if not answer.headers.get("content-type", "").startswith("text/event-stream"):
            return answer.status_code, answer.read().decode(errors="replace")
        text, pieces = "", answer.iter_text()
        while text.count("\r\n\r\n") < events:
            text += next(pieces)
        return answer.status_code, text
    finally:
        answer.close()
