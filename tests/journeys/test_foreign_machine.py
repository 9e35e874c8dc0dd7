"""The integrator before a machine that nobody here knows: from its address to a first OEE.

Two commands, no file written by hand: the server's address space is that of node-opcua's published
PackML nodeset, and what it is for is found out by looking.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from command_line import lineproof, node
from node_machine import node_machine
from peers import local_get, wait_until

TEN_MINUTES_S = 600.0
# It runs as its panel would show it: an item each quarter of a second, each tenth one bad.
TIMELINE: list[dict[str, Any]] = [
    {"at_s": 0, "state": "Execute"},
    *({"at_s": n / 4, "total": n, "defective": n // 10} for n in range(1, 600)),
]


def test_from_an_address_to_a_first_oee_by_two_commands(tmp_path: Path) -> None:
    begin = time.monotonic()
    plant = tmp_path / "plant.yaml"
    with node_machine(tmp_path, TIMELINE, initial={"design_speed": 240}) as machine:
        told = lineproof(
            *("profile", "draft", machine.url, "--out", plant, "--seconds", "1"),
            *("--data", tmp_path / "browse"),
        )
        assert "The packaged profile packml/opcua fits: 'Filler' is of type" in told.output
        assert not (tmp_path / "profile.yaml").exists()
        with node(tmp_path / "data", plant) as running:

            def oee() -> float:
                row = running.get("lines/line-1")["kpis"]
                return float(row["oee"] or 0.0) if row else 0.0

            wait_until(lambda: oee() > 0, "a first OEE")
            line = running.get("lines/line-1")
            assert line["state"] == "producing"
            assert line["kpis"]["good_count"] > 0
            page = local_get(f"{running.url}/lines/line-1").text
            assert re.search(r"OEE.*?\d+\.\d%", page, re.DOTALL), "no OEE on the line's page"
    assert time.monotonic() - begin < TEN_MINUTES_S
