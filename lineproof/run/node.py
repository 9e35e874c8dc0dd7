"""An all-in-one node: edge agents, collector, facts, API and pages in one process.

Order of starting: port, data folder, files, server, agents; so that a busy port or a folder
that another node owns is reported before anything has changed. Stopping ends questions and streams
at once and everything else backwards: agents seal and hand over what they hold (what they cannot
stays in their spools), the facts catch up as far as that takes a moment, the server lets what comes
in end, the stores close.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from socket import socket

from fastapi import APIRouter

from api.app import create_app
from api.http.access.open_id import OpenIdSettings
from api.http.dependencies import DemoPerson
from api.http.routes.ledger import ledger_router
from api.queries.board import Board
from api.queries.board_ages import ToldLive
from api.queries.board_keeper import BoardKeeper
from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper
from collector.intake.collector import Collector
from collector.intake.http import router
from edge.config import AgentConfig, BatchLimits
from edge.keys import agent_key
from lineproof.agent_configs import agent_configs
from lineproof.agent_status.metrics import agent_registry
from lineproof.alerts.keeper import AlertKeeper
from lineproof.clock import utc_now
from lineproof.dossier.making import RunningNode
from lineproof.machine_networks import Network
from lineproof.node_looker import NodeLooker
from lineproof.output import note
from lineproof.reminders.keeper import ReminderKeeper, other_days
from lineproof.reminders.settings import ReminderSettings
from lineproof.run.agents_routes import agents_router
from lineproof.run.dossier_route import dossier_router
from lineproof.run.enrolled_agents import enrolled_agents_router
from lineproof.run.findings_route import findings_router
from lineproof.run.first_sign_in import note_first_sign_in
from lineproof.run.following_agents import AgentsWanted, FollowingAgents
from lineproof.run.keeping import (
    Keeping,
    keep_alerts,
    keep_board,
    keep_facts,
    keep_ledger,
    keep_reminders,
    keep_witnesses,
)
from lineproof.run.listening import listening
from lineproof.run.node_metrics import node_registry
from lineproof.run.own_agents import OwnAgents, own_agents_router
from lineproof.run.settings import NodeSettings
from lineproof.run.web_server import LOOPBACK, WebServer, own_url
from lineproof.stopping import stop_on_signals
from lineproof.tls.serving import Serving, Trust
from lineproof.upkeep.apply import check_files, start_with_files, undefined_in
from lineproof.witnesses.keeper import WitnessKeeper
from store.node.covering import CoveringCheckpoints
from store.node.ledger_keeper import LedgerKeeper
from store.node.opening import Stores
from store.telemetry.unsealed import Unsealed
from store.telemetry.with_unsealed import WithUnsealed


@dataclass(frozen=True, slots=True)
class NodeOptions:
    """What the command line says about a node. `seconds` None: until it is stopped."""

    data: Path
    port: int
    listen: str = LOOPBACK
    seconds: float | None = None


class Node:
    """The parts that share the stores: collector, facts, server. Agents are added to it."""

    def __init__(
        self,
        stores: Stores,
        bound: socket,
        hosts: Sequence[str] = (),
        open_id: OpenIdSettings | None = None,
        serving: Serving | None = None,
        demo_people: Sequence[DemoPerson] = (),
        reminders: ReminderSettings | None = None,
        networks: Sequence[Network] = (),
    ) -> None:
        self._reminders = reminders
        self.stores = stores
        self.url = own_url(bound, serving.scheme if serving else "http")
        unsealed = Unsealed()
        self.collector = Collector(
            stores.telemetry, stores.archive, stores.registry.agents, utc_now, unsealed=unsealed
        )
        self.keeper = FactsKeeper(stores.telemetry, stores.registry.facts_basis, utc_now)
        self.ledger_keeper = LedgerKeeper(stores.ledger, stores.registry, stores.telemetry, utc_now)
        self.witness_keeper = WitnessKeeper(stores.ledger, stores.folder, utc_now)
        board = Board()
        self.board_keeper = BoardKeeper(
            stores.telemetry,
            stores.registry.facts_basis,
            board,
            utc_now,
            ToldLive(unsealed.is_told_live),
        )
        covering = CoveringCheckpoints(stores.ledger, stores.registry, stores.telemetry, utc_now)
        self.queries = Queries(
            stores.telemetry,
            stores.registry,
            utc_now,
            stores.archive,
            board,
            checkpoints=covering,
        )
        self.live_board_keeper, live = _told_live(stores, unsealed, board)
        self.alert_keeper = AlertKeeper(live, stores.registry.keep_alerts, reminders)
        self._own_agents = OwnAgents()
        self._following = FollowingAgents(
            lambda configs: enrol(stores, configs),
            self._own_agents,
            lambda: stores.registry.version,
        )
        self.app = create_app(
            self.queries,
            stores.registry,
            live=live,
            version=version("lineproof"),
            hosts=hosts,
            open_id=open_id,
            demo_people=demo_people,
            reminder_days=None if reminders is None else other_days(reminders),
            own_profiles=stores.folder.path / "profiles",
            looker=NodeLooker(stores.folder.path / "looking", networks),
            extra_routers=self._routers(None if serving is None else serving.own_authority),
            extra_metrics=[
                self.collector.metrics.registry,
                agent_registry(self._own_agents.statuses),
                node_registry(stores, None if serving is None else serving.certificate),
            ],
        )
        self._server = WebServer(self.app, bound, serving)
        self._agents_stop = asyncio.Event()
        self._agents: asyncio.Task[None] | None = None
        self._keepings: list[Keeping] = []

    def _routers(self, authority: str | None) -> list[APIRouter]:
        """What this node answers besides pages and API; `authority` as for `agents_router`."""
        stores = self.stores
        return [
            router(self.collector),
            findings_router(stores, utc_now),
            agents_router(stores.registry, utc_now, authority),
            own_agents_router(self._own_agents.statuses, utc_now),
            enrolled_agents_router(utc_now, authority),
            ledger_router(stores.ledger, stores.registry, stores.folder.witnesses),
            dossier_router(stores, RunningNode(self.ledger_keeper, self.collector.held), utc_now),
        ]

    async def start(
        self, agents: Sequence[AgentConfig], wanted: AgentsWanted | None = None
    ) -> None:
        """Answer requests and read machines; the agents hand over to this node's collector.
        `wanted`: asked again whenever a plant file may have changed; those agents run then."""
        made = self._following.begin(agents)
        await self._server.start()
        self._keepings = [
            keep_facts(self.keeper),
            keep_board(self.board_keeper),
            keep_board(self.live_board_keeper),
            keep_ledger(self.ledger_keeper),
            keep_witnesses(self.witness_keeper),
            keep_alerts(self.alert_keeper),
        ]
        if self._reminders is not None:
            outbox = self.stores.registry.outbox
            reminders = ReminderKeeper(self.queries, outbox, self._reminders, utc_now)
            self._keepings.append(keep_reminders(reminders))
        self._following.read(agents, made)
        self._agents = asyncio.create_task(
            self._following.run(self._agents_stop, wanted), name="agents"
        )

    async def wait(self, stop: asyncio.Event) -> None:
        """Until `stop`. Raises what ended an agent or a keeper before."""
        stopped = asyncio.create_task(stop.wait())
        parts = [*self._reading, *(it.task for it in self._keepings)]
        try:
            done, _ = await asyncio.wait([stopped, *parts], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            stopped.cancel()

    async def stop(self) -> None:
        """Questions, keepers and agents together: what the agents hold still gets in. Then the
        facts catch up, and the server ends."""
        self._agents_stop.set()
        await asyncio.gather(
            self.app.state.services.close(),
            *(it.stop() for it in self._keepings),
            *self._reading,
            return_exceptions=True,
        )
        await asyncio.gather(*(it.catch_up() for it in self._keepings))
        await self._server.stop()

    @property
    def _reading(self) -> list[asyncio.Task[None]]:
        return [] if self._agents is None else [self._agents]

    def close(self) -> None:
        """Finish what waits at the collector, however the end came."""
        self.collector.close()


def _told_live(stores: Stores, unsealed: Unsealed, below: Board) -> tuple[BoardKeeper, Queries]:
    """Who keeps what agents tell before they seal it on a board of its own, and who answers from
    that; `below`: the board of what is sealed."""
    telemetry, board = WithUnsealed(stores.telemetry, unsealed), Board(below=below)
    shown = ToldLive(unsealed.is_told_live, alone=True)
    keeper = BoardKeeper(telemetry, stores.registry.facts_basis, board, utc_now, shown)
    return keeper, Queries(telemetry, stores.registry, utc_now, stores.archive, board)


def enrol(stores: Stores, agents: Sequence[AgentConfig]) -> None:
    """Make the node's own agents known to its collector, each with its key."""
    for config in agents:
        key = agent_key(config.data).public_key().public_bytes_raw()
        stores.registry.agents.enrol(config.name, key, utc_now(), origin="node")


