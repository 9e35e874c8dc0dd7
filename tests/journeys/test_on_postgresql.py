"""The same figures, verdicts, findings and facts, wherever registry and telemetry are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from command_line import node, run
from exact import stored_facts
from peers import ROOT
from postgres import PostgresServer, postgres_server

EXAMPLES = ROOT / "docs" / "examples"
LINE = "press-1"
WINDOW = ("--start", "2026-03-01", "--end", "2026-04-01")
ALL_TIME = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with postgres_server() as server:
        yield server


def story(data: Path, settings: str = "") -> tuple[Any, Any, list[str]]:
    """What a node says in the end, as JSON without the time of asking, and its facts. `settings`:
    of its stores; none for a folder alone."""
    if settings:
        data.mkdir()
        (data / "store.yaml").write_text(settings)

    def ask(*words: str | Path) -> str:
        done = run(*words, "--data", data)
        assert done.status == 0, done.errors
        return done.output

    ask("apply", "-f", EXAMPLES / "plant.yaml", "-f", EXAMPLES / "grant.yaml")
    ask("import", "--line", LINE, EXAMPLES / "history.csv")
    assert (data / "registry.sqlite").exists() is not bool(settings)
    assert (data / "telemetry.duckdb").exists() is not ("postgresql" in settings.split("\n")[0])

    def figures() -> tuple[Any, Any, list[str]]:
        shifts = json.loads(ask("kpi", "--line", LINE, *WINDOW, "--by", "shift", "--json"))
        as_of = ("--as-of", "2026-07-01T00:00+08:00")
        verdicts = json.loads(ask("milestones", "--project", "NIFS-2026-001", *as_of, "--json"))
        for it in verdicts["milestones"]:
            it["evidence"].pop("checkpoint", None)  # of a ledger with a key of its own
        return shifts, verdicts, stored_facts(data, LINE, *ALL_TIME)

    before = figures()
    ask("rebuild")
    assert figures() == before
    found = json.loads(ask("doctor", "--json"))
    assert [it for it in found["findings"] if it["status"] == "problem"] == []
    return before


@pytest.fixture(scope="module")
def in_a_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any, list[str]]:
    return story(tmp_path_factory.mktemp("here") / "node")


@pytest.mark.parametrize("kind", ["duckdb", "postgresql"])
def test_figures_verdicts_and_facts_are_the_same(
    postgres: PostgresServer,
    tmp_path: Path,
    kind: str,
    in_a_folder: tuple[Any, Any, list[str]],
) -> None:
    there = story(tmp_path / "there", f"kind: {kind}\nregistry: {postgres.empty()}\n")
    assert there == in_a_folder
    shifts, _, facts = in_a_folder
    assert len(shifts) > 1
    assert shifts[0]["oee"] is not None
    assert len(facts) >= 10


@pytest.mark.parametrize("store", ["", "store: postgresql\n"])
def test_a_node_remembers_where_its_stores_are(
    postgres: PostgresServer, tmp_path: Path, store: str
) -> None:
    url, data = postgres.empty(), tmp_path / "node"
    with node(data, EXAMPLES / "plant.yaml", settings=f"{store}registry: {url}\n") as running:
        assert [it["line"] for it in running.get("lines")] == [LINE]
    assert (data / "store.yaml").stat().st_mode & 0o777 == 0o600
    found = json.loads(run("doctor", "--data", data, "--json").output)
    wrong = [it for it in found["findings"] if it["status"] == "problem"]
    assert wrong == []
    assert not (data / "registry.sqlite").exists()
    assert (data / "telemetry.duckdb").exists() is not bool(store)
