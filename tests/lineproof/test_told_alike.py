"""What is not believed of a machine is told by all who tell it: page, live document, health,
metrics and doctor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from import_plant import PLANT
from telemetry import batch
from web_plant import app_of, sample_frame, spans

from api.queries.lines import Queries
from domain.signals import FAULTS
from domain.source_faults import FaultCode, SourceFault, to_text
from domain.states import MachineState
from lineproof.upkeep.doctor import examine
from store.files.plant import read_plant
from store.node.opening import Stores

NOW = datetime.fromisoformat("2026-03-02T10:05:00+08:00")
START = NOW.replace(hour=7, minute=0)
LIVE = PLANT.format(zone="Asia/Hong_Kong", machine="filler").replace(
    "meter: {profile: import}", "meter: {profile: shelly/pro3em-mqtt}"
)
BAD = SourceFault(FaultCode.BAD_QUALITY, START, "total_act_energy")
REJECTED = SourceFault(FaultCode.VALUES_REJECTED, START, "no number", count=7)
SLOW = SourceFault(FaultCode.CLOCK_BEHIND, amount_s=-600.0)


def told(stores: Stores, wrong: dict[tuple[str, int], float], minutes: int = 186) -> None:
    """Three hours of a line that produces; some readings are wrong, and the meter's agent tells
    what is wrong with it."""
    rows: list[dict[str, Any]] = [
        {"machine": "filler", "signal": "state", "time": START,
         "value": float(MachineState.PRODUCING.code), "text": "producing"},
        {"machine": "meter", "signal": FAULTS, "time": START,
         "text": to_text([BAD, SLOW, REJECTED])},
    ]  # fmt: skip
    for minute in range(0, minutes, 2):
        at = START + timedelta(minutes=minute)
        for machine, signal, value in (
            ("filler", "total_count", 5000.0 + 20 * minute),
            ("filler", "reject_count", 100.0 + minute / 10),
            ("meter", "energy", 1250.0 + minute / 20),
        ):
            value = wrong.get((signal, minute), value)
            rows.append({"machine": machine, "signal": signal, "time": at, "value": value})
    known = spans(*(("filler-1", machine, START, NOW) for machine in ("filler", "meter")))
    stores.registry.apply.plant(LIVE, read_plant(LIVE, "plant.yaml"), START)
    stores.telemetry.append([batch(1, sample_frame("filler-1", "", rows), known)])


async def asked(stores: Stores) -> dict[str, Any]:
    """What each of them answers."""
    queries = Queries(stores.telemetry, stores.registry, lambda: NOW, stores.archive)
    app = app_of(queries, version="1")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        found = {
            "live": (await client.get("/api/v1/lines/filler-1")).json()["faults"],
            "health": (await client.get("/api/v1/health/ready")).json()["faults"],
            "page": (await client.get("/lines/filler-1?lang=en")).text,
            "metrics": (await client.get("/metrics")).text.splitlines(),
        }
    await app.state.services.close()
    return found


def named(faults: list[dict[str, Any]]) -> list[tuple[str, str, str, int]]:
    return sorted((it["machine"], it["code"], it["subject"], it["count"]) for it in faults)


@pytest.mark.parametrize(
    ("wrong", "machine", "role", "why", "count"),
    [
        ({("energy", 60): 0.0}, "meter", "energy", "out_of_line", 1),
        ({("total_count", 100): 65535.0}, "filler", "total_count", "out_of_line", 1),
        ({("reject_count", 20): 0.0, ("reject_count", 150): 7000.0}, "filler", "reject_count",
         "out_of_line", 2),
        ({("total_count", 182): 0.0}, "filler", "total_count", "out_of_line", 1),  # the open hour
        ({("energy", 90): 0.0, ("energy", 182): 0.0}, "meter", "energy", "out_of_line", 2),
        ({("energy", 184): 9e9}, "meter", "energy", "leapt", 1),  # the last one
    ],
)  # fmt: skip
async def test_all_name_the_same(
    stores: Stores, wrong: dict[tuple[str, int], float], machine: str, role: str, why: str,
    count: int,
) -> None:  # fmt: skip
    told(stores, wrong)
    found = await asked(stores)
    code = "counter_leapt" if why == "leapt" else "counter_out_of_line"
    assert named(found["live"]) == named(found["health"])
    assert named(found["live"]) == sorted(
        [
            ("meter", "bad_quality", BAD.subject, 0),
            ("meter", "values_rejected", REJECTED.subject, 7),
            ("meter", "clock_behind", "", 0),
            (machine, code, role, count),
        ]
    )
    findings = {it.subject: it for it in examine(stores, NOW)}
    assert findings[f"{role} filler-1/{machine}"].status == "warning"
    (fault,) = [it for it in found["health"] if it["code"] == code]
    assert findings[f"{role} filler-1/{machine}"].todo == fault["todo"]
    wiring = [it.detail for it in examine(stores, NOW) if it.subject == "wiring filler-1/meter"]
    for it in found["health"]:
        assert it["says"] in found["page"]
        assert it["code"] == code or it["says"] in wiring
        labels = f'code="{it["code"]}",line="filler-1",machine="{it["machine"]}"'
        assert f"lineproof_source_faults{{{labels}}} 1.0" in found["metrics"]
    labels = f'line="filler-1",machine="{machine}",signal="{role}",why="{why}"'
    name = "lineproof_counter_readings_not_believed"
    assert [it for it in found["metrics"] if it.startswith(f"{name}{{")] == [
        f"{name}{{{labels}}} {count}.0"
    ]


async def test_where_all_is_well_nothing_is_named(stores: Stores) -> None:
    told(stores, {})
    found = await asked(stores)
    assert not [it for it in found["health"] if it["code"].startswith("counter")]
    assert not [it for it in found["metrics"] if it.startswith("lineproof_counter_readings_not_")
                and "{" in it]  # fmt: skip
