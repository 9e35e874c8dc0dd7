"""Lighthouse looks at a real page; how fast this machine is at the moment is not asked here."""

from __future__ import annotations

from pathlib import Path

from lighthouse import AIM, PROGRAM, scores
from page_data import Size, line_name, prepare
from page_node import node_process
from peers import require


def test_what_does_not_depend_on_the_machine_is_as_it_should_be(tmp_path: Path) -> None:
    require(program="chromium-headless-shell")
    require(path=PROGRAM)
    prepare(tmp_path, Size(lines=1, days=3, days_each=0.05, live_period_s=1, agents=1))
    categories = ("accessibility", "best-practices", "seo")
    with node_process(tmp_path / "node") as (_, port):
        found = scores(f"http://127.0.0.1:{port}/lines/{line_name(0)}", categories)
    assert list(found) == list(categories)
    assert min(found.values()) >= AIM, found
