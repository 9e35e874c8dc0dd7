"""The benchmark of collectors that are killed, small: what it measures must hold."""

from __future__ import annotations

from pathlib import Path

from collectors_killed import kill_in_turn, lost_and_doubled, plant, sending


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
