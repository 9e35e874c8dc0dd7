"""A rebuild that would put less in force than is there says what would go, and does not go on
without a yes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from archived import rewrite
from command_line import run
from whole_folder import make, registry_by_hand

from lineproof.clock import utc_now
from lineproof.upkeep.rebuild import rebuild_folder
from store.node.opening import open_stores


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("less") / "node")


@pytest.fixture
def node(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "node")


def _ledger(node: Path) -> list[tuple[str, int]]:
    with open_stores(node) as stores:
        return [(it.agent, it.number) for it in stores.telemetry.batches(limit=1000)]


def test_batches_that_the_archive_lost_stay_in_force_without_a_yes(node: Path) -> None:
    before = _ledger(node)
    with open_stores(node) as stores:
        digest = next(it.digest for it in stores.telemetry.batches() if it.agent == "agent-1")
    rewrite(node / "archive", {digest: None})
    refused = run("rebuild", "--data", node)
    assert refused.status == 1
    assert "less in force than is there: 1 of 1 batches of agent-1" in refused.errors
    assert "--yes" in refused.errors
    assert _ledger(node) == before
    assert run("rebuild", "--data", node, "--yes").status == 0
    assert _ledger(node) == [it for it in before if it[0] != "agent-1"]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("corrections", "the correction press-1 1 is gone"),
        ("frozen", "the accepted period press-1 1 is gone"),
        ("plan_changes", "the calendar's exception press-1 1 is gone"),
        ("project_versions", "the grant file"),
        ("agent_revocations", "the revocation of agent gone is gone"),
    ],
)
def test_rows_that_the_registry_lost(node: Path, table: str, said: str) -> None:
    with registry_by_hand(node) as db:
        db.execute(f"DELETE FROM {table}")
    told: list[str] = []
    rebuild_folder(node, utc_now(), agree=lambda lost: not told.extend(lost))
    assert any(said in it for it in told), told


def test_a_rebuild_that_loses_nothing_asks_nothing(node: Path) -> None:
    def never(lost: object) -> bool:
        raise AssertionError(lost)

    rebuild_folder(node, utc_now(), agree=never)
