"""`lineproof demo` as a user starts it: addresses, pages, four lines, three projects.

One demo serves all tests of this file: its history is made once. The last test stops it and goes on
in its folder.
"""

from __future__ import annotations

import contextlib
import json
import os
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
import pytest
from browser import chromium, screenshot, visit
from command_line import answer
from peers import PATIENCE_S, ROOT, free_port, local_get, wait_until
from playwright.sync_api import Browser

from lineproof.demo.texts import PROJECTS

GOOD, HELD_UP, STARVED, CHANGING = "noodle-1", "noodle-2", "sauce-1", "cracker-1"
SPEAKING = (GOOD, HELD_UP, CHANGING)


@dataclass
class Demo:
    url: str
    data: Path
    output: Path
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> httpx.Response:
        return local_get(f"{self.url}{path}", headers={"Accept": "text/html"})

    def live(self, line: str = GOOD) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/api/v1/lines/{line}").json()
        return found


@contextlib.contextmanager
def begun_demo(folder: Path, *options: str, **environment: str) -> Iterator[Demo]:
    """The demo as a process that has just been started."""
    port = free_port()
    output = folder / "output.txt"
    command = [sys.executable, "-m", "lineproof", "demo", "--no-browser", "--port", str(port)]
    with output.open("wb") as stdout, (folder / "log.txt").open("wb") as stderr:
        process = subprocess.Popen(
            [*command, *options],
            stdout=stdout,
            stderr=stderr,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
    try:
        yield Demo(f"http://127.0.0.1:{port}", folder / "data", output, process)
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_S)


@contextlib.contextmanager
def running_demo(folder: Path, *options: str) -> Iterator[Demo]:
    """It has printed its addresses when the block begins; its data are kept in the folder."""
    with begun_demo(folder, "--data", str(folder / "data"), *options) as demo:
        wait_until(
            lambda: b"Stop it with" in demo.output.read_bytes() or demo.process.poll() is not None,
            "the demo to print its addresses",
        )
        assert demo.process.poll() is None, (folder / "log.txt").read_text()[-3000:]
        yield demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("demo"), "--seconds", "3600") as running:
        yield running


def test_the_printed_addresses_answer(demo: Demo) -> None:
    printed = demo.output.read_text()
    for path in ("/floor", f"/lines/{GOOD}", "/grants"):
        assert f"{demo.url}{path}" in printed
        answered = demo.get(path)
        assert answered.status_code == 200
        assert "<html" in answered.text


def test_its_pages_are_shown_as_in_the_readme(demo: Demo, tmp_path: Path) -> None:
    """The README's pictures are made here: beside it only when asked for, so that a test run leaves
    the checkout as it was; else in the test's own folder."""
    folder = ROOT / "docs" / "images" if os.environ.get("LINEPROOF_SCREENSHOTS") else tmp_path
    pages = {
        "floor": "/floor",
        "line": f"/lines/{HELD_UP}",
        "grant": f"/grants/{PROJECTS[2]}",
    }
    with chromium() as browser:
        for name, path in pages.items():
            image = folder / f"{name}.png"
            screenshot(demo.url + path, image, browser=browser, full=False)
            assert image.stat().st_size > 20_000
        check_the_line_is_one_screen(browser, demo)


def check_the_line_is_one_screen(browser: Browser, demo: Demo) -> None:
    """All pages of everybody in one row, and with the demo's own bar nothing to scroll."""
    with visit(browser, viewport={"width": 1280, "height": 800}) as seen:
        seen.page.goto(f"{demo.url}/lines/{HELD_UP}")
        rows = seen.page.evaluate(
            "new Set([...document.querySelectorAll('.top a')].map(it => it.offsetTop)).size"
        )
        assert rows == 1
        assert seen.page.evaluate("document.documentElement.scrollHeight") <= 800


def test_counts_move_and_all_machines_but_one_are_heard(demo: Demo) -> None:
    silent = {(STARVED, "filler")}
    wait_until(
        lambda: (
            {
                (line, machine["machine"])
                for line in (*SPEAKING, STARVED)
                for machine in demo.live(line)["machines"]
                if machine["stale"]
            }
            == silent
        ),
        "all machines to be heard but the silent one",
    )
    before = demo.live(), demo.live(CHANGING)
    wait_until(  # soon, whatever the moment: that is how its seed is picked
        lambda: demo.live()["kpis"]["good_count"] > before[0]["kpis"]["good_count"],
        "the good items to move",
    )
    for line, earlier in zip((GOOD, CHANGING), before, strict=True):
        energy_kwh = earlier["kpis"]["energy_kwh"]
        wait_until(
            lambda line=line, kwh=energy_kwh: demo.live(line)["kpis"]["energy_kwh"] > kwh,
            f"the energy of {line} to move, producing or not",
        )


