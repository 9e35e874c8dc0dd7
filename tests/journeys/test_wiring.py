"""A cable is pulled: whoever looks at the floor must not read that the machine produces.

A whole node as its integrator starts it, a machine on a real OPC UA server, the pages, the live
document and the event stream. The line trusts its machine for a minute; nobody waits for that.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from command_line import node
from counter_machine import counter_machine, plant_text, wired
from peers import PATIENCE_S, wait_until

STALE_AFTER_S = 60.0  # of the line, which names none


def live(url: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{url}/api/v1/lines/press-1", timeout=PATIENCE_S).json()
    return found


def streamed(url: str) -> Iterator[dict[str, Any]]:
    """The documents of the event stream."""
    path = f"{url}/api/v1/lines/press-1/live"
    with httpx.stream("GET", path, timeout=PATIENCE_S) as response:
        for row in response.iter_lines():
            if row.startswith("data:"):
                yield json.loads(row.removeprefix("data:"))


def state_told_by_the_stream(url: str, wanted: str) -> float:
    """Seconds until the stream says so."""
    began = time.monotonic()
    for document in streamed(url):
        if document["state"] == wanted:
            return time.monotonic() - began
        assert time.monotonic() - began < PATIENCE_S, "the stream never says so"
    raise AssertionError("the stream ended")


def producing(url: str) -> None:
    wait_until(lambda: live(url)["state"] == "producing", "the machine's state")


def told_as(url: str, fault: str) -> None:
    """Waits for it: an agent tells its faults once a second."""
    wait_until(lambda: [it["code"] for it in live(url)["faults"]] == [fault], fault)


async def test_a_machine_that_is_cut_off_is_never_shown_producing(tmp_path: Path) -> None:
    plant = tmp_path / "plant.yaml"
    async with contextlib.AsyncExitStack() as server:
        machine = await server.enter_async_context(counter_machine())
        roles = {"state": "press", "total_count": "press"}
        plant.write_text(plant_text({"press": wired(machine.url)}, roles), encoding="utf-8")
        with contextlib.ExitStack() as opened:
            running = await asyncio.to_thread(opened.enter_context, node(tmp_path / "node", plant))
            url = running.url
            try:
                await machine.write("state", 1)
                await asyncio.to_thread(producing, url)
                watching = asyncio.create_task(
                    asyncio.to_thread(state_told_by_the_stream, url, "unknown")
                )
                await server.aclose()  # the machine is gone
                after_s = await watching
                await asyncio.to_thread(told_as, url, "connection_lost")
                now = await asyncio.to_thread(live, url)
                floor, line = [
                    (await asyncio.to_thread(httpx.get, f"{url}{path}")).text
                    for path in ("/floor", "/lines/press-1")
                ]
            finally:
                await asyncio.to_thread(opened.close)
    assert after_s < STALE_AFTER_S / 2
    assert (now["state"], now["stale"]) == ("unknown", True)
    assert [it["code"] for it in now["faults"]] == ["connection_lost"]
    assert now["machines"] == [
        {"machine": "press", "at": now["last_heard"], "stale": True, "lost": True}
    ]
    assert now["total_counter"] == 1, "what it counted is known"
    for page in (floor, line):
        assert "<strong>Unknown</strong>" in page
        assert "<strong>Producing</strong>" not in page
        assert "The connection with press was lost at" in page
