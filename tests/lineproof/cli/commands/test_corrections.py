"""Corrections, earlier views and frozen periods by the command line: on a folder and on a node."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import answer, lineproof, node, refused
from peers import ROOT

EXAMPLES = ROOT / "docs" / "examples"
LINE = ("--line", "press-1")
DAY = (*LINE, "--start", "2026-03-02T00:00", "--end", "2026-03-03T00:00")
AMOUNT = (
    *("correct", *LINE, "--kind", "quantity", "--element", "reject_count", "--author", "Ann"),
    *("--start", "2026-03-02T08:00", "--end", "2026-03-02T10:00"),
)


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imported") / "node"
    lineproof("apply", "-f", EXAMPLES / "plant.yaml", "-f", EXAMPLES / "grant.yaml",
              "--data", folder)  # fmt: skip
    lineproof("import", "--data", folder, *LINE, EXAMPLES / "history.csv")
    return folder


@pytest.fixture
def data(imported: Path, tmp_path: Path) -> Path:
    """A copy of what was imported, to be changed."""
    return shutil.copytree(imported, tmp_path / "node")


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def test_a_correction_its_withdrawal_and_what_was_known_in_between(data: Path) -> None:
    of = ("--data", data)
    (first,) = answer("kpi", *DAY, *of)
    before = datetime.now(UTC).isoformat()
    told = answer(*AMOUNT, "--amount", "50", "--comment", "counted again", *of)
    assert (told["kind"], told["amount"], told["in_force"]) == ("quantity", 50, True)
    (corrected,) = answer("kpi", *DAY, *of)
    assert corrected["reject_count"] != first["reject_count"]
    between = datetime.now(UTC).isoformat()
    withdrawn = answer("correct", "--withdraw", told["id"], "--author", "Bob", *of)
    assert withdrawn["withdraws"] == told["id"]
    assert answer("kpi", *DAY, *of) == [first]
    assert answer("kpi", *DAY, *of, "--as-known-at", between) == [corrected]
    assert answer("kpi", *DAY, *of, "--as-known-at", before) == [first]
    listed = answer("corrections", *LINE, *of)
    assert [(it["id"], it["in_force"]) for it in listed] == [
        (told["id"], False),
        (withdrawn["id"], False),
    ]
    known = answer("corrections", *LINE, *of, "--as-known-at", between)
    assert [(it["id"], it["in_force"]) for it in known] == [(told["id"], True)]


def test_a_rebuild_keeps_what_was_said_and_what_was_known_when(data: Path) -> None:
    of = ("--data", data)
    before = datetime.now(UTC).isoformat()
    answer(*AMOUNT, "--amount", "50", *of)
    questions = (("kpi", *DAY, "--by", "hour"), ("kpi", *DAY, "--as-known-at", before),
                 ("kpi", *DAY, "--as-known-at", "2026-03-04T00:00"))  # fmt: skip
    first = [answer(*question, *of) for question in questions]
    lineproof("rebuild", *of)
    assert [answer(*question, *of) for question in questions] == first


def test_nothing_was_known_before_it_came(data: Path) -> None:
    """Imported just now: a year ago nobody knew anything of that day."""
    (row,) = answer("kpi", *DAY, "--data", data, "--as-known-at", "2026-03-04T00:00")
    assert row["planned_busy_time_s"] == row["unknown_time_s"] == 25200
    assert row["oee"] is None
    assert row["coverage"] == 0


def test_wrong_input_is_refused_with_one_sentence(data: Path) -> None:
    of = ("--data", data)
    answer(*AMOUNT, "--amount", "50", *of)
    later = datetime(2126, 1, 1, tzinfo=UTC).isoformat()
    for wrong, said in (
        ((*AMOUNT, "--amount", "1"), "overlaps the quantity correction of reject_count"),
        ((*AMOUNT, "--amount", "1", "--end", "2026-03-02T07:00"), "not after its start"),
        (("correct", *LINE, "--kind", "spilt", "--author", "A"), "Did you mean 'split'?"),
        (("correct", *LINE, "--author", "A"), "--kind: an option is missing"),
        (("correct", "--kind", "split", "--author", "A"), "--line: an option is missing"),
        (("correct", "--withdraw", "x", *LINE, "--author", "A"), "Leave the other options out"),
        (("kpi", *DAY, "--as-known-at", later), "nobody knows yet"),
        (("kpi", *DAY, "--as-known-at", "then"), "--as-known-at: 'then' is not a time"),
        (("freeze", *LINE, "--start", "2026-03-02T07:15", "--end", "2026-03-02", "--author", "A"),
         "is not a full hour"),
    ):  # fmt: skip
        assert said in refused(*wrong, *of), wrong


def test_a_frozen_day_keeps_its_figures(data: Path) -> None:
    of = ("--data", data)
    (first,) = answer("kpi", *DAY, *of)
    days = ("--start", "2026-03-02", "--end", "2026-03-02")
    told = answer("freeze", *LINE, *days, "--author", "Officer Ho", *of)
    assert (told["start"], told["end"]) == (
        "2026-03-02T00:00:00+08:00",
        "2026-03-03T00:00:00+08:00",
    )
    assert answer("kpi", *DAY, *of) == [first]
    answer(*AMOUNT, "--amount", "50", *of)
    (after,) = answer("kpi", *DAY, *of)
    assert without(after, "restated") == first
    assert after["restated"]["reject_count"] != first["reject_count"]
    assert after["restated"]["since"] == told["frozen_at"]
    assert answer("frozen", *LINE, *of) == [told]
    assert "is frozen already" in refused("freeze", *LINE, *days, "--author", "X", *of)


def test_what_is_not_frozen_says_so(data: Path) -> None:
    """A part of an hour, and the list of stops: nobody takes them for accepted figures."""
    of = ("--data", data)
    day, part = DAY, (*LINE, "--start", "2026-03-02T08:30", "--end", "2026-03-02T11:00")
    assert "frozen" not in answer("stops", *day, *of)
    days = ("--start", "2026-03-02", "--end", "2026-03-02")
    period = answer("freeze", *LINE, *days, "--author", "Officer Ho", *of)
    assert answer("stops", *day, *of)["frozen"] == [period]
    said = lineproof("stops", *day, *of).output
    assert "is frozen as Officer Ho accepted it" in said
    (whole,) = answer("kpi", *day, *of)
    assert "not_frozen" not in whole
    piece = {"start": "2026-03-02T08:30:00+08:00", "end": "2026-03-02T09:00:00+08:00"}
    (row,) = answer("kpi", *part, *of)
    assert row["not_frozen"] == [piece]
    hours = answer("kpi", *part, "--by", "hour", *of)
    assert [row.get("not_frozen") for row in hours] == [[piece], None, None]
    said = lineproof("kpi", *part, "--method", "iso22400", "--method", "oee-com", *of).output
    assert said.count("2026-03-02 08:30 to 2026-03-02 09:00 is a part of a frozen hour") == 1


def test_people_get_tables(data: Path) -> None:
    of = ("--data", data)
    said = lineproof(*AMOUNT, "--amount", "50", *of).output
    assert said.startswith("press-1: quantity of 2026-03-02 08:00:00 to 2026-03-02 10:00:00 is")
    identity = said.split()[-1].rstrip(".")
    assert "reject_count = 50" in lineproof("corrections", *LINE, *of).output
    days = ("--start", "2026-03-02", "--end", "2026-03-02")
    assert "is frozen from" in lineproof("freeze", *LINE, *days, "--author", "Ho", *of).output
    assert "Ho" in lineproof("frozen", *LINE, *of).output
    gone = lineproof("correct", "--withdraw", identity, "--author", "Bob", *of).output
    assert gone.startswith(f"{identity} is withdrawn")


def test_a_running_node_says_the_same(data: Path) -> None:
    with node(data, EXAMPLES / "plant.yaml", EXAMPLES / "grant.yaml") as running:
        of = ("--url", running.url)
        (first,) = answer("kpi", *DAY, *of)
        told = answer(*AMOUNT, "--amount", "50", *of)
        assert "overlaps" in refused(*AMOUNT, "--amount", "50", *of)
        (corrected,) = answer("kpi", *DAY, *of)
        between = datetime.now(UTC).isoformat()
        days = ("--start", "2026-03-02", "--end", "2026-03-02")
        period = answer("freeze", *LINE, *days, "--author", "Officer Ho", *of)
        answer("correct", "--withdraw", told["id"], "--author", "Bob", *of)
        documents = [
            ("kpi", *DAY),
            ("kpi", *DAY, "--by", "hour"),
            ("kpi", *DAY, "--as-known-at", between),
            ("stops", *DAY, "--as-known-at", between),
            ("corrections", *LINE),
            ("corrections", *LINE, "--as-known-at", between),
            ("frozen", *LINE),
            ("milestones", "--project", "NIFS-2026-001", "--as-of", "2026-04-01"),
        ]
        remote = [answer(*question, *of) for question in documents]
    assert remote == [answer(*question, "--data", data) for question in documents]
    (row,) = remote[0]
    assert without(row, "restated") == corrected
    assert row["restated"]["reject_count"] == first["reject_count"]
    assert remote[2] == [corrected]
    assert remote[6] == [period]
