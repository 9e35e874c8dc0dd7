"""A node's own agents follow its plant file: those that it changes, and no others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from peers import free_port
from recording_sink import until

from edge.config import AgentConfig
from lineproof.run.following_agents import FollowingAgents
from lineproof.run.own_agents import OwnAgents


def config(folder: Path, name: str, topic: str = "t") -> AgentConfig:
    machine = {
        "line": name,
        "machine": "meter",
        "profile": "shelly/pro3em-mqtt",
        "connection": {"url": "mqtt://127.0.0.1:1", "topic": topic},
    }
    return AgentConfig.model_validate(
        {
            "name": name,
            "data": folder / name,
            "collector": f"http://127.0.0.1:{free_port()}",
            "machines": [machine],
        }
    )


async def test_only_what_a_plant_file_changes_begins_anew(tmp_path: Path) -> None:
    kept, changed, gone, new = (config(tmp_path, it) for it in ("kept", "changed", "gone", "new"))
    version, own, stop = [1], OwnAgents(), asyncio.Event()
    enrolled: list[str] = []
    wanted: list[AgentConfig] = [kept, changed, gone]

    def enrol(configs: Sequence[AgentConfig]) -> None:
        enrolled.extend(it.name for it in configs)

    following = FollowingAgents(enrol, own, lambda: version[0])
    following.read(wanted, following.begin(wanted))
    running = asyncio.create_task(following.run(stop, lambda: wanted))
    started = {it.name: it.started for it in own.statuses()}
    otherwise = changed.machines[0].model_copy(
        update={"connection": {"url": "mqtt://127.0.0.1:1", "topic": "other"}}
    )
    wanted = [kept, changed.model_copy(update={"machines": (otherwise,)}), new]
    assert set(started) == {"kept", "changed", "gone"}
    version[0] += 1  # as of the registry, once the plant file was saved
    await until(lambda: {it.name for it in own.statuses()} == {"kept", "changed", "new"}, "new")
    now = {it.name: it.started for it in own.statuses()}
    assert now["kept"] == started["kept"]
    assert now["changed"] > started["changed"]
    assert enrolled == ["kept", "changed", "gone", "changed", "new"]
    addresses = {it.name: it.machines[0].address for it in own.statuses()}
    assert addresses["changed"].endswith("other")
    stop.set()
    await running


async def test_one_that_cannot_be_made_leaves_the_others_alone(tmp_path: Path) -> None:
    first, version, own, stop = config(tmp_path, "first"), [1], OwnAgents(), asyncio.Event()
    wanted = [first]
    following = FollowingAgents(lambda _: None, own, lambda: version[0])
    following.read(wanted, following.begin(wanted))
    running = asyncio.create_task(following.run(stop, lambda: wanted))
    (tmp_path / "bad").write_text("in the place of its folder")
    wanted = [first, config(tmp_path, "bad"), config(tmp_path, "good")]
    version[0] += 1
    await until(lambda: {it.name for it in own.statuses()} == {"first", "good"}, "the good one")
    assert not running.done()
    stop.set()
    await running
