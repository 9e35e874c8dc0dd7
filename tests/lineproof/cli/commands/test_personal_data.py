"""A person's data by the command line: listed, and erased where it is meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import answer, lineproof, refused


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with an administrator, and somebody whose account is disabled."""
    folder = tmp_path / "node"
    lineproof("user", "add", "boss", "--role", "administrator", "--data", folder)
    lineproof("user", "add", "lee", "--role", "operator", "--name", "Lee Mei", "--data", folder)
    lineproof("user", "disable", "lee", "--data", folder)
    return folder


def test_a_person_is_listed_and_erased(data: Path) -> None:
    of = ("--data", data)
    shown = lineproof("user", "data", "lee", *of)
    assert "lee / Lee Mei" in shown.output
    assert "Not looked into: the bytes of attached documents" in shown.errors
    listed = answer("user", "data", "lee", *of)
    assert {it["where"] for it in listed["held"]} == {"accounts", "assignments"}
    assert {it["place"] for it in listed["audit"]} == {"lee"}
    erased = lineproof("user", "erase", "lee", "--yes", *of).output
    assert "'lee' is erased; where a name is needed, erased-" in erased
    assert "nothing is held of 'lee'" in refused("user", "data", "lee", *of)
    assert [it["name"] for it in answer("user", "list", *of)] == ["boss"]
    assert answer("doctor", *of)["ok"]


def test_nothing_is_erased_unless_it_is_meant(data: Path) -> None:
    assert "--yes" in refused("user", "erase", "lee", "--data", data)
    assert answer("user", "data", "lee", "--data", data)["held"]
