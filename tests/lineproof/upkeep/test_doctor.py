"""The doctor finds what was spoilt by hand, and nothing where all is well."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from archived import flip, lying, rewrite
from peers import ROOT

from api.queries.lines import Queries
from api.records.accepted_periods import freeze
from api.records.corrections import Draft, record
from collector.facts.keeper import FactsKeeper
from lineproof.clock import utc_now
from lineproof.history_import.importer import import_files
from lineproof.upkeep.apply import apply_files
from lineproof.upkeep.doctor import examine
from lineproof.upkeep.findings import Finding
from store.node.opening import Stores, open_stores

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Stores]:
    with open_stores(tmp_path / "node") as opened:
        apply_files(opened.registry, [EXAMPLES / "plant.yaml"], utc_now())
        import_files(opened, None, "press-1", [EXAMPLES / "history.csv"], now=utc_now())
        yield opened


def _found(stores: Stores, now: datetime | None = None) -> dict[str, Finding]:
    return {it.subject: it for it in examine(stores, now or utc_now())}


def test_a_healthy_node_is_ok_throughout(stores: Stores) -> None:
    findings = _found(stores)
    assert {it.status for it in findings.values()} == {"ok"}
    assert "whole from batch 1" in findings["chain import"].detail


def test_a_revoked_agent_is_told_as_such_and_its_batches_stay_good(stores: Stores) -> None:
    stores.registry.agents.revoke("import", utc_now(), by="chan")
    findings = _found(stores)
    assert findings["agent import"].detail.startswith("revoked at ")
    assert "whole from batch 1" in findings["chain import"].detail


def test_a_batch_gone_from_the_archive_breaks_the_chain(stores: Stores) -> None:
    digest = next(iter(stores.archive.digests()))
    rewrite(stores.folder.archive, {digest: None})
    finding = _found(stores)["chain import"]
    assert finding.status == "problem"
    assert digest in finding.detail


def test_a_changed_byte_in_the_archive_is_found(stores: Stores) -> None:
    batch = lying(stores.folder.archive)[0]
    flip(batch.segment, batch.end - 1)
    finding = _found(stores)["chain import"]
    assert finding.status == "problem"
    assert f"the batch with the digest {batch.digest} is damaged" in finding.detail
    assert f"begins at byte {batch.head} of import/" in finding.detail


def test_a_damaged_head_in_the_archive_is_found(stores: Stores) -> None:
    """The batch is read as long as the index knows where it lies."""
    batch = lying(stores.folder.archive)[0]
    flip(batch.segment, batch.head + 10)
    findings = _found(stores)
    where = f"{batch.segment} at byte {batch.head} ({batch.end - batch.head} bytes)"
    assert findings["archive"].status == "problem"
    assert f"the first is {where}" in findings["archive"].detail
    assert findings["chain import"].status == "ok"
    finding = _found(stores)["chain import"]
    assert finding.status == "problem"
    assert "missing in the archive" in finding.detail


def test_bytes_that_a_forger_put_in_place_are_found(stores: Stores) -> None:
    batch = lying(stores.folder.archive)[0]
    data = bytearray(stores.archive.get(batch.digest))
    data[-1] ^= 1
    rewrite(stores.folder.archive, {batch.digest: bytes(data)})
    finding = _found(stores)["chain import"]
    assert finding.status == "problem"
    assert "not the one that was accepted" in finding.detail


def test_a_swapped_batch_is_found(stores: Stores) -> None:
    """Another genuine batch in its place is not what the ledger says."""
    first, second = list(stores.archive.digests())[:2]
    rewrite(stores.folder.archive, {second: stores.archive.get(first)})
    assert _found(stores)["chain import"].status == "problem"


def test_a_clock_that_was_set_back_is_found(stores: Stores) -> None:
    finding = _found(stores, utc_now() - timedelta(days=400))["clock"]
    assert finding.status == "problem"
    assert "later before" in finding.detail


def test_refused_batches_are_a_problem(stores: Stores) -> None:
    stores.archive.quarantine.keep(b"no batch", "malformed")
    finding = _found(stores)["quarantine"]
    assert finding.status == "problem"
    assert "1 malformed" in finding.detail


def test_an_agent_that_never_sent_is_a_warning(stores: Stores) -> None:
    stores.registry.agents.enrol("late", b"k" * 32, utc_now())
    assert _found(stores)["agent late"].status == "warning"


def _day_frozen(stores: Stores) -> str:
    queries = Queries(stores.telemetry, stores.registry, utc_now)
    told = freeze(queries, stores.registry.record, "press-1", "2026-03-02", "2026-03-02", "Officer")
    return str(told["facts_digest"])


def test_a_correction_that_the_facts_do_not_follow_is_told(stores: Stores) -> None:
    queries = Queries(stores.telemetry, stores.registry, utc_now)
    given = Draft("quantity", "Ann", "2026-03-02T08:00", "2026-03-02T09:00",
                  element="reject_count", amount=1.0)  # fmt: skip
    record(queries, stores.registry.record, "press-1", given, "c1")
    finding = _found(stores)["facts"]
    assert (finding.status, finding.detail) == ("warning", "not up to date of press-1")
    FactsKeeper(stores.telemetry, stores.registry.facts_basis, utc_now).refresh()
    assert _found(stores)["facts"].status == "ok"


def test_frozen_facts_that_were_changed_or_are_gone_are_found(stores: Stores) -> None:
    subject = "frozen press-1 from 2026-03-02T00:00+08:00"
    digest = _day_frozen(stores)
    assert _found(stores)[subject].status == "ok"
    file = next(stores.folder.documents.rglob(digest))
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.chmod(0o600)
    file.write_bytes(bytes(data))
    assert "were changed after they were accepted" in _found(stores)[subject].detail
    file.unlink()
    assert _found(stores)[subject].status == "problem"


def test_an_audit_that_was_changed_is_found(stores: Stores) -> None:
    """The plant was applied and the agent of the import enrolled: rows of it are there."""
    file = next(stores.folder.path.rglob("registry*.sqlite"))
    with contextlib.closing(sqlite3.connect(file)) as other, other:
        assert other.execute("UPDATE audit SET who = 'somebody else'").rowcount
    finding = _found(stores)["audit"]
    assert finding.status == "problem"
    assert "row 1 was changed" in finding.detail
    assert "backup" in finding.todo
