"""The drill: a node is backed up while it works, lost, and put back; nothing is missing after."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64decode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from counter_machine import CounterMachine, counter_machine
from edge_samples import changes_of, is_signed_by
from exact import stored_facts
from import_plant import GOOD, apply, run
from peers import free_port
from recording_sink import until
from serving_collector import serving

import edge.uplink
from domain.batch_header import GENESIS
from domain.batches import parse_batch
from domain.errors import InputError
from edge.agent import Agent
from edge.config import AgentConfig
from edge.keys import agent_key
from lineproof.backup.making import make_backup
from lineproof.backup.restoring import check_backup, restore_backup
from lineproof.backup.sealing import new_key, read_identities, recipient
from store.node.opening import Stores, open_stores

NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


def config(
    name: str, data: Path, port: int, machine: CounterMachine, line: str = "line-1"
) -> AgentConfig:
    document = {
        "name": name,
        "data": data,
        "collector": f"http://127.0.0.1:{port}",
        "machines": [{**machine.config(), "line": line}],
        "batch": {"max_age_s": 0.1},
    }
    return AgentConfig.model_validate(document)


@contextlib.asynccontextmanager
async def running(agent: Agent) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(agent.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


def chain(stores: Stores, agent: str, folder: Path) -> None:
    """What the archive has of the agent is one chain from its first batch on."""
    previous = GENESIS
    for number, record in enumerate(stores.telemetry.batches(agent=agent), start=1):
        batch = parse_batch(stores.archive.get(record.digest))
        assert (batch.header.number, batch.header.previous) == (number, previous)
        assert is_signed_by(agent_key(folder), batch)
        previous = batch.header.digest


def told(machine: CounterMachine) -> int:
    """So many values it has told."""
    return sum(len(values) for values in machine.truth.values())


async def handed_over(agent: Agent, told: int, stores: Stores) -> None:
    """So many samples since the agent started have reached this collector, and all before them."""

    def is_all_there() -> bool:
        status = agent.status()
        last = stores.telemetry.last_batch(agent.name)
        waits = status.spool.pending_rows + status.unsaved
        number = status.spool.next_number - 1
        is_last = last is not None and last.number == status.uplink.last_number == number
        return status.machines[0].samples >= told and is_last and not waits

    await until(is_all_there, "all to be handed over")


async def test_a_node_that_is_lost_comes_back_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One agent lies beside the node, on a machine of its own, and one inside it."""
    monkeypatch.setattr(edge.uplink, "REFUSED_S", 0.2)
    port, began = free_port(), datetime.now(UTC)
    node, new = tmp_path / "node", tmp_path / "new"
    async with counter_machine() as machine, counter_machine() as inside:
        own = config("agent-2", node / "agents" / "agent-2", port, inside, "line-2")
        outer = Agent(config("agent-1", tmp_path / "agent-1", port, machine))
        async with running(outer):
            with open_stores(node) as stores, serving(stores, port):
                inner = Agent(own)
                for it in (outer, inner):
                    stores.registry.agents.enrol(it.name, b64decode(it.public_key), began)
                async with running(inner):
                    await handed_over(outer, told(machine), stores)
                    await handed_over(inner, told(inside), stores)
                    made = await asyncio.to_thread(make_backup, node, tmp_path, NOW)
                    for number in range(2, 60):
                        await machine.write("total_count", number)
                        await inside.write("total_count", number)
                        await asyncio.sleep(0.005)
                    await handed_over(outer, told(machine), stores)
                    await handed_over(inner, told(inside), stores)
                    before = stores.telemetry.last_batch("agent-1")
            # The disk is lost. What came after the backup only the outer agent has.
            await asyncio.to_thread(restore_backup, made.path, new, datetime.now(UTC))
            with open_stores(new) as stores, serving(stores, port):
                inner = Agent(config("agent-2", new / "agents" / "agent-2", port, inside, "line-2"))
                async with running(inner):
                    await machine.write("total_count", 60)
                    await inside.write("total_count", 60)
                    await handed_over(outer, told(machine), stores)
                    await handed_over(inner, 2, stores)  # what it found, and the new count
                last = stores.telemetry.last_batch("agent-1")
                assert before is not None
                assert last is not None
                assert last.number > before.number
                chain(stores, "agent-1", tmp_path / "agent-1")
                chain(stores, "agent-2", new / "agents" / "agent-2")
                history = stores.telemetry.history("line-1", began, began + timedelta(hours=1))
    counts = history.samples.filter(signal="total_count").sort("time")
    assert changes_of(counts.select("time", "value").iter_rows()) == machine.truth["total_count"]


