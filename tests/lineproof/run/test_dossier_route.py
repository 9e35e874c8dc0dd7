"""A dossier taken from a running node: it holds, and the node loses nothing meanwhile."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest
from forging import AS_OF
from peers import PATIENCE_S
from sender import Sender, counts
from whole_folder import make

from api.queries.lines import Queries
from api.records.milestone_steps import declare_conflict
from domain.errors import BusyError
from lineproof.clock import utc_now
from lineproof.dossier import making
from lineproof.run import dossier_route
from lineproof.run.node import Node
from lineproof.run.web_server import bind
from lineproof.verification.verify import verify_dossier
from store.node.opening import Stores, open_stores
from store.registry.audit import AuditFilter


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("running") / "node")


@pytest.fixture
def stores(folder: Path) -> Iterator[Stores]:
    with open_stores(folder) as opened:
        yield opened


def while_running(stores: Stores, ask: Callable[[Node], None]) -> None:
    """Within a node that runs on the stores, in another thread."""

    async def run() -> None:
        with closing(Node(stores, bind("127.0.0.1", 0))) as node:
            try:
                await node.start([])
                await asyncio.to_thread(ask, node)
            finally:
                await node.stop()

    asyncio.run(run())


def early_dossiers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the node hands out is as of an early day, so that few days are to be computed."""
    make = dossier_route.make_dossier

    def made(stores: Stores, ref: str, out: Path, _: datetime, *others: Any, **named: Any) -> Any:
        return make(stores, ref, out, AS_OF, *others, **named)

    monkeypatch.setattr(dossier_route, "make_dossier", made)


def address(node: Node, stores: Stores) -> str:
    return f"{node.url}/api/v1/projects/{stores.registry.projects.all()[0].reference}/dossier"


class Sending(threading.Thread):
    """An agent that sends one batch after the other, and each again until it is stored. Its samples
    are of days long past, so that facts of the past change all the time."""

    def __init__(self, node: Node, name: str) -> None:
        super().__init__(daemon=True)
        self.stored = self.told_to_come_again = 0
        self._url, self._sender, self._end = node.url, Sender(name), threading.Event()
        node.stores.registry.agents.enrol(name, self._sender.public_key, utc_now())

    def run(self) -> None:
        with httpx.Client(timeout=PATIENCE_S, trust_env=False) as client:
            while not self._end.is_set():
                rows = counts(self._sender.number, machine="press")
                frame = rows.with_columns(pl.lit("press-1").alias("line"))
                body = self._sender.seal(frame).to_bytes()
                while (sent := self._post(client, body)).status_code == 503:
                    self.told_to_come_again += 1
                    self._end.wait(0.05)
                assert sent.status_code == 200, sent.text
                self.stored += 1

    def _post(self, client: httpx.Client, body: bytes) -> httpx.Response:
        return client.post(f"{self._url}/api/v1/batches", content=body)

    def wait_for_one_more(self) -> None:
        """Until a batch was stored after this was asked."""
        before, end = self.stored, time.monotonic() + PATIENCE_S
        while self.stored == before:
            assert time.monotonic() < end, "no batch was stored"
            time.sleep(0.02)

    def finish(self) -> None:
        self._end.set()
        self.join()


def test_what_is_taken_from_a_running_node_holds(
    stores: Stores, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An agent sends all the time; and once somebody records something meanwhile, so that the
    dossier is begun anew."""
    ref = stores.registry.projects.all()[0].reference
    queries = Queries(stores.telemetry, stores.registry, utc_now)
    write, times, out = making.write_samples, [], tmp_path / "d.zip"

    def written(*given: object) -> None:
        times.append(1)
        if len(times) == 1:
            declare_conflict(queries, stores.registry.take, ref, "a friend", "Ng")
        write(*given)  # type: ignore[arg-type]  # what it is given

    monkeypatch.setattr(making, "write_samples", written)
    early_dossiers(monkeypatch)

    def ask(node: Node) -> None:
        sending = Sending(node, "late")
        sending.start()
        sending.wait_for_one_more()
        answer = httpx.get(address(node, stores), timeout=PATIENCE_S, trust_env=False)
        sending.wait_for_one_more()
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/zip"
        assert f"{ref}.zip" in answer.headers["content-disposition"]
        out.write_bytes(answer.content)
        sending.finish()
        last = stores.telemetry.last_batch("late")
        assert last is not None
        assert last.number == sending.stored
        assert sending.told_to_come_again, "the intake was not held"

    while_running(stores, ask)
    assert len(times) == 2
    outcome = verify_dossier(out)
    assert outcome.verified, outcome.failures
    assert not list((stores.folder.path / "handed-out").iterdir())
    told = stores.registry.audit.page(AuditFilter())
    assert [it.event.outcome.split()[0] for it in told].count("dossier") == 1


def test_an_unknown_project_and_a_node_with_too_much(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(node: Node) -> None:
        url = f"{node.url}/api/v1/projects/NONE/dossier"
        assert httpx.get(url, timeout=PATIENCE_S, trust_env=False).status_code == 404
        monkeypatch.setattr(dossier_route, "HANDED_OUT_MAX", 0)
        answer = httpx.get(address(node, stores), timeout=PATIENCE_S, trust_env=False)
        assert answer.status_code == 422
        assert "Stop it and use 'lineproof dossier'" in answer.json()["detail"]

    while_running(stores, ask)


def test_the_intake_is_held_by_one_at_a_time_and_goes_on_afterwards(stores: Stores) -> None:
    def ask(node: Node) -> None:
        sender = Sender("held")
        stores.registry.agents.enrol("held", sender.public_key, utc_now())
        body = sender.seal(counts(1)).to_bytes()
        with node.collector.held():
            with pytest.raises(BusyError), node.collector.held():
                pass
            with pytest.raises(BusyError, match="Send the batch again"):
                node.collector.receive(body)
        assert node.collector.receive(body).acknowledged

    while_running(stores, ask)


def test_the_projects_page_has_a_button_where_the_node_hands_them_out(stores: Stores) -> None:
    def ask(node: Node) -> None:
        ref = stores.registry.projects.all()[0].reference
        page = httpx.get(f"{node.url}/grants/{ref}", timeout=PATIENCE_S, trust_env=False).text
        assert f'href="/api/v1/projects/{ref}/dossier"' in page

    while_running(stores, ask)