def test_each_line_has_a_target_for_its_shift(demo: Demo) -> None:
    found = {line: demo.live(line)["target"] for line in (*SPEAKING, STARVED)}
    assert {line: it["source"] for line, it in found.items()} == {
        GOOD: "plant_file",
        HELD_UP: "orders",
        CHANGING: "orders",
        STARVED: "plant_file",
    }
    for line in SPEAKING:
        assert 0 < found[line]["good_count_now"] < found[line]["good_count"]


def test_the_floor_has_two_halls_and_names_the_line_that_needs_someone(demo: Demo) -> None:
    floor = demo.get("/floor").text
    assert floor.index("Noodle hall") < floor.index("Snack hall")
    needed = floor[floor.index("Needs someone now") : floor.index("Noodle hall")]
    assert "Sauce sachet line" in needed
    assert "No data coming in" in needed


def test_milestones_are_in_different_states(demo: Demo) -> None:
    found = {
        (project, row["id"]): row
        for project in PROJECTS
        for row in answer("milestones", "--url", demo.url, "--project", project)["milestones"]
    }
    first, second, third = PROJECTS
    assert {key: (row["status"], row["state"]) for key, row in found.items()} == {
        (first, "M1"): ("met", "accepted"),
        (first, "M2"): ("met", "recommended"),
        (first, "M3"): ("at_risk", "draft"),
        (first, "M4"): ("on_track", "draft"),
        (first, "M5"): ("on_track", "draft"),
        (second, "M1"): ("met", "submitted"),
        (second, "M2"): ("at_risk", "draft"),
        (second, "M3"): ("on_track", "draft"),
        (second, "M4"): ("on_track", "draft"),
        (third, "M1"): ("not_provable", "query"),
        (third, "M2"): ("on_track", "draft"),
        (third, "M3"): ("on_track", "draft"),
    }
    lost = found[third, "M1"]
    assert lost["low"] < lost["target"] < lost["high"]
    assert 0.8 < lost["coverage"] < 0.9
    assert "gap" in lost["flags"]
    good = [found[first, it] for it in ("M1", "M2", "M3", "M4")]
    assert [it["flags"] for it in good] == [[], [], [], []]
    assert found[first, "M3"]["forecast"]["needed_a_day"] < found[first, "M3"]["value"]
    assert found[second, "M3"]["forecast"]["probability"] > 0.8


def test_a_visit_and_a_request_for_more_time_are_there(demo: Demo) -> None:
    (visit,) = answer("visit", "list", "--url", demo.url, "--project", PROJECTS[0])
    assert [it["sealed"]["agreement"] for it in visit["readings"]] == ["agrees", "agrees"]
    (request,) = answer("change", "list", "--url", demo.url, "--project", PROJECTS[1])
    assert (request["kind"], request["milestone"], request["state"]) == ("dates", "M2", "open")


