"""`lineproof scheme`: rules as a table and as JSON; and grant files that no scheme would take."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import answer, lineproof, refused

PLANT = """
plant: cans
timezone: Asia/Hong_Kong
company: {name: {en: Cans Ltd}, business_registration: "%(company)s"}
lines:
  cans: {name: {en: Cans}, machines: {m: {profile: import}}, roles: {state: m}}
"""
GRANT = """
project: P1
scheme: NIFS
plant: cans
lines: [cans]
approved_cost_hkd: 54000000
approved_on: 2025-01-15
start: 2025-02-01
end: 2027-01-31
milestones:
  - id: M1
    clause: "6.1"
    due: 2027-01-31
    title: {en: Accounts}
    terms: {kind: document, document: accounts}
"""


def test_the_list_has_every_rule_with_its_day() -> None:
    rules = answer("scheme", "list")
    assert {it["scheme"] for it in rules} == {"NIFS", "NIAS", "MPUPS", "NITTP", "RTH"}
    assert "2025-11-18" in lineproof("scheme", "list").output


def test_a_rule_is_shown_with_the_source_of_each_figure() -> None:
    rule = answer("scheme", "show", "NIAS", "--on", "2025-11-17")
    assert rule["figures"]["least_cost_hkd"]["is"] == 300_000_000
    later = answer("scheme", "show", "NIAS")["figures"]
    assert later["least_cost_hkd"]["is"] == 150_000_000
    assert later["least_cost_hkd"]["source"]["excerpt"] is True
    shown = lineproof("scheme", "show", "NIAS").output
    assert "only an excerpt was read" in " ".join(re.sub("[│┃]", " ", shown).split())
    assert all(it["source"]["title"] and it["source"]["dated"] for it in later.values())
    training = answer("scheme", "show", "NITTP")["figures"]
    assert training["least_attendance"]["is"] == 0.7


def test_what_is_not_known_is_refused_with_what_is() -> None:
    assert "Did you mean 'NIFS'" in refused("scheme", "show", "NIFF")
    assert "2018-08-22 to 2023-10-30" in refused("scheme", "show", "NITTP", "--on", "2024-05-01")
    assert "as in 2025-01-15" in refused("scheme", "show", "NITTP", "--on", "May")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "plant.yaml"
    file.write_text(PLANT % {"company": "1"}, encoding="utf-8")
    lineproof("apply", "-f", file, "--data", tmp_path / "node")
    return tmp_path / "node"


def grant(data: Path, *changes: tuple[str, str]) -> Path:
    text = GRANT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = data.parent / "grant.yaml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ([("approved_on: 2025-01-15", "approved_on: 2020-07-26")], "approved_on", "began on"),
        ([("scheme: NIFS", "scheme: NIAS")], "approved_cost_hkd", "must cost: HK$300,000,000"),
        ([("scheme: NIFS", "scheme: MPUPS")], "approved_on", "MPUPS began on 2025-11-18"),
    ],
)
def test_a_grant_file_that_the_scheme_would_not_take_is_refused(
    data: Path, changes: list[tuple[str, str]], field: str, says: str
) -> None:
    said = refused("apply", "-f", grant(data, *changes), "--data", data)
    assert f"field '{field}'" in said
    assert re.search(r"grant\.yaml, line \d", said)
    assert says in said
    assert "Nothing was changed" in said


def test_a_companys_fourth_project_at_a_time_is_refused_also_of_another_plant(data: Path) -> None:
    for number in (1, 2, 3):
        file = grant(data, ("project: P1", f"project: P{number}"))
        lineproof("apply", "-f", file, "--data", data)
    fourth = grant(data, ("project: P1", "project: P4"))
    assert "NIFS allows 3 at a time" in refused("apply", "-f", fourth, "--data", data)
    for company, plant in (("1", "same"), ("2", "other")):
        text = (PLANT % {"company": company}).replace("cans", plant)
        (data.parent / "other.yaml").write_text(text, encoding="utf-8")
        lineproof("apply", "-f", data.parent / "other.yaml", "--data", data)
    changes = [("project: P1", "project: P4"), ("plant: cans", "plant: same"), ("[cans]", "[same]")]
    assert "P1, P2, P3 running" in refused("apply", "-f", grant(data, *changes), "--data", data)
    changes = [(old, new.replace("same", "other")) for old, new in changes]
    lineproof("apply", "-f", grant(data, *changes), "--data", data)
    lineproof("apply", "-f", grant(data, ("54000000", "60000000")), "--data", data)
