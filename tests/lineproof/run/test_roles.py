"""Edge, collector and API as processes of their own, on one InfluxDB, fed by a real meter."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from command_line import answer, lineproof, refused, run, start
from influx import influx_server
from peers import PATIENCE_S, free_port, local_get, wait_until

from edge.keys import agent_key, public_key
from lineproof.demo.model.plant_model import BLOCK_US, PlantModel
from lineproof.demo.servers.broker import DemoBroker
from lineproof.demo.servers.meter import Meter

PLANT = """\
plant: parts
timezone: Asia/Hong_Kong
company: {name: {en: Parts}, business_registration: "1"}
lines:
  line-1:
    name: {en: Line 1}
    ideal_cycle_time_s: 1
    machines:
      press: {profile: import}
      meter:
        profile: shelly/pro3em-mqtt
        connection: {url: "mqtt://127.0.0.1:1", topic: t}
    roles: {state: press, energy: meter}
"""


@contextlib.contextmanager
def _part(name: str, config: Path) -> Iterator[None]:
    """A part as a process; a signal must end it with 0."""
    log = config.with_suffix(".log")
    process = start(name, "--config", config, output=log)
    try:
        yield
    finally:
        process.terminate()
        status = process.wait(timeout=PATIENCE_S)
    assert status == 0, log.read_text()[-3000:]


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return local_get(f"{url}/api/v1/health/ready").is_success
    return False


def _live(url: str) -> dict[str, Any]:
    found: dict[str, Any] = local_get(f"{url}/api/v1/lines/line-1").json()
    return found


async def test_three_processes_and_one_influxdb_carry_a_meter_to_the_api(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(influx_server(tmp_path / "influx"))
        store = (
            "store: influxdb\n"
            f'influxdb: {{url: "{server.url}", organisation: {server.org}, '
            f'bucket: "{server.new_bucket()}", token: {server.token}}}\n'
        )
        intake, api = free_port(), free_port()
        broker = DemoBroker()
        key = public_key(agent_key(tmp_path / "agent"))
        (tmp_path / "plant.yaml").write_text(PLANT)
        (tmp_path / "collector.yaml").write_text(
            f'{store}data: collector\nport: {intake}\nagents: {{meter-agent: "{key}"}}\n'
        )
        (tmp_path / "api.yaml").write_text(f"{store}data: api\nport: {api}\n")
        (tmp_path / "edge.yaml").write_text(
            f"name: meter-agent\ndata: agent\ncollector: http://127.0.0.1:{intake}\n"
            "machines:\n"
            "  - line: line-1\n    machine: meter\n    profile: shelly/pro3em-mqtt\n"
            f'    connection: {{url: "{broker.url}", topic: t, protocol: "3.1.1"}}\n'
        )
        for folder in ("collector", "api"):
            await asyncio.to_thread(
                lineproof, "apply", "-f", tmp_path / "plant.yaml", "--data", tmp_path / folder
            )
        await broker.start()
        model = PlantModel(time.time_ns() // 1000 - BLOCK_US // 2, 1)
        meter = Meter(model, lambda: time.time_ns() // 1000, broker.url, "t", period_s=0.5)
        meter.start()
        publishing = asyncio.create_task(meter.run())
        try:
            urls = [f"http://127.0.0.1:{port}" for port in (api, intake)]
            await asyncio.to_thread(_run_parts, tmp_path, *urls)
        finally:
            publishing.cancel()
            meter.stop()
            await broker.stop()


def _meter_heard(url: str) -> str | None:
    heard = [it["at"] for it in _live(url)["machines"] if it["machine"] == "meter" and it["at"]]
    return str(heard[0]) if heard else None


def _faults(url: str) -> list[str]:
    return [it["code"] for it in _live(url)["faults"]]


def _run_parts(folder: Path, api: str, collector: str) -> None:
    with (
        _part("collector", folder / "collector.yaml"),
        _part("api", folder / "api.yaml"),
    ):
        with _part("edge", folder / "edge.yaml"):
            wait_until(lambda: _answers(api), "the API to be ready")
            wait_until(lambda: _meter_heard(api) is not None, "the meter to be heard by the API")
            first = _meter_heard(api)
            wait_until(lambda: _meter_heard(api) != first, "the meter to be heard again")
            assert _faults(api) == []
            for url in (api, collector):  # on a busy machine the meter is silent for a moment
                wait_until(partial(_is_well, url), f"{url} to be well")
        wait_until(lambda: _faults(api) == ["agent_stopped"], "that the agent was stopped")
    report = answer("doctor", "--data", folder / "collector")
    found = {finding["subject"]: finding for finding in report["findings"]}
    assert report["ok"], report
    assert found["chain meter-agent"]["detail"].startswith("whole from batch 1")
    assert found["rejections"]["status"] == "ok"


def _is_well(url: str) -> bool:
    return bool(run("doctor", "--url", url, "--json").json["ok"])


@pytest.mark.parametrize("part", ["edge", "collector", "api"])
def test_a_missing_or_wrong_file_is_one_sentence(part: str, tmp_path: Path) -> None:
    missing = tmp_path / "no.yaml"
    assert str(missing) in refused(part, "--config", missing)
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("dat: x\n")
    sentence = refused(part, "--config", wrong)
    assert "wrong.yaml, line 1" in sentence
    assert "Did you mean 'data'?" in sentence