def test_stops_have_reasons_of_the_tree_some_by_operators_and_some_have_none(demo: Demo) -> None:
    start, end = _last_two_days()
    document = answer(
        "stops", "--url", demo.url, "--line", GOOD, "--start", start, "--end", end,
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


def test_the_packer_is_the_first_cause_and_the_bottleneck_of_the_second_line(demo: Demo) -> None:
    """Up to when it was opened: right behind that, not every machine has been heard."""
    opened_us = json.loads((demo.data / "demo.json").read_text())["opened_us"]
    opened = datetime.fromtimestamp(opened_us / 1e6, ZoneInfo("Asia/Hong_Kong"))
    start, end = (opened - timedelta(hours=48)).isoformat(), opened.isoformat()
    caused_s = {}
    for line in (GOOD, HELD_UP):
        document = answer(
            "stops", "--url", demo.url, "--line", line, "--start", start, "--end", end
        )
        waits = document["first_causes"]["waits"]
        blocked = {it["cause"] for it in waits if it["waited"] == "blocked"}
        assert blocked == {"packer"}
        starved = {(it["machine"], it["cause"]) for it in waits if it["waited"] == "starved"}
        assert starved == {("filler", None), ("packer", "filler"), ("packer", None)}
        shares = {it["machine"]: it for it in document["first_causes"]["machines"]}
        assert shares["packer"]["caused_s"] == pytest.approx(shares["filler"]["waited_s"])
        caused_s[line] = shares["packer"]["caused_s"]
    assert caused_s[GOOD] > 1800
    assert caused_s[HELD_UP] > 4 * caused_s[GOOD]


def test_the_fill_weight_was_out_of_control_for_an_hour(demo: Demo) -> None:
    """Five hours before the demo was made the doser drifted for an hour."""
    now = datetime.now(ZoneInfo("Asia/Hong_Kong"))
    start, end = (now - timedelta(hours=10)).isoformat(), now.isoformat()
    document = answer(
        "spc", "--url", demo.url, "--line", GOOD, "--measurement", "fill-weight",
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


def test_products_are_made_at_their_own_speed(demo: Demo) -> None:
    start, end = _last_two_days()
    cycle_times_s = {
        GOOD: {"cup-beef": 0.2, "cup-seafood": 0.25},
        CHANGING: {"crackers-40": 0.6, "crackers-chili-40": 0.6, "crackers-200": 1.5},
    }
    for line, expected in cycle_times_s.items():
        rows = answer(
            "kpi", "--url", demo.url, "--line", line, "--start", start, "--end", end,
            "--by", "product",
        )  # fmt: skip
        made = {row["key"]: row for row in rows}
        assert set(made) == set(expected)
        for key, cycle_time_s in expected.items():
            row = made[key]
            known = row["total_count"] - row["total_count_unknown"]
            assert row["ideal_time_s"] == pytest.approx(known * cycle_time_s)
            assert 0.85 < row["effectiveness"] < 1.0


def test_the_operators_corrections_are_listed_with_one_withdrawn(demo: Demo) -> None:
    rows = answer("corrections", "--url", demo.url, "--line", GOOD)
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


def test_nothing_is_refused_but_the_code_that_nobody_explained(demo: Demo) -> None:
    """On the way from files and machines into the store."""
    wait_until(lambda: demo.get("/api/v1/rejections").json() != [], "the labeller to be heard")
    refused = demo.get("/api/v1/rejections").json()
    assert [(it["line"], it["machine"]) for it in refused] == [(STARVED, "labeller")]
    assert "7" in refused[0]["reason"]
    agents = {row["agent"] for row in demo.get("/api/v1/batches?limit=1000").json()}
    assert agents == {
        "import",
        f"{GOOD}.opcua",
        f"{GOOD}.mqtt-json",
        f"{HELD_UP}.opcua",
        f"{STARVED}.sparkplug-b",
        f"{CHANGING}.sparkplug-b",
    }


def test_the_good_line_lost_nothing_on_any_day(demo: Demo) -> None:
    """Sixty days, and the seconds between history and live machines. On a machine without time for
    it, live values come late, which today's flags tell."""
    now = datetime.now(UTC)
    window = ("--start", (now - timedelta(days=59)).isoformat(), "--end", now.isoformat())
    rows = answer("kpi", "--url", demo.url, "--line", GOOD, *window, "--by", "day")
    assert len(rows) >= 59
    assert {row["key"]: row["flags"] for row in rows[:-1] if row["flags"]} == {}
    assert "gap" not in rows[-1]["flags"]


def test_ctrl_c_ends_it_and_it_goes_on_in_the_same_folder(demo: Demo) -> None:
    folder, before = demo.output.parent, demo.live()["total_counter"]
    demo.process.send_signal(signal.SIGINT)
    assert demo.process.wait(timeout=PATIENCE_S) == 0
    assert "Traceback" not in (folder / "log.txt").read_text()
    with running_demo(folder) as again:
        wait_until(lambda: again.live()["total_counter"] > before, "the counter to go on")
    with running_demo(folder, "--seconds", "0.1") as last:
        assert last.process.wait(timeout=PATIENCE_S) == 0
        assert "The demo has stopped." in last.output.read_text()
    assert answer("doctor", "--data", demo.data / "node")["ok"]


def test_a_signal_while_the_history_is_made_leaves_nothing_behind(tmp_path: Path) -> None:
    kept = tmp_path / "temporary"
    kept.mkdir()
    with begun_demo(tmp_path, TMPDIR=str(kept)) as demo:
        wait_until(lambda: any(kept.glob("lineproof-demo-*/node")), "its other process to work")
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(timeout=PATIENCE_S) == 128 + signal.SIGINT
    assert not any(kept.iterdir())
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