def run_up(
    options: NodeOptions, settings: NodeSettings, plant: Path, grants: Sequence[Path]
) -> None:
    """`lineproof up`: apply the files, then run until a signal."""
    check_files([plant, *grants])
    with listening(options.listen, options.port, options.data, settings) as here:
        stores = here.stores
        for line in start_with_files(stores.registry, [plant, *grants], utc_now()):
            note(line)
        for name in undefined_in(stores):
            note(f"Warning: {name}")
        made = Node(
            stores,
            here.bound,
            settings.hosts,
            settings.open_id,
            here.serving,
            (),
            settings.reminders,
            settings.networks,
        )
        with contextlib.closing(made) as node:

            def wanted() -> list[AgentConfig]:
                trust, seal_after_s = here.serving.trust, settings.seal_after_s
                return live_agents(stores, options.data, node.url, trust, seal_after_s)

            asyncio.run(_serve(node, wanted, options.seconds))


def live_agents(
    stores: Stores,
    data: Path,
    url: str,
    trust: Trust | None = None,
    seal_after_s: float = BatchLimits().max_age_live_s,
) -> list[AgentConfig]:
    """The agents of all registered plants; their spools lie in the data folder."""
    batch = BatchLimits(max_age_live_s=seal_after_s)
    made = [
        config.model_copy(update={"batch": batch})
        for plant in stores.registry.plants.all()
        for config in agent_configs(plant, data, url)
    ]
    if trust is None:
        return made
    known = {"authority": trust.authority, "collector_name": trust.name}
    return [it.model_copy(update=known) for it in made]


async def _serve(node: Node, wanted: AgentsWanted, seconds: float | None) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    try:
        await node.start(wanted(), wanted)
        note(f"Floor: {node.url}/floor  Grants: {node.url}/grants")
        note_first_sign_in(node.stores.registry, node.url, utc_now)
        if seconds is not None:
            asyncio.get_running_loop().call_later(seconds, stop.set)
        await node.wait(stop)
    finally:
        await node.stop()
