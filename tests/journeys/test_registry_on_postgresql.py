"""The same figures, verdicts and findings, wherever the registry is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import node, run
from peers import ROOT
from postgres import PostgresServer, postgres_server

EXAMPLES = ROOT / "docs" / "examples"
WINDOW = ("--start", "2026-03-01", "--end", "2026-04-01")


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


def story(data: Path, registry: str) -> tuple[Any, Any]:
    """What a node says in the end, as JSON without the time of asking."""
    environment = {"LINEPROOF_STORE__REGISTRY": registry} if registry else {}

    def ask(*words: str | Path) -> str:
        done = run(*words, "--data", data, environment=environment)
        assert done.status == 0, done.errors
        return done.output

    ask("apply", "-f", EXAMPLES / "plant.yaml", "-f", EXAMPLES / "grant.yaml")
    ask("import", "--line", "press-1", EXAMPLES / "history.csv")
    assert (data / "registry.sqlite").exists() is not bool(registry)
    figures = json.loads(ask("kpi", "--line", "press-1", *WINDOW, "--by", "shift", "--json"))
    as_of = ("--as-of", "2026-07-01T00:00+08:00")
    verdicts = json.loads(ask("milestones", "--project", "NIFS-2026-001", *as_of, "--json"))
    for it in verdicts["milestones"]:
        it["evidence"].pop("checkpoint", None)  # of a ledger with a key of its own
    return figures, verdicts


def test_figures_and_verdicts_are_the_same_to_the_digit(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    here = story(tmp_path / "here", "")
    there = story(tmp_path / "there", postgres.empty())
    assert there == here
    assert len(here[0]) > 1
    assert here[0][0]["oee"] is not None


def test_a_node_remembers_where_its_registry_is(postgres: PostgresServer, tmp_path: Path) -> None:
    url, data = postgres.empty(), tmp_path / "node"
    with node(data, EXAMPLES / "plant.yaml", settings=f"registry: {url}\n") as running:
        assert [it["line"] for it in running.get("lines")] == ["press-1"]
    assert (data / "store.yaml").stat().st_mode & 0o777 == 0o600
    found = json.loads(run("doctor", "--data", data, "--json").output)
    wrong = [it for it in found["findings"] if it["status"] == "problem"]
    assert wrong == []
    assert not (data / "registry.sqlite").exists()
