"""The benchmark of collectors that are killed, small: what it measures must hold. And of collectors
that are upgraded one after the other, with agents of two versions of the protocol."""

from __future__ import annotations

import signal
from pathlib import Path

from collectors_killed import (
    Agent,
    CollectorProcess,
    kill_in_turn,
    lost_and_doubled,
    plant,
    sending,
)
from peers import wait_until

from domain.protocol import HEADER, SAID


def test_three_collectors_behind_nginx_of_which_some_are_killed(tmp_path: Path) -> None:
    with plant(tmp_path, agents=2) as (agents, collectors, url):
        with sending(agents):
            kills = kill_in_turn(collectors, seconds=3, every_s=1)
        assert kills >= 2
        assert all(it.waits for it in agents)
        assert lost_and_doubled(agents, url) == (0, 0)
        batches = agents[0].sender.number
        agents[0].sender.number += 1  # a batch that was never sent
        lost, doubled = lost_and_doubled(agents, url)
        assert lost > 0
        assert doubled == 0
        agents[0].sender.number = batches
        upgraded(agents, collectors)
        assert lost_and_doubled(agents, url) == (0, 0)


def upgraded(agents: list[Agent], collectors: list[CollectorProcess]) -> None:
    """Each collector ends as for an upgrade and comes back, while both agents send: the first one
    knows no versions of the protocol. Every stop is clean."""
    for it in agents:
        it.waits.clear()
    agents[1].headers[HEADER] = SAID
    with sending(agents):
        for it in collectors:
            assert it.process is not None
            it.kill(signal.SIGTERM)
            assert it.process.returncode == 0
            it.start()
            wait_until(it.is_ready, "the collector to be back")
    assert all(it.waits for it in agents)
