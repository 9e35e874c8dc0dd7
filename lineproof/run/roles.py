"""The parts on their own: a collector, an API with pages.

For plants that outgrow one process. Collector and API read and write one telemetry store that
several processes can share (InfluxDB); each has a data folder of its own for everything else, into
which `lineproof apply` puts the plant and grant files.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import Response

from api.app import create_app
from api.http.access.callers import Callers
from api.http.guarded_app import guarded_app
from api.http.lanes import Lanes
from api.http.metrics import LaneCollector, RequestCounts
from api.http.paging import json_answer
from api.http.routes import PREFIX
from api.http.routes.ledger import ledger_router
from api.queries.board import Board
from api.queries.board_keeper import BoardKeeper
from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from collector.intake.http import router
from lineproof.alerts.keeper import AlertKeeper
from lineproof.clock import utc_now
from lineproof.output import note
from lineproof.reminders.keeper import ReminderKeeper, other_days
from lineproof.run.agents_routes import agents_router
from lineproof.run.findings_route import findings_router
from lineproof.run.first_sign_in import note_first_sign_in
from lineproof.run.keeping import (
    Keeping,
    keep_alerts,
    keep_board,
    keep_facts,
    keep_ledger,
    keep_reminders,
    keep_witnesses,
)
from lineproof.run.listening import Listening, listening
from lineproof.run.node_metrics import NodeMetrics, node_registry
from lineproof.run.own_agents import own_agents_router
from lineproof.run.settings import load_api_settings, load_collector_settings
from lineproof.run.web_server import WebServer
from lineproof.stopping import stop_on_signals
from lineproof.tls.serving import Serving
from lineproof.witnesses.keeper import WitnessKeeper
from store.node.covering import CoveringCheckpoints
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import Stores


def run_collector(config: Path) -> None:
    """`lineproof collector`: until a signal. Enrols the agents that its file names."""
    settings = load_collector_settings(config)
    with listening(settings.listen, settings.port, settings.data, settings) as here:
        stores = here.stores
        for name, key in settings.keys.items():
            stores.registry.agents.enrol(name, key, utc_now(), origin=str(config))
        note(f"Collector: {here.url}")
        with contextlib.closing(
            Collector(stores.telemetry, stores.archive, stores.registry.agents, utc_now)
        ) as collector:
            keeper = FactsKeeper(stores.telemetry, stores.registry.facts_basis, utc_now)
            app = collector_app(collector, stores, settings.hosts, here.serving)
            asyncio.run(_collect(app, here, collector, keeper))


def run_api(config: Path) -> None:
    """`lineproof api`: until a signal."""
    settings = load_api_settings(config)
    with listening(settings.listen, settings.port, settings.data, settings) as here:
        stores, told = here.stores, settings.reminders
        board = Board()
        keeper = BoardKeeper(stores.telemetry, stores.registry.facts_basis, board, utc_now)
        covering = CoveringCheckpoints(stores.ledger, stores.registry, stores.telemetry, utc_now)
        queries = Queries(
            stores.telemetry, stores.registry, utc_now, board=board, checkpoints=covering
        )
        app = create_app(
            queries,
            stores.registry,
            version=version("lineproof"),
            hosts=settings.hosts,
            open_id=settings.open_id,
            reminder_days=other_days(told) if told else None,
            extra_metrics=[node_registry(stores, here.serving.certificate)],
            extra_routers=[
                findings_router(stores, utc_now, takes_batches=False),
                own_agents_router(list, utc_now, takes_batches=False),  # it has none
                ledger_router(stores.ledger, stores.registry, stores.folder.witnesses),
            ],
        )
        note(f"Floor: {here.url}/floor  Grants: {here.url}/grants")
        note_first_sign_in(stores.registry, here.url, utc_now)
        ledger = LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, utc_now)
        witnesses = WitnessKeeper(stores.ledger, stores.folder, utc_now)
        outbox = stores.registry.outbox
        reminders = ReminderKeeper(queries, outbox, told, utc_now) if told else None
        others = [
            partial(keep_witnesses, witnesses),
            partial(keep_alerts, AlertKeeper(queries, stores.registry.keep_alerts, told)),
        ]
        if reminders is not None:
            others.append(partial(keep_reminders, reminders))
        asyncio.run(_answer(app, here, keeper, ledger, others))


async def _answer(
    app: FastAPI,
    here: Listening,
    keeper: BoardKeeper,
    ledger_keeper: LedgerKeeper,
    further: Sequence[Callable[[], Keeping]],
) -> None:
    """Pages and API from the live board, until a signal. What people record here is in this
    process's registry, so the ledger is, too; the agents' batches it has from the shared store.
    `further`: what else it begins to keep."""
    board, ledger = keep_board(keeper), keep_ledger(ledger_keeper)
    others = [begin() for begin in further]
    try:
        await _until_signal(app, here, app.state.services.close)
    finally:
        await asyncio.gather(board.stop(), ledger.stop(), *(it.stop() for it in others))
        await ledger.catch_up()


async def _collect(
    app: FastAPI, here: Listening, collector: Collector, keeper: FactsKeeper
) -> None:
    """Intake and facts until a signal; then what waits is finished."""
    facts = keep_facts(keeper)
    try:
        await _until_signal(app, here, app.state.lanes.close)
    finally:
        await asyncio.to_thread(collector.close)
        await facts.stop()
        await facts.catch_up()


def collector_app(
    collector: Collector,
    stores: Stores,
    hosts: Sequence[str] = (),
    serving: Serving | None = None,
) -> FastAPI:
    """The intake with its health, metrics and findings, behind the guards of every node."""
    how = serving or Serving()
    registry = CollectorRegistry()
    lanes = Lanes()
    registry.register(LaneCollector(lanes))
    registry.register(NodeMetrics(stores, how.certificate, has_ledger=False))
    app = guarded_app(
        "Lineproof collector",
        version("lineproof"),
        callers=Callers(stores.registry, utc_now),
        counts=RequestCounts(registry),
        lanes=lanes,
        hosts=hosts,
    )
    app.include_router(router(collector))
    app.include_router(findings_router(stores, utc_now))
    app.include_router(agents_router(stores.registry, utc_now, how.own_authority))

    @app.get(f"{PREFIX}/health/live")
    async def alive() -> Response:
        return json_answer({"status": "ok"})

    @app.get(f"{PREFIX}/health/ready")
    def ready() -> Response:
        stores.telemetry.check()
        return json_answer({"status": "ok"})

    @app.get("/metrics")
    def metrics() -> Response:
        told = generate_latest(registry) + generate_latest(collector.metrics.registry)
        return Response(told, media_type=CONTENT_TYPE_LATEST)

    return app


async def _until_signal(
    app: FastAPI, here: Listening, closing: Callable[[], Awaitable[None]]
) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    server = WebServer(app, here.bound, here.serving)
    await server.start()
    try:
        await stop.wait()
    finally:
        await closing()
        await server.stop()
