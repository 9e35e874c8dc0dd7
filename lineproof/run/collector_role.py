"""The collector alone, for plants that outgrow one process.

Collectors and API read and write one telemetry store that several processes can share (PostgreSQL,
InfluxDB); each has a data folder of its own for what they do not share. It is started again in the
midst of work, so it loads nothing of the pages.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import Response

from api.http.access.callers import Callers
from api.http.guarded_app import guarded_app
from api.http.lanes import Lanes
from api.http.metrics import LaneCollector, RequestCounts
from api.http.paging import json_answer
from api.http.routes import PREFIX
from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from collector.intake.http import router
from lineproof.clock import utc_now
from lineproof.output import note
from lineproof.run.agents_routes import agents_router
from lineproof.run.findings_route import findings_router
from lineproof.run.keeping import (
    keep_facts,
)
from lineproof.run.listening import Listening, listening
from lineproof.run.node_metrics import NodeMetrics
from lineproof.run.settings import load_collector_settings
from lineproof.run.until_signal import until_signal
from lineproof.tls.serving import Serving
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


async def _collect(
    app: FastAPI, here: Listening, collector: Collector, keeper: FactsKeeper
) -> None:
    """Intake and facts until a signal; then what waits is finished."""
    facts = keep_facts(keeper)
    try:
        await until_signal(app, here, app.state.lanes.close)
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
