"""`lineproof demo` as a user starts it: addresses, pages, counts that move, three verdicts."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import polars as pl
import pytest
from browser import chromium, screenshot
from command_line import answer
from peers import PATIENCE_S, ROOT, free_port, local_get, wait_until

from store.node.opening import open_stores

LINE, PROJECT = "noodle-1", "NIFS-2026-008"


@dataclass
class Demo:
    url: str
    output: Path
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> httpx.Response:
        return local_get(f"{self.url}{path}", headers={"Accept": "text/html"})

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
        )
        assert process.poll() is None, (folder / "log.txt").read_text()[-3000:]
        yield Demo(f"http://127.0.0.1:{port}", output, process)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with running_demo(folder, "--seconds", "3600") as running:
        yield running
        stops_cleanly(running, folder)


def stops_cleanly(demo: Demo, folder: Path) -> None:
    """Ctrl-C ends it in good order, and nothing of what it wrote is left."""
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(timeout=PATIENCE_S) == 0
    files = next(
        line.split()[-1] for line in demo.output.read_text().splitlines() if "Files" in line
    )
    assert not Path(files).exists()
    assert "Traceback" not in (folder / "log.txt").read_text()


def test_the_printed_addresses_answer(demo: Demo) -> None:
    printed = demo.output.read_text()
    for path in ("/floor", f"/lines/{LINE}", f"/grants/{PROJECT}"):
        assert f"{demo.url}{path}" in printed
        answered = demo.get(path)
        assert answered.status_code == 200
        assert "<html" in answered.text


def test_its_pages_are_shown_as_in_the_readme(demo: Demo, tmp_path: Path) -> None:
    """The README's pictures are made here: beside it only when asked for, so that a test run leaves
    the checkout as it was; else in the test's own folder."""
    folder = ROOT / "docs" / "images" if os.environ.get("LINEPROOF_SCREENSHOTS") else tmp_path
    pages = re.findall(r"(Floor|Line|Grant) +(http\S+)", demo.output.read_text())
    assert [name for name, _ in pages] == ["Floor", "Line", "Grant"]
    with chromium() as browser:
        for name, address in pages:
            image = folder / f"{name.lower()}.png"
            screenshot(address, image, browser=browser, width=1100, height=900, full=False)
            assert image.stat().st_size > 20_000


def test_counts_move_and_all_machines_are_heard(demo: Demo) -> None:
    wait_until(
        lambda: not any(machine["stale"] for machine in demo.live()["machines"]),
        "all machines to be heard",
    )
    before = demo.live()
    wait_until(
        lambda: demo.live()["total_counter"] > before["total_counter"] + 5,
        "the counter to move",
    )
    wait_until(
        lambda: demo.live()["kpis"]["good_count"] > before["kpis"]["good_count"],
        "the good items to move",
    )
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


def test_stops_have_reasons_of_the_tree_some_by_operators_and_some_have_none(demo: Demo) -> None:
    start, end = _last_two_days()
    document = answer(
        "stops", "--url", demo.url, "--line", LINE, "--start", start, "--end", end,
        "--lang", "zh-Hant",
    )  # fmt: skip
    named = {row["name"] for row in document["pareto"] if row["by"] == "reason"}
    by_machines = {"缺杯", "封膜卡住", "裝箱機未能接收", "更換產品"}
    by_operators = {"品質檢查暫停", "操作員不在", "清潔"}
    assert by_machines | by_operators <= named
    roots = {row["reason_path"][0] for row in document["stops"] if row["reason_path"]}
    assert {"material", "filler-trouble", "packer-trouble", "people", "changeover"} <= roots
    unsaid = [it for it in document["stops"] if it["category"] == "major" and not it["reason"]]
    assert unsaid, "nothing is left to say for a visitor"


def test_the_packer_is_the_first_cause_wherever_the_filler_was_blocked(demo: Demo) -> None:
    start, end = _last_two_days()
    document = answer("stops", "--url", demo.url, "--line", LINE, "--start", start, "--end", end)
    waits = document["first_causes"]["waits"]
    blocked = {it["cause"] for it in waits if it["waited"] == "blocked"}
    assert blocked == {"packer"}
    starved = {(it["machine"], it["cause"]) for it in waits if it["waited"] == "starved"}
    assert starved == {("filler", None), ("packer", "filler"), ("packer", None)}
    shares = {it["machine"]: it for it in document["first_causes"]["machines"]}
    assert shares["packer"]["caused_s"] == pytest.approx(shares["filler"]["waited_s"])
    assert shares["packer"]["caused_s"] > 1800


