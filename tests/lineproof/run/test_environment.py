"""What the environment says to the program: what it knows, and what would be ignored."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import run

from lineproof.run.environment import VARIABLES, environment, unknown_variables

HOME = {"HOME": "/root", "PATH": "/usr/bin"}


def test_what_is_known_is_named_and_its_value_is_not() -> None:
    (found,) = environment({**HOME, "LINEPROOF_TOKEN": "s3cret"})
    assert (found.status, found.detail) == ("ok", "it sets LINEPROOF_TOKEN")
    (found,) = environment(HOME)
    assert (found.status, found.detail) == ("ok", "it sets nothing of this program")


def test_a_misspelt_name_is_told_with_the_right_one() -> None:
    told = {**HOME, "LINEPROOF_STORE__BUKCET": "s3cret"}
    (sentence,) = unknown_variables(told)
    assert "LINEPROOF_STORE__BUKCET" in sentence
    assert "'LINEPROOF_STORE__BUCKET'" in sentence
    assert "s3cret" not in sentence
    (found,) = environment(told)
    assert (found.status, found.subject) == ("warning", "environment")
    assert "'LINEPROOF_STORE__BUCKET'" in found.todo


def test_all_that_a_command_takes_is_known() -> None:
    assert {"LINEPROOF_STORE__KIND", "LINEPROOF_STORE__ARCHIVE_SECRET"} <= set(VARIABLES)
    assert unknown_variables(dict.fromkeys(VARIABLES, "")) == []


def test_what_cannot_be_a_store_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEPROOF_STORE__KIND", "postgres")
    (found,) = environment({"LINEPROOF_STORE__KIND": "postgres"})
    assert found.status == "problem"
    assert "'postgresql'" in found.detail


def test_authorities_that_are_not_there(tmp_path: Path) -> None:
    there = tmp_path / "authorities.pem"
    there.touch()
    assert [it.status for it in environment({"SSL_CERT_FILE": str(there)})] == ["ok"]
    (found,) = environment({"SSL_CERT_FILE": str(tmp_path / "gone.pem")})
    assert (found.status, "gone.pem" in found.detail) == ("problem", True)


def test_a_command_that_starts_says_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINEPROOF_STORE__BUKCET", "a")
    settings = tmp_path / "collector.yaml"
    settings.write_text("port: 0\n")
    outcome = run("collector", "--config", settings)
    assert outcome.status == 2
    assert "Warning: the environment has LINEPROOF_STORE__BUKCET" in outcome.errors
