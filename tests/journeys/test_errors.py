"""What goes wrong, as a user meets it: one clear sentence with the place and what to do, exit
status 2, no trace; and what was good is kept, or nothing at all is changed."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_line import Node, answer, lineproof, node, refused
from exact import stored_facts
from small_disk import small_disk
from textbook_shift import plant_text, shift_rows, write_history

START = datetime(2025, 3, 3, 7, tzinfo=UTC)
DAY = ("--start", "2025-03-03", "--end", "2025-03-04")
EVERY_DAY = "mon, tue, wed, thu, fri, sat, sun"
UNCHANGED = "Nothing was changed."
GRANT = """
project: P-1
scheme: NIFS
plant: textbook
lines: [l1]
approved_cost_hkd: 3000000
approved_on: 2025-01-15
start: 2025-02-01
end: 2025-12-31
milestones:
  - id: M1
    clause: "1"
    due: 2025-12-31
    title: {en: Accounts}
    terms: {kind: document, document: accounts}
"""
PROFILE = """
name: mine/press
vendor: mine
model: Press
protocol: opcua
documentation: [https://example.org/press]
recorded_from: nothing yet
title: {en: Press, zh-Hant: 沖床, zh-Hans: 冲床}
parameters:
  state: {description: Node of the state.}
inputs:
  state: {sources: [{node: {parameter: state}}]}
signals:
  state: {input: state}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with plant.yaml, shift.csv and `data`, into which both went. For readers."""
    folder = tmp_path_factory.mktemp("errors")
    (folder / "plant.yaml").write_text(plant_text({"l1": (START, EVERY_DAY)}, "UTC"))
    write_history(folder / "shift.csv", shift_rows(START, "press-l1"))
    data = folder / "data"
    lineproof("apply", "-f", folder / "plant.yaml", "--data", data)
    lineproof("import", "--data", data, "--line", "l1", folder / "shift.csv")
    return folder


def facts(data: Path) -> list[str]:
    found = stored_facts(data, "l1", START, START + timedelta(days=60))
    assert found
    return found


def says(sentence: str, *parts: object) -> None:
    for part in parts:
        assert str(part) in sentence


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("2025-03-04T09:00:00Z,press-l1,state,runing", ("'value'", "'runing'", "producing")),
        ("2025-03-04T09:00:00Z,press-l1,total_count,12a", ("'value'", "'12a'", "number")),
        ("04/03/2025 9 am,press-l1,state,producing", ("'time'", "'04/03/2025 9 am'", "ISO 8601")),
    ],
)
def test_a_bad_row_stops_the_file(
    home: Path, tmp_path: Path, wrong: str, said: tuple[str, ...]
) -> None:
    before = facts(home / "data")
    file = write_history(tmp_path / "next.csv", shift_rows(START + timedelta(days=1), "press-l1"))
    with file.open("a") as more:
        more.write(f"{wrong}\n")
    line = len(file.read_text().splitlines())
    sentence = refused("import", "--data", home / "data", "--line", "l1", file)
    says(sentence, f"{file}, line {line}", *said, UNCHANGED)
    assert facts(home / "data") == before


def test_good_rows_may_be_taken_without_the_bad_one(tmp_path: Path, home: Path) -> None:
    good, mixed = tmp_path / "good", tmp_path / "mixed"
    rows = shift_rows(START, "press-l1")
    bad = [*rows[:5], (rows[5][0], "press-l1", "total_count", "12a"), *rows[5:]]
    for data in (good, mixed):
        lineproof("apply", "-f", home / "plant.yaml", "--data", data)
    lineproof("import", "--data", good, "--line", "l1", home / "shift.csv")
    file = write_history(tmp_path / "mixed.csv", bad)
    told = answer("import", "--data", mixed, "--line", "l1", "--keep-good", file)
    assert told["files"][0]["rejected"] == 1
    # Every value is the same; that a counter told nothing for a moment opens bounds alone.
    day = ("--line", "l1", "--start", "2025-03-03", "--end", "2025-03-04", "--by", "hour", "--json")
    rows_of = [answer("kpi", "--data", data, *day) for data in (good, mixed)]
    values = [
        [{name: row[name] for name in ("start", "total_count", "good_count", "oee", "coverage")}
         for row in rows]
        for rows in rows_of
    ]  # fmt: skip
    assert values[0] == values[1]
    assert any(row["oee"] for row in values[0])


def test_a_misspelt_key_in_a_plant_file(home: Path, tmp_path: Path) -> None:
    text = (home / "plant.yaml").read_text()
    line = 1 + text[: text.index("ideal_cycle_time_s")].count("\n")
    file = tmp_path / "plant.yaml"
    file.write_text(text.replace("ideal_cycle_time_s", "ideal_cycle_tme_s"))
    data = tmp_path / "data"
    for command in (("apply", "-f", file), ("up", "--plant", file)):
        sentence = refused(*command, "--data", data)
        says(sentence, f"{file}, line {line}", "ideal_cycle_tme_s", "'ideal_cycle_time_s'?")
        says(sentence, UNCHANGED)
    assert not data.exists()


def test_a_profile_with_an_unknown_signal(home: Path, tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text(f"{PROFILE}  good_cuont: {{input: state}}\n")
    line = len(profile.read_text().splitlines())
    plant, data = tmp_path / "plant.yaml", tmp_path / "data"
    text = (home / "plant.yaml").read_text()
    plant.write_text(text.replace("{profile: import}", f"{{profile: {profile}}}"))
    for command in (
        ("profile", "check", profile),
        ("profile", "show", profile),
        ("apply", "-f", plant, "--data", data),
    ):
        says(refused(*command), f"{profile}, line {line}", "good_cuont", "'good_count'?")
    assert not data.exists()


def test_a_grant_for_a_line_that_does_not_exist(home: Path, tmp_path: Path) -> None:
    """The plant beside it is good, and is not applied either: all files or none."""
    grant, data = tmp_path / "grant.yaml", tmp_path / "data"
    grant.write_text(GRANT.replace("[l1]", "[l2]"))
    sentence = refused("apply", "-f", home / "plant.yaml", "-f", grant, "--data", data)
    says(sentence, f"{grant}, line 5", "'l2'", "Known are: l1.", UNCHANGED)
    says(refused("kpi", "--data", data, "--line", "l1", *DAY), "'l1'", "none")


def test_a_busy_port_is_told_before_anything_is_changed(home: Path, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        data = tmp_path / "data"
        up = ("up", "--plant", home / "plant.yaml", "--data", data, "--port", port)
        says(refused(*up), f"port {port}", "in use", "--port")
    assert not data.exists()


def test_another_address_than_loopback_needs_an_account(home: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    up = ("up", "--plant", home / "plant.yaml", "--data", data, "--listen", "0.0.0.0")
    says(refused(*up), "0.0.0.0", f"lineproof user add NAME --role administrator --data {data}")
    assert not data.exists()


@pytest.fixture(scope="module")
def owner(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    data = tmp_path_factory.mktemp("owned") / "data"
    with node(data, home / "plant.yaml") as running:
        yield running


@pytest.mark.parametrize("command", ["up", "apply", "import", "kpi"])
def test_the_owner_of_a_data_folder_is_named(home: Path, owner: Node, command: str) -> None:
    data = owner.log.with_suffix("")
    plant = home / "plant.yaml"
    arguments = {
        "up": ("--plant", plant, "--port", str(_other_port())),
        "apply": ("-f", plant),
        "import": ("--line", "l1", home / "shift.csv"),
        "kpi": ("--line", "l1", *DAY),
    }[command]
    sentence = refused(command, *arguments, "--data", data)
    says(sentence, data, f"process {owner.process.pid}", "--url")
    assert owner.get("lines")[0]["line"] == "l1"  # and it goes on


def test_a_node_says_what_does_not_exist(owner: Node) -> None:
    url = ("--url", owner.url)
    says(refused("kpi", *url, "--line", "l9", *DAY), "'l9'", "l1")
    says(refused("milestones", *url, "--project", "X"), "'X'")


def test_a_full_disk_keeps_what_was_good(home: Path, tmp_path: Path) -> None:
    """The import breaks off; with room again the same command completes it, and counts once."""
    next_day = START + timedelta(days=1)
    rows = [
        (next_day + timedelta(seconds=second), "press-l1", "total_count", str(second / 3))
        for second in range(150_000)
    ]
    file = write_history(tmp_path / "long.csv", rows)
    roomy = tmp_path / "roomy"
    with small_disk(tmp_path, size_mib=128) as disk:
        small = disk.path / "data"
        for data in (roomy, small):
            lineproof("apply", "-f", home / "plant.yaml", "--data", data)
            lineproof("import", "--data", data, "--line", "l1", home / "shift.csv")
        before = answer("kpi", "--data", small, "--line", "l1", *DAY)
        disk.fill(leave_bytes=2 << 20)
        aside = {"TMPDIR": os.fspath(tmp_path)}
        sentence = refused("import", "--data", small, "--line", "l1", file, environment=aside)
        says(sentence, disk.path, "disk")
        assert "nothing was half written" in sentence or "counts once" in sentence
        disk.make_room()
        assert answer("kpi", "--data", small, "--line", "l1", *DAY) == before
        lineproof("import", "--data", small, "--line", "l1", file)
        lineproof("import", "--data", roomy, "--line", "l1", file)
        assert facts(small) == facts(roomy)


def _other_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("kpi", "--line", "l9", *DAY), ("'l9'", "l1")),
        (("kpi", "--line", "l1", "--start", "2025-03-04", "--end", "2025-03-03"), ("ends", "end")),
        (("stops", "--line", "l1", "--start", "2025-03-04", "--end", "2025-03-03"), ("ends",)),
        (("kpi", "--line", "l1", "--start", "noon", "--end", "2025-03-04"), ("start", "'noon'")),
        (("kpi", "--line", "l1", *DAY, "--method", "best"), ("'best'", "iso22400")),
        (("kpi", "--line", "l1", *DAY, "--by", "year"), ("'year'", "shift")),
        (("milestones", "--project", "NIFS-2025-999"), ("'NIFS-2025-999'",)),
    ],
)
def test_a_question_that_has_no_answer(
    home: Path, arguments: tuple[str, ...], said: tuple[str, ...]
) -> None:
    says(refused(*arguments, "--data", home / "data"), *said)


def test_an_exception_with_swapped_times(home: Path, tmp_path: Path) -> None:
    """An exception with its times swapped is no 22-hour one: emanuelsc3s/SysOEE#38."""
    file = tmp_path / "plant.yaml"
    exception = (
        "    exceptions: [{start: 2025-03-03T09:30, end: 2025-03-03T08:00, class: planned_down}]"
    )
    text = (home / "plant.yaml").read_text()
    file.write_text(text.replace("    shifts:\n", f"{exception}\n    shifts:\n"))
    line = 1 + file.read_text()[: file.read_text().index("exceptions")].count("\n")
    sentence = refused("apply", "-f", file, "--data", tmp_path / "data")
    says(sentence, f"{file}, line {line}", "before it starts", UNCHANGED)


def test_no_folder_is_made_for_a_question(tmp_path: Path) -> None:
    data = tmp_path / "mistyped"
    says(refused("kpi", "--data", data, "--line", "l1", *DAY), data, "no data folder")
    assert not data.exists()
    says(refused("kpi", "--line", "l1", *DAY), "--data", "--url")


def test_a_node_that_does_not_answer() -> None:
    url = f"http://127.0.0.1:{_other_port()}"
    says(refused("kpi", "--url", url, "--line", "l1", *DAY), url, "does not answer")
