"""The API with its pages alone, on the stores that collectors fill
(lineproof.run.collector_role).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI

from api.app import create_app
from api.http.routes.ledger import ledger_router
from api.queries.board import Board
from api.queries.board_keeper import BoardKeeper
from api.queries.lines import Queries
from lineproof.alerts.keeper import AlertKeeper
from lineproof.clock import utc_now
from lineproof.output import note
from lineproof.reminders.keeper import ReminderKeeper, other_days
from lineproof.run.findings_route import findings_router
from lineproof.run.first_sign_in import note_first_sign_in
from lineproof.run.keeping import (
    Keeping,
    keep_alerts,
    keep_board,
    keep_ledger,
    keep_reminders,
    keep_witnesses,
)
from lineproof.run.listening import Listening, listening
from lineproof.run.node_metrics import node_registry
from lineproof.run.own_agents import own_agents_router
from lineproof.run.settings import load_api_settings
from lineproof.run.until_signal import until_signal
from lineproof.witnesses.keeper import WitnessKeeper
from store.node.covering import CoveringCheckpoints
from store.node.ledger_keeper import LedgerKeeper


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
        await until_signal(app, here, app.state.services.close)
    finally:
        await asyncio.gather(board.stop(), ledger.stop(), *(it.stop() for it in others))
        await ledger.catch_up()
