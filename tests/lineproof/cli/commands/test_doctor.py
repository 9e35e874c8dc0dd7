"""`doctor` of a stopped node and of a running one: what it finds, and its exit status."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import httpx
from command_line import lineproof, node, run
from counter_machine import counter_machine, plant_text, wired
from peers import PATIENCE_S, ROOT, wait_until

EXAMPLES = ROOT / "docs" / "examples"
WIRING = ("address_not_served", "no_connection")
Found = tuple[int, dict[str, list[dict[str, str]]]]


def findings(*arguments: str | Path) -> Found:
    """The status that it left with, and the findings by their subjects."""
    done = run("doctor", *arguments, "--json")
    found: dict[str, list[dict[str, str]]] = {}
    for it in json.loads(done.output)["findings"]:
        found.setdefault(it["subject"], []).append(it)
    return done.status, found


def test_a_stopped_and_a_running_node_are_checked_alike(tmp_path: Path) -> None:
    data, plant = tmp_path / "node", EXAMPLES / "plant.yaml"
    lineproof("apply", "-f", plant, "--data", data)
    lineproof("import", "--data", data, "--line", "press-1", EXAMPLES / "history.csv")
    stopped = findings("--data", data)
    with node(data, plant) as running:
        alive = findings("--url", running.url)
    assert stopped[0] == alive[0] == 0
    # A node that stands still is held against its archive, too.
    assert stopped[1].keys() == alive[1].keys() | {"telemetry"}
    assert {it["status"] for its in alive[1].values() for it in its} == {"ok"}


async def test_a_running_node_tells_what_is_wrong_with_the_wiring(tmp_path: Path) -> None:
    async with counter_machine() as machine:
        plant = tmp_path / "plant.yaml"
        machines = {
            "press": wired(machine.url, total_count="urn:vendor:Counters/Totl"),
            "away": wired("opc.tcp://127.0.0.1:1"),
        }
        roles = {"state": "press", "total_count": "press", "energy": "away"}
        plant.write_text(plant_text(machines, roles), encoding="utf-8")
        # In a thread of its own, because the machine lives in this one.
        running, stopped = await asyncio.to_thread(_checked, tmp_path / "node", plant)
    status, found = running
    assert status == 1
    (press,) = found["wiring press-1/press"]
    assert press["status"] == "problem"
    assert "does not serve /{urn:vendor}Counters/{urn:vendor}Totl" in press["detail"]
    assert "There is: Total, State." in press["detail"]
    (away,) = found["wiring press-1/away"]
    assert "could not be reached since" in away["detail"]
    assert away["todo"].startswith("Check that the machine is on")
    assert not [subject for subject in stopped[1] if subject.startswith("wiring")], "not read now"


def _checked(data: Path, plant: Path) -> tuple[Found, Found]:
    """What is found of the node while it runs, and after."""
    with node(data, plant) as running:
        wait_until(lambda: _wiring_told(running.url) >= 2, "both faults")
        alive = findings("--url", running.url)
    return alive, findings("--data", data)


def _wiring_told(url: str) -> int:
    faults = httpx.get(f"{url}/api/v1/health/ready", timeout=PATIENCE_S).json()["faults"]
    return len({it["machine"] for it in faults if it["code"] in WIRING})
