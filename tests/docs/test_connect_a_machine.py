"""The walk-through tells the truth: each of its commands runs, in order, against a real machine."""

from __future__ import annotations

import json
import re
import shlex
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from command_line import node, run
from live_machine import live_machine
from peers import wait_until

from lineproof.clock import utc_now

PAGE = (Path(__file__).parents[2] / "docs" / "connect-a-machine.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|yaml)\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
ADDRESS, NODE = "opc.tcp://192.168.1.20:4840", "http://127.0.0.1:8080"
PLANT_ZONE = ZoneInfo("Asia/Hong_Kong")
REPLACED = {"profile.yaml": '"6": unknown', "plant.yaml": "# ideal_cycle_time_s"}


def test_from_an_address_to_the_first_oee(tmp_path: Path) -> None:
    """Seconds are fewer than on the page, days are today's; files are changed as it says."""
    done = []
    recorded = utc_now()
    with live_machine() as machine:
        for kind, text in BLOCKS:
            if kind == "yaml":
                put_in_its_place(tmp_path, text)
                continue
            words = shlex.split(re.sub(r"--seconds \d+", "--seconds 2", text.strip()))
            words = [machine.url if it == ADDRESS else it for it in words[1:]]
            done.append(words[0] if words[0] != "profile" else words[1])
            if words[0] == "up":
                assert words[1:] == ["--plant", "plant.yaml", "--data", "data", "--port", "8080"]
                continue  # it runs with the next one
            if words[0] == "kpi":
                first_oee(tmp_path, words)
                continue
            if "accept" in words:  # as written down while it was recorded
                words += ["--at", recorded.isoformat()]
            said = run(*words, folder=tmp_path)
            recorded = utc_now() - timedelta(seconds=2)
            assert said.status == 0, (words, said.errors)
    assert done == ["browse", "draft", "try", "record", "accept", "check", "up", "kpi"]
    assert "recorded" in said.output


def put_in_its_place(folder: Path, text: str) -> None:
    """The lines of the page in the place of the one that the page names."""
    name = "profile.yaml" if "producing" in text else "plant.yaml"
    lines = (folder / name).read_text(encoding="utf-8").splitlines(keepends=True)
    (place,) = [at for at, line in enumerate(lines) if line.strip().startswith(REPLACED[name])]
    lines[place] = text
    (folder / name).write_text("".join(lines), encoding="utf-8")


def first_oee(folder: Path, words: list[str]) -> None:
    today = utc_now().astimezone(PLANT_ZONE).date()
    with node(folder / "data", folder / "plant.yaml") as running:
        asked = [running.url if it == NODE else it for it in words]
        days = {"2026-11-30": today - timedelta(days=1), "2026-12-01": today + timedelta(days=2)}
        asked = [str(days.get(it, it)) for it in asked]

        def shown() -> bool:
            said = run(*asked, "--json", folder=folder)
            return said.status == 0 and bool(json.loads(said.output)[0]["oee"])

        wait_until(shown, "the first OEE")
