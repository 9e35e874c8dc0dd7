"""The parts on their own: an edge agent, a collector, an API with pages.

For plants that outgrow one process. Collector and API read and write one telemetry store that
several processes can share (InfluxDB); each has a data folder of its own for everything else, into
which `lineproof apply` puts the plant and grant files.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from pathlib import Path
from socket import socket

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, Response

from api.app import create_app
from api.queries.board import Board
from api.queries.board_keeper import BoardKeeper
from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from collector.intake.http import router
from domain.errors import LineproofError
from edge.agent import run_agent
from lineproof.clock import utc_now
from lineproof.output import note
from lineproof.run.findings_route import findings_router
from lineproof.run.node import keep_board, keep_facts
from lineproof.run.settings import load_api_settings, load_collector_settings, remember_store
from lineproof.run.web_server import WebServer, listening, own_url, stop_on_signals
from store.node.opening import Stores, open_stores


def run_edge(config: Path) -> None:
    """`lineproof edge`: until a signal."""
    asyncio.run(run_agent(config))


def run_collector(config: Path, *, no_sign_in: bool = False) -> None:
    """`lineproof collector`: until a signal. Enrols the agents that its file names."""
    settings = load_collector_settings(config)
    with (
        listening(settings.listen, settings.port, consent=no_sign_in) as bound,
        open_stores(settings.data, settings.store_settings) as stores,
    ):
        remember_store(stores.folder.store_settings, settings.store_settings)
        for name, key in settings.keys.items():
            stores.registry.agents.enrol(name, key, utc_now(), origin=str(config))
        note(f"Collector: {own_url(bound)}")
        asyncio.run(_collect(stores, bound))


def run_api(config: Path, *, no_sign_in: bool = False) -> None:
    """`lineproof api`: until a signal."""
    settings = load_api_settings(config)
    with (
        listening(settings.listen, settings.port, consent=no_sign_in) as bound,
        open_stores(settings.data, settings.store_settings) as stores,
    ):
        remember_store(stores.folder.store_settings, settings.store_settings)
        board = Board()
        keeper = BoardKeeper(stores.telemetry, stores.registry.facts_basis, board, utc_now)
        queries = Queries(stores.telemetry, stores.registry, utc_now, board=board)
        app = create_app(
            queries,
            stores.registry.record,
            version=version("lineproof"),
            hosts=settings.hosts,
            extra_routers=[findings_router(stores, utc_now, takes_batches=False)],
        )
        note(f"Floor: {own_url(bound)}/floor  Grants: {own_url(bound)}/grants")
        asyncio.run(_answer(app, bound, keeper))


async def _answer(app: FastAPI, bound: socket, keeper: BoardKeeper) -> None:
    """Pages and API from the live board, until a signal."""
    ended = asyncio.Event()
    board = asyncio.create_task(keep_board(keeper, ended), name="board")
    try:
        await _until_signal(app, bound, app.state.services.feed.close)
    finally:
        ended.set()
        await board


async def _collect(stores: Stores, bound: socket) -> None:
    """Intake and facts until a signal; then what waits is finished."""
    collector = Collector(stores.telemetry, stores.archive, stores.registry.agents, utc_now)
    keeper = FactsKeeper(stores.telemetry, stores.registry.facts_basis, utc_now)
    ended = asyncio.Event()
    facts = asyncio.create_task(keep_facts(keeper, ended), name="facts")
    try:
        await _until_signal(_collector_app(collector, stores), bound)
    finally:
        await asyncio.to_thread(collector.close)
        ended.set()
        await facts


def _collector_app(collector: Collector, stores: Stores) -> FastAPI:
    """The intake with its health, metrics and findings, and nothing else."""
    app = FastAPI(
        title="Lineproof collector",
        version=version("lineproof"),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.include_router(router(collector))
    app.include_router(findings_router(stores, utc_now))

    @app.get("/api/v1/health/live")
    async def alive() -> Response:
        return JSONResponse({"status": "ok"})

    @app.get("/api/v1/health/ready")
    def ready() -> Response:
        try:
            stores.telemetry.check()
        except LineproofError as error:
            return JSONResponse({"status": "failing", "detail": str(error)}, error.http_status)
        return JSONResponse({"status": "ok"})

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(collector.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return app


async def _until_signal(
    app: FastAPI, bound: socket, closing: Callable[[], Awaitable[None]] | None = None
) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    server = WebServer(app, bound)
    await server.start()
    try:
        await stop.wait()
    finally:
        if closing is not None:
            await closing()
        await server.stop()
