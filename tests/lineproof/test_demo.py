"""`lineproof demo` as a user starts it: addresses, pages, counts that move, three verdicts."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from command_line import answer
from peers import ROOT, free_port, wait_until

LINE, PROJECT = "noodle-1", "NIFS-2026-008"
READY_S = 90  # thirty on a machine that has nothing else to do


@dataclass
class Demo:
    url: str
    output: Path
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", timeout=60, headers={"Accept": "text/html"})

    def live(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/api/v1/lines/{LINE}").json()
        return found


@contextlib.contextmanager
def running_demo(folder: Path, *options: str) -> Iterator[Demo]:
    """The demo as a process; it has printed its addresses when the block begins."""
    port = free_port()
    output = folder / "output.txt"
    command = [sys.executable, "-m", "lineproof", "demo", "--no-browser", "--port", str(port)]
    with output.open("wb") as stdout, (folder / "log.txt").open("wb") as stderr:
        process = subprocess.Popen([*command, *options], stdout=stdout, stderr=stderr, cwd=ROOT)
    try:
        wait_until(
            lambda: b"Stop it with" in output.read_bytes() or process.poll() is not None,
            "the demo to print its addresses",
            timeout_s=READY_S,
        )
        assert process.poll() is None, (folder / "log.txt").read_text()[-3000:]
        yield Demo(f"http://127.0.0.1:{port}", output, process)
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo"), "--seconds", "300") as running:
        yield running


def test_the_printed_addresses_answer(demo: Demo) -> None:
    printed = demo.output.read_text()
    for path in ("/floor", f"/lines/{LINE}", f"/grants/{PROJECT}"):
        assert f"{demo.url}{path}" in printed
        answered = demo.get(path)
        assert answered.status_code == 200
        assert "<html" in answered.text


def test_counts_move_and_both_machines_are_heard(demo: Demo) -> None:
    wait_until(
        lambda: not any(machine["stale"] for machine in demo.live()["machines"]),
        "both machines to be heard",
    )
    before = demo.live()
    wait_until(
        lambda: demo.live()["total_counter"] > before["total_counter"] + 5,
        "the counter to move",
        timeout_s=60,
    )
    after = demo.live()
    assert after["kpis"]["good_count"] > before["kpis"]["good_count"]
    wait_until(
        lambda: demo.live()["kpis"]["energy_kwh"] > before["kpis"]["energy_kwh"],
        "the energy to move",
    )


def test_one_milestone_is_met_one_at_risk_and_one_not_provable(demo: Demo) -> None:
    document = answer("milestones", "--url", demo.url, "--project", PROJECT)
    status = {row["id"]: row["status"] for row in document["milestones"]}
    assert status == {
        "M1": "met",
        "M2": "not_provable",
        "M3": "at_risk",
        "M4": "on_track",
        "M5": "on_track",
    }
    lost = next(row for row in document["milestones"] if row["id"] == "M2")
    assert lost["low"] < lost["target"] < lost["high"]
    assert lost["coverage"] == pytest.approx(11 / 14, abs=1e-4)
    assert document["grant"]["grant_hkd"] == 15_000_000


def test_history_and_live_data_are_one_line_without_loss(demo: Demo) -> None:
    """Nothing was refused or rejected on the way from files and machines into the store."""
    assert demo.get("/api/v1/rejections").json() == []
    agents = {row["agent"] for row in demo.get("/api/v1/batches?limit=1000").json()}
    assert agents == {"import", f"{LINE}.opcua", f"{LINE}.mqtt-json"}


def test_it_stops_by_itself_and_goes_on_in_the_same_folder(tmp_path: Path) -> None:
    data = tmp_path / "kept"
    counters = []
    for _ in range(2):
        with running_demo(tmp_path, "--data", str(data), "--seconds", "8") as demo:
            wait_until(
                lambda demo=demo: demo.live()["state"] != "unknown", "the filler to be heard"
            )
            counters.append(demo.live()["total_counter"])
            assert demo.process.wait(timeout=60) == 0
            assert "The demo has stopped." in demo.output.read_text()
    assert counters[1] > counters[0]
    report = answer("doctor", "--data", data / "node")
    assert report["ok"]


def test_a_signal_stops_it_cleanly(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        began = time.monotonic()
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(timeout=60) == 0
        assert time.monotonic() - began < 30
        folder = next(
            line.split()[-1] for line in demo.output.read_text().splitlines() if "Files" in line
        )
        assert not Path(folder).exists()
        assert "Traceback" not in (tmp_path / "log.txt").read_text()