def test_the_fill_weight_was_out_of_control_for_an_hour(demo: Demo) -> None:
    """Five hours before the demo was made the doser drifted for an hour."""
    now = datetime.now(ZoneInfo("Asia/Hong_Kong"))
    start, end = (now - timedelta(hours=10)).isoformat(), now.isoformat()
    document = answer(
        "spc", "--url", demo.url, "--line", LINE, "--measurement", "fill-weight",
        "--start", start, "--end", end,
    )  # fmt: skip
    beyond = [
        datetime.fromisoformat(it["time"])
        for it in document["violations"]
        if it["rule"] == "nelson-1" and it["panel"] == "location"
    ]
    drift = now - timedelta(hours=5, minutes=30), now - timedelta(hours=3, minutes=45)
    assert [at for at in beyond if drift[0] < at < drift[1]]
    assert document["lower_limit"] == 75
    assert 1.2 < document["capability"]["cp"] < 1.8


def test_two_products_are_made_each_day_at_their_own_speed(demo: Demo) -> None:
    start, end = _last_two_days()
    rows = answer(
        "kpi", "--url", demo.url, "--line", LINE, "--start", start, "--end", end,
        "--by", "product",
    )  # fmt: skip
    made = {row["key"]: row for row in rows}
    assert set(made) == {"cup-beef", "cup-seafood"}
    for key, cycle_time_s in (("cup-beef", 0.2), ("cup-seafood", 0.25)):
        row = made[key]
        known = row["total_count"] - row["total_count_unknown"]
        assert row["ideal_time_s"] == pytest.approx(known * cycle_time_s)
        assert 0.85 < row["effectiveness"] < 1.0


def test_the_operators_corrections_are_listed_with_one_withdrawn(demo: Demo) -> None:
    rows = answer("corrections", "--url", demo.url, "--line", LINE)
    told = [(row["kind"], row["reason"], row["in_force"]) for row in rows]
    assert told == [
        ("reason", "no-operator", True),
        ("reason", "quality-hold", True),
        ("reason", "quality-hold", False),
        ("withdrawal", None, False),
        ("reason", "cleaning", True),
    ]


def _last_two_days() -> tuple[str, str]:
    now = datetime.now(ZoneInfo("Asia/Hong_Kong"))
    return (now - timedelta(hours=48)).isoformat(), now.isoformat()


def test_history_and_live_data_are_one_line_without_loss(demo: Demo) -> None:
    """Nothing was refused or rejected on the way from files and machines into the store."""
    assert demo.get("/api/v1/rejections").json() == []
    agents = {row["agent"] for row in demo.get("/api/v1/batches?limit=1000").json()}
    assert agents == {"import", f"{LINE}.opcua", f"{LINE}.mqtt-json"}


def test_it_stops_by_itself_and_goes_on_in_the_same_folder(tmp_path: Path) -> None:
    """The first run lasts until the filler was heard, the second ends by itself."""
    data = tmp_path / "kept"
    with running_demo(tmp_path, "--data", str(data)) as demo:
        wait_until(lambda: demo.live()["state"] != "unknown", "the filler to be heard")
        before = demo.live()["total_counter"]
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(timeout=PATIENCE_S) == 0
    with running_demo(tmp_path, "--data", str(data), "--seconds", "8") as demo:
        assert demo.process.wait(timeout=PATIENCE_S) == 0
        assert "The demo has stopped." in demo.output.read_text()
    assert _last_total(data / "node") > before
    report = answer("doctor", "--data", data / "node")
    assert report["ok"]


def _last_total(folder: Path) -> float:
    """What the filler's counter showed last."""
    around = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC)
    with open_stores(folder, must_exist=True) as stores:
        samples = stores.telemetry.history(LINE, *around).samples
    totals = samples.filter(pl.col("signal") == "total_count").sort("time")["value"]
    return float(totals[-1])
