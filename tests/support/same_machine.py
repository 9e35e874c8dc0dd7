"""A machine on one or more OPC UA servers, the plant files of lines that read it, and what a node
says of each line: for tests that hold a disturbed line against an undisturbed one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from opcua_server import VENDOR, OpcUaServer
from recording_sink import utc_now

from api.documents.kpi_rows import kpis_document
from api.queries.lines import Queries
from collector.facts.keeper import FactsKeeper
from domain.time import Window
from store.node.opening import Stores

PARAMETERS = {
    "state": f"{VENDOR}:Counters/State",
    "total_count": f"{VENDOR}:Counters/Total",
    "reject_count": f"{VENDOR}:Counters/Rejects",
    "state_codes": "1=producing, 2=stopped, 3=fault",
}


def machine(url: str, history: str) -> dict[str, Any]:
    connection = {"url": url, "security": "none", "publishing_interval_ms": "50"}
    if history:
        connection["history"] = history
    return {
        "profile": "generic/opcua-counters",
        "connection": connection,
        "parameters": PARAMETERS,
    }


def plant_text(machines: dict[str, dict[str, Any]]) -> str:
    roles = dict.fromkeys(("state", "total_count", "reject_count"), "press")
    lines = {
        line: {
            "name": {"en": line},
            "ideal_cycle_time_s": 0.02,
            "machines": {"press": one},
            "roles": roles,
        }
        for line, one in machines.items()
    }
    plant = {
        "plant": "works",
        "timezone": "Asia/Hong_Kong",
        "company": {"name": {"en": "Works"}, "business_registration": "12345678"},
        "lines": lines,
    }
    return json.dumps(plant)  # which is YAML


async def work(servers: Sequence[OpcUaServer], items: range) -> None:
    """Items with a stop, a fault, and rejects among them, also at one instant."""
    for number in items:
        time = await write(servers, "Total", number)
        if number % 7 == 0:
            await write(servers, "Rejects", number // 7, time)
        if number % 10 == 0:
            await write(servers, "State", 2 + number % 20 // 10)
            await asyncio.sleep(0.05)
            await write(servers, "State", 1)
        await asyncio.sleep(0.01)


async def write(
    servers: Sequence[OpcUaServer], name: str, value: int, time: datetime | None = None
) -> datetime:
    """On all servers of the machine, with one source time."""
    for server in servers:
        time = await server.write(name, value, time)
    assert time is not None
    return time


def shown(stores: Stores, line: str, window: Window) -> dict[str, Any]:
    FactsKeeper(stores.telemetry, stores.registry.facts_basis, utc_now).refresh()
    queries = Queries(stores.telemetry, stores.registry, utc_now)
    (row,) = kpis_document(queries, [line], window, "hour", ["iso22400"])
    states = queries.states(line, window).to_dicts()
    return {"kpis": row | {"line": ""}, "states": [it | {"line": ""} for it in states]}