FAR = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def node(tmp_path: Path) -> Path:
    """A node with a history."""
    (tmp_path / "history.csv").write_text(GOOD)
    with open_stores(tmp_path / "node") as stores:
        apply(stores)
        assert run(stores, tmp_path / "history.csv").slices
    return tmp_path / "node"


def test_a_restored_node_gives_the_same_figures_and_only_what_is_made_anew_was_left_out(
    node: Path, tmp_path: Path
) -> None:
    (node / "profiles").mkdir()
    (node / "profiles" / "own.yaml").write_text("name: own\n")
    before = stored_facts(node, "filler-1", *FAR)
    assert len(before) > 3
    public = new_key(tmp_path / "key")
    made = make_backup(node, tmp_path, NOW, recipients=[recipient(public)])
    assert made.path.name == "lineproof-new-2026-12-01T020000Z.backup.age"
    assert (made.path.stat().st_mode & 0o777, made.is_encrypted) == (0o600, True)
    identities = read_identities(tmp_path / "key")
    assert check_backup(made.path, identities).files == made.files
    done = restore_backup(made.path, tmp_path / "new", datetime.now(UTC), identities)
    assert done.rebuilt is not None
    assert done.made_at == NOW.isoformat()
    assert stored_facts(tmp_path / "new", "filler-1", *FAR) == before
    assert (tmp_path / "new" / "profiles" / "own.yaml").read_text() == "name: own\n"
    with open_stores(tmp_path / "new") as stores:
        assert run(stores, tmp_path / "history.csv").already_imported
    left_out = {"lock", "backup.lock", "backup.made"}
    assert {it.name for it in node.iterdir()} - left_out == {
        it.name for it in (tmp_path / "new").iterdir()
    } - left_out


def test_nothing_is_put_over_what_is_there(node: Path, tmp_path: Path) -> None:
    made = make_backup(node, tmp_path / "a.backup", NOW)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    for folder in (node, tmp_path / "other", made.path):
        with pytest.raises(InputError, match="this folder is not empty"):
            restore_backup(made.path, folder, NOW)


def test_what_is_cut_off_at_the_end_leaves_no_half_of_a_node(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A node without the spools of its agents would begin their chains anew."""
    made = make_backup(node, tmp_path / "a.backup", NOW)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("lineproof.backup.restoring._go_on_behind", cut_off)
        with pytest.raises(KeyboardInterrupt):
            restore_backup(made.path, tmp_path / "new", NOW)
    assert not list(tmp_path.glob("new*"))
    assert restore_backup(made.path, tmp_path / "new", NOW).rebuilt is not None


def test_of_a_backup_that_is_not_whole_nothing_is_left(node: Path, tmp_path: Path) -> None:
    made = make_backup(node, tmp_path / "a.backup", NOW)
    data = bytearray(made.path.read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "changed.backup").write_bytes(data)
    for look in (
        lambda path: check_backup(path),
        lambda path: restore_backup(path, tmp_path / "new", NOW),
    ):
        with pytest.raises(InputError, match="this backup cannot be used"):
            look(tmp_path / "changed.backup")
    assert not list(tmp_path.glob("new*"))
